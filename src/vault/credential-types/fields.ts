import { GatehouseError } from '../../kernel/errors.js';
import { applies, authOf } from './auth.js';
import { baseUrlOf, exchangeHostsOf, hostFieldsOf, hostsOf } from './hosts.js';
import type { CredentialType, FieldSpec } from './schema.js';
import { type FieldValue, type FieldValues, isPairs } from './template.js';

/** Fields that may be saved. */
export interface CheckedFields {
  readonly values: FieldValues;
  /** Values that do not look as the vendor documents them; they are kept all the same. */
  readonly warnings: readonly string[];
}

/** One text of a field: longer than every key, certificate and service account file seen. */
const MAX_TEXT_CHARACTERS = 16_384;
const MAX_ENTRIES = 100;

/**
 * Checks the fields of a credential, fills in the defaults and reads each as its kind. `''` and `null` count as left out.
 * Shapes are told as warnings; they refuse only where a field decides which host is called.
 * @throws GatehouseError `BAD_REQUEST` naming every field at fault and repeating no value
 */
export function checkFields(type: CredentialType, given: Readonly<Record<string, unknown>>): CheckedFields {
  const faults: string[] = [];
  const values: Record<string, FieldValue> = {};
  const specs = new Map(type.fields.map((field) => [field.name, field]));
  for (const name of Object.keys(given)) {
    const known = [...specs.keys()].join(', ');
    if (!specs.has(name)) faults.push(`fields.${name.slice(0, 64)}: ${type.label} has no such field; it has ${known}`);
  }
  for (const field of type.fields) {
    const value = Object.hasOwn(given, field.name) ? given[field.name] : undefined;
    const isGiven = value !== undefined && value !== null && value !== '';
    if (!applies(field.showIf, values)) {
      if (isGiven) faults.push(`fields.${field.name}: belongs to ${wordsOf(field.showIf)} only`);
      continue;
    }
    try {
      const read = readValue(field, isGiven ? value : field.default);
      if (read !== undefined) values[field.name] = read;
      else if (isRequired(field, values)) faults.push(`fields.${field.name}: is missing (${field.label})`);
    } catch (error) {
      faults.push(`fields.${field.name}: ${(error as Error).message}`);
    }
  }
  if (faults.length > 0) throw refusal(faults);
  const warnings = type.fields.flatMap((field) => shapeFaults(field, values[field.name]));
  const hostFields = hostFieldsOf(type);
  const gates = warnings.filter(({ name }) => hostFields.has(name));
  if (gates.length > 0) throw refusal(gates.map(({ name, words }) => `fields.${name}: ${words}`));
  requireUsable(type, values);
  return { values, warnings: warnings.map(({ name, words }) => `${name}: ${words}`) };
}

function refusal(faults: readonly string[]): GatehouseError {
  return new GatehouseError('BAD_REQUEST', `${faults.slice(0, 5).join('; ')}.`);
}

function isRequired({ required, requiredIf }: FieldSpec, values: FieldValues): boolean {
  return required || (requiredIf !== undefined && applies(requiredIf, values));
}

function wordsOf(when: Readonly<Record<string, string>> = {}): string {
  return Object.entries(when)
    .map(([name, value]) => `${name} ${value}`)
    .join(' and ');
}

/** @throws Error in words that name no value */
function readValue(field: FieldSpec, value: unknown): FieldValue | undefined {
  if (value === undefined) return undefined;
  switch (field.kind) {
    case 'number': {
      const number = typeof value === 'string' && /^\d{1,9}$/.test(value) ? Number(value) : value;
      if (!Number.isInteger(number) || (number as number) < 1 || (number as number) > 1_000_000_000)
        throw new Error('is a whole number from 1');
      if (field.name === 'port' && (number as number) > 65_535) throw new Error('a port is at most 65535');
      return number as number;
    }
    case 'boolean':
      if (value === true || value === 'true') return true;
      if (value === false || value === 'false') return false;
      throw new Error('is true or false');
    case 'select': {
      const options = field.options ?? [];
      if (!options.some((option) => option.value === value))
        throw new Error(`is one of ${options.map((option) => option.value).join(', ')}`);
      return value as string;
    }
    case 'json':
      return readJson(field, value);
    case 'keyvalue':
      return readPairs(field, value);
    case 'url':
      return readUrl(oneLineText(value));
    default:
      return field.list === true ? readList(value) : oneLineText(value);
  }
}

/** Printable, on one line: what has a line break could end a header, a log line or a mail command. */
function oneLineText(value: unknown): string {
  if (typeof value !== 'string') throw new Error('is a text');
  if (value.length > MAX_TEXT_CHARACTERS) throw new Error(`has more than ${MAX_TEXT_CHARACTERS} characters`);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is refused
  if (/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/.test(value))
    throw new Error('holds a line break or another control character');
  if (value.trim() !== value) throw new Error('begins or ends with a blank');
  return value;
}

function readList(value: unknown): readonly string[] | undefined {
  const entries: unknown[] = Array.isArray(value) ? value : typeof value === 'string' ? value.split(/[\s,]+/) : [value];
  if (entries.length > MAX_ENTRIES) throw new Error(`has more than ${MAX_ENTRIES} entries`);
  const list = [...new Set(entries.map(oneLineText).filter((entry) => entry !== ''))].map((entry) =>
    entry.toLowerCase(),
  );
  return list.length === 0 ? undefined : list;
}

function readUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || (url.protocol !== 'https:' && url.protocol !== 'http:'))
    throw new Error('is not an http or https URL');
  if (url.username !== '' || url.password !== '')
    throw new Error('holds a user or password; they have fields of their own');
  if (text.includes('\\')) throw new Error('holds a backslash');
  if (url.search !== '' || url.hash !== '' || /[?#]/.test(text)) throw new Error('holds a query or fragment');
  // What is judged is what is called: the parsed form, never the text.
  return url.href.replace(/\/$/, '');
}

function readJson({ requiredKeys = [] }: FieldSpec, value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  if (text.length > MAX_TEXT_CHARACTERS) throw new Error(`has more than ${MAX_TEXT_CHARACTERS} characters`);
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch {
    throw new Error('is not JSON');
  }
  if (typeof document !== 'object' || document === null || Array.isArray(document))
    throw new Error('is not a JSON object');
  for (const key of requiredKeys) {
    const member: unknown = Object.hasOwn(document, key) ? (document as Record<string, unknown>)[key] : undefined;
    if (typeof member !== 'string' || member === '') throw new Error(`has no ${key}`);
  }
  return text;
}

function readPairs({ keyPattern }: FieldSpec, value: unknown): Readonly<Record<string, string>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new Error('is an object of names and texts');
  const pairs = Object.entries(value);
  if (pairs.length === 0) throw new Error('holds no value');
  if (pairs.length > MAX_ENTRIES) throw new Error(`has more than ${MAX_ENTRIES} entries`);
  const allowed = new RegExp(keyPattern ?? HEADER_NAME);
  for (const [name, text] of pairs) {
    if (!allowed.test(name) || name === '__proto__')
      throw new Error(`the name ${JSON.stringify(name.slice(0, 64))} is not allowed here`);
    if (typeof text !== 'string') throw new Error(`${name} is not a text`);
    if (text.length > MAX_TEXT_CHARACTERS) throw new Error(`${name} has more than ${MAX_TEXT_CHARACTERS} characters`);
  }
  return Object.fromEntries(pairs);
}

/** RFC 9110 §5.1. */
const HEADER_NAME = "^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}$";

function shapeFaults({ name, pattern }: FieldSpec, value: FieldValue | undefined): { name: string; words: string }[] {
  if (pattern === undefined || value === undefined || isPairs(value)) return [];
  const shape = new RegExp(pattern);
  const texts = Array.isArray(value) ? (value as readonly string[]) : [String(value)];
  return texts.every((text) => shape.test(text)) ? [] : [{ name, words: 'does not look as the vendor documents it' }];
}

/** Builds everything once, so that what cannot be sent is refused when it is saved and not when it is used. */
function requireUsable(type: CredentialType, values: FieldValues): void {
  const { headers, defaultHeaders } = authOf(type, values, { access_token: 'x' });
  const seen = new Set<string>();
  for (const [name, value] of [...headers, ...defaultHeaders]) {
    const lower = name.toLowerCase();
    if (!new RegExp(HEADER_NAME).test(name) || type.forbiddenHeaderNames?.includes(lower))
      throw refusal([`fields: ${JSON.stringify(name.slice(0, 64))} cannot be sent as a header`]);
    if (seen.has(lower)) throw refusal([`fields: the header ${name} is there twice`]);
    seen.add(lower);
    if (!/^[\t\u0020-\u007e\u0080-\u00ff]*$/.test(value))
      throw refusal([`fields: the value for the header ${name} holds a character that no header can carry`]);
  }
  try {
    baseUrlOf(type, values);
    for (const host of [...hostsOf(type, values), ...exchangeHostsOf(type, values)])
      if (!host.startsWith('*.')) new URL(`https://${host}`);
  } catch {
    throw refusal(['fields: they make no host that can be called']);
  }
}
