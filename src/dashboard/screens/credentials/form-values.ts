import type { CredentialTypeView, CredentialView } from '../../../contract/credentials.js';

export type Field = CredentialTypeView['fields'][number];

export interface Pair {
  /** Only tells the lines of the form apart. */
  readonly id: number;
  readonly name: string;
  readonly value: string;
}
export type FormValue = string | boolean | readonly Pair[];
export type FormValues = Readonly<Record<string, FormValue>>;

/** What a form begins with: what is shown of the credential it replaces, else the defaults. Secrets always begin empty. */
export function initialValues(type: CredentialTypeView, replaced: CredentialView | null): FormValues {
  return Object.fromEntries(
    type.fields.map((field) => {
      if (field.kind === 'keyvalue') return [field.name, [{ id: 0, name: '', value: '' }]];
      const kept = field.secret ? undefined : replaced?.fields[field.name];
      const value = kept ?? field.default;
      if (field.kind === 'boolean') return [field.name, value === true];
      return [field.name, Array.isArray(value) ? value.join(', ') : String(value ?? '')];
    }),
  );
}

const holds = (when: Readonly<Record<string, string>> | null, values: FormValues) =>
  Object.entries(when ?? {}).every(([name, value]) => String(values[name]) === value);

export const isShown = (field: Field, values: FormValues): boolean => holds(field.showIf, values);

export const isRequired = (field: Field, values: FormValues): boolean =>
  field.required || (field.requiredIf !== null && holds(field.requiredIf, values));

const filledPairs = (value: FormValue | undefined): readonly Pair[] =>
  Array.isArray(value) ? value.filter((pair: Pair) => pair.name !== '' || pair.value !== '') : [];

export const isEmpty = (value: FormValue | undefined): boolean =>
  typeof value === 'boolean' ? false : typeof value === 'string' ? value === '' : filledPairs(value).length === 0;

/** Not as the vendor documents it. It may be saved all the same: vendors change their formats. */
export function looksOdd(field: Field, value: FormValue | undefined): boolean {
  return (
    field.pattern !== null && typeof value === 'string' && value !== '' && !new RegExp(field.pattern).test(value.trim())
  );
}

export interface Replacing {
  /** Names of the secret fields that are set now. */
  readonly secretFields: readonly string[];
  /** Those of them that are to be taken away. */
  readonly removed: ReadonlySet<string>;
}

export type Fault = 'missing' | 'giveAnew';

/** Why a form cannot be sent yet, by field. Blank never means keep: a secret that is set is given anew or taken away. */
export function faultsOf(
  type: CredentialTypeView,
  values: FormValues,
  replacing: Replacing | null,
): ReadonlyMap<string, Fault> {
  const faults = new Map<string, Fault>();
  for (const field of type.fields) {
    if (!isShown(field, values) || !isEmpty(values[field.name])) continue;
    if (replacing?.secretFields.includes(field.name) && !replacing.removed.has(field.name))
      faults.set(field.name, 'giveAnew');
    else if (isRequired(field, values) && field.default === null) faults.set(field.name, 'missing');
  }
  return faults;
}

/** The fields as they are sent: what is hidden or blank is left out, what is to be taken away is `null`. */
export function fieldsOf(
  type: CredentialTypeView,
  values: FormValues,
  replacing: Replacing | null,
): Record<string, unknown> {
  const fields: Record<string, unknown> = {};
  for (const field of type.fields) {
    const value = values[field.name];
    if (!isShown(field, values)) continue;
    if (!isEmpty(value)) fields[field.name] = sent(field, value as FormValue);
    else if (replacing?.removed.has(field.name) === true) fields[field.name] = null;
  }
  return fields;
}

function sent(field: Field, value: FormValue): unknown {
  if (typeof value === 'boolean') return value;
  if (typeof value !== 'string') return Object.fromEntries(filledPairs(value).map((pair) => [pair.name, pair.value]));
  if (field.list) return listOf(value);
  return field.kind === 'number' && /^\d+$/.test(value) ? Number(value) : value.trim();
}

export const listOf = (text: string): string[] => text.split(/[\s,]+/).filter((entry) => entry !== '');

/** Every host a credential made of these values could be sent to; what is not filled in yet is left out. */
export function hostsOf(type: CredentialTypeView, values: FormValues): string[] {
  const text = (name: string) => {
    const value = values[name];
    const preset = type.fields.find((field) => field.name === name)?.default;
    return typeof value === 'string' && value !== '' ? value.trim() : preset == null ? '' : String(preset);
  };
  const hosts = type.hosts.flatMap((template) => {
    const [, list] = /^\{(\w+)\[\]\}$/.exec(template) ?? [];
    if (list !== undefined) return listOf(text(list));
    let whole = true;
    const host = template.replace(/\{(\w+)(\|host)?\}/g, (_, name: string, ofUrl?: string) => {
      const value = text(name);
      const part = ofUrl === undefined ? value : URL.canParse(value) ? new URL(value).host : '';
      if (part === '') whole = false;
      return part;
    });
    return whole ? [host] : [];
  });
  return [...new Set(hosts.map((host) => host.toLowerCase()))];
}

/** What the server found wrong, by field; `rest` is what belongs to none of them. */
export function faultsByField(detail: string): { byField: Record<string, string>; rest: string } {
  const byField: Record<string, string> = {};
  const rest: string[] = [];
  for (const part of detail.split('; ')) {
    const [, names, words] = /^((?:fields\.\w+(?:, )?)+|name|note): (.+)$/s.exec(part) ?? [];
    if (names === undefined || words === undefined) rest.push(part);
    else for (const name of names.split(', ')) byField[name.replace('fields.', '')] = words;
  }
  return { byField, rest: rest.join('; ') };
}
