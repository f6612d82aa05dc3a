/** What a field may hold: one text, a number, a switch, several lines, or name and value pairs. */
export type FieldValue = string | number | boolean | readonly string[] | Readonly<Record<string, string>>;
export type FieldValues = Readonly<Record<string, FieldValue>>;

/** Names of the fields that a template takes from. */
export function fieldsIn(template: string): string[] {
  return [...template.matchAll(PLACE)].map(([, name]) => name ?? '');
}

/**
 * Fills the places of a template in one pass: what was put in is never looked at again.
 * @param encode - applied to every value that is put in; left out: as it is
 * @returns `null` when a value is missing
 */
export function fill(template: string, values: FieldValues, encode: (text: string) => string = same): string | null {
  let complete = true;
  const text = template.replace(
    PLACE,
    (_place, name: string, member: string | undefined, filter: string | undefined) => {
      const value = textOf(values, name, member, filter);
      if (value === null) complete = false;
      return encode(value ?? '');
    },
  );
  return complete ? text : null;
}

/** Fills a template that may stand for several texts: `{field[]}` gives one for each entry of a list. */
export function fillList(template: string, values: FieldValues): string[] {
  const list = /^\{(\w+)\[\]\}$/.exec(template)?.[1];
  if (list !== undefined) return listOf(Object.hasOwn(values, list) ? values[list] : undefined);
  const text = fill(template, values);
  return text === null ? [] : [text];
}

/** The pairs of `{field.*}`; `null` for every other template. */
export function pairsIn(template: string, values: FieldValues): [string, string][] | null {
  const name = /^\{(\w+)\.\*\}$/.exec(template)?.[1];
  if (name === undefined) return null;
  const value = Object.hasOwn(values, name) ? values[name] : undefined;
  return isPairs(value) ? Object.entries(value) : [];
}

export function isPairs(value: FieldValue | undefined): value is Readonly<Record<string, string>> {
  return typeof value === 'object' && !Array.isArray(value);
}

/** Makes a value one part of a path: nothing in it can begin another segment, a query or a fragment. */
export function pathSegment(text: string): string {
  // A colon and an at sign may stand in a segment (RFC 3986 §3.3); Telegram's tokens hold one.
  return encodeURIComponent(text).replaceAll('%3A', ':').replaceAll('%40', '@');
}

const PLACE = /\{(\w+)(?:\.([\w*]+))?(?:\[\])?(?:\|(\w+))?\}/g;

const same = (text: string): string => text;

function listOf(value: FieldValue | undefined): string[] {
  return Array.isArray(value) ? [...(value as readonly string[])] : [];
}

function textOf(
  values: FieldValues,
  name: string,
  member: string | undefined,
  filter: string | undefined,
): string | null {
  // Own members only: a template must not reach `constructor` and its like.
  const value = Object.hasOwn(values, name) ? values[name] : undefined;
  if (value === undefined || Array.isArray(value)) return null;
  if (member !== undefined) return memberOf(value, member);
  if (isPairs(value)) return null;
  return filter === 'host' ? hostOf(String(value)) : String(value);
}

/** A member of pairs, or of a field that holds JSON as text. */
function memberOf(value: FieldValue, member: string): string | null {
  const holder: unknown = typeof value === 'string' ? JSON.parse(value) : value;
  if (typeof holder !== 'object' || holder === null || !Object.hasOwn(holder, member)) return null;
  const found = (holder as Record<string, unknown>)[member];
  return typeof found === 'string' ? found : null;
}

/**
 * The host a URL calls, as host lists write it: lower case, IDNA, no trailing dot, and the port unless it is 443 of https.
 * @throws TypeError for what is no URL
 */
export function hostOf(url: string | URL): string {
  const { protocol, hostname, port } = new URL(url);
  const written = port === '' ? (DEFAULT_PORTS[protocol] ?? '') : port;
  const name = hostname.replace(/\.$/, '');
  return written === '' || (protocol === 'https:' && written === '443') ? name : `${name}:${written}`;
}

const DEFAULT_PORTS: Readonly<Record<string, string>> = { 'https:': '443', 'http:': '80' };
