import type { AcceptScheme } from '../credential-types/schema.js';
import { type FieldValues, fill } from '../credential-types/template.js';

/** Accepted for every type, whatever its libraries do. */
const ALWAYS: readonly AcceptScheme[] = [
  { in: 'header', name: 'Authorization', scheme: 'Bearer' },
  { in: 'header', name: 'x-api-key' },
];

/** What of a request the slots are looked for in. */
export interface SlotSource {
  /** Name, value, name, value … */
  readonly rawHeaders: readonly string[];
  /** The vendor's path, as it came. */
  readonly path: string;
  /** With its question mark; `''`: none. */
  readonly query: string;
}

/** Where the caller's key was. What is taken out here goes to nobody. */
export interface FoundKey {
  readonly credential:
    | { readonly kind: 'none' }
    | { readonly kind: 'presented'; readonly presentedKey: string; readonly slot: 'vendor' }
    | { readonly kind: 'ambiguous'; readonly detail: string };
  /** The path without the key and what stood before it. */
  readonly path: string;
  /** What stood before the key in the path, such as `/bot`; `null`: it was not there. */
  readonly pathSlot: string | null;
  /** The query without the parameters that are slots. */
  readonly query: string;
  /** Names of headers that are slots, in lower case. */
  readonly headerSlots: ReadonlySet<string>;
}

interface Place {
  /** In words for the sender. */
  readonly where: string;
  readonly key: string;
}

/**
 * Finds the caller's key where the vendor's own libraries put theirs. The same key in two slots is one key; two
 * different ones are nobody's to choose between.
 * @param fields - those of the credential that are no secret: some slots have their name from there
 */
export function findKey(
  source: SlotSource,
  acceptSchemes: readonly AcceptScheme[] = [],
  fields: FieldValues = {},
): FoundKey {
  const schemes = [...ALWAYS, ...acceptSchemes].flatMap((scheme) => {
    const name = fill(scheme.name, fields);
    return name === null ? [] : [{ ...scheme, name }];
  });
  const inHeaders = keysInHeaders(source.rawHeaders, schemes);
  const inPath = keyInPath(source.path, schemes);
  const inQuery = keysInQuery(source.query, schemes);
  const places = [...inHeaders.places, ...inQuery.places, ...inPath.places];
  const [first, ...others] = places;
  const other = others.find(({ key }) => key !== first?.key);
  const twice = inHeaders.twice ?? inQuery.twice;
  return {
    credential:
      twice !== null
        ? { kind: 'ambiguous', detail: `${twice} was sent twice. Send it once.` }
        : first === undefined
          ? { kind: 'none' }
          : other !== undefined
            ? { kind: 'ambiguous', detail: `${first.where} and ${other.where} hold different keys. Send one of them.` }
            : { kind: 'presented', presentedKey: first.key, slot: 'vendor' },
    path: inPath.path,
    pathSlot: inPath.slot,
    query: inQuery.query,
    headerSlots: new Set(
      schemes.flatMap(({ in: kind, name }) =>
        kind === 'header' ? [name.toLowerCase()] : kind === 'basic' ? ['authorization'] : [],
      ),
    ),
  };
}

function keysInHeaders(raw: readonly string[], schemes: readonly AcceptScheme[]) {
  const places: Place[] = [];
  const seen = new Set<string>();
  let twice: string | null = null;
  for (let index = 0; index + 1 < raw.length; index += 2) {
    const name = (raw[index] as string).toLowerCase();
    const fitting = schemes.filter((scheme) =>
      scheme.in === 'header' ? scheme.name.toLowerCase() === name : scheme.in === 'basic' && name === 'authorization',
    );
    if (fitting.length === 0) continue;
    if (seen.has(name)) twice = raw[index] as string;
    seen.add(name);
    const keys = fitting.flatMap((scheme) => {
      const key = keyIn(raw[index + 1] as string, scheme);
      return key === null ? [] : [{ where: raw[index] as string, key }];
    });
    // The catalogue lists the likelier reading first: git sends a user beside the key in its password.
    places.push(...keys.slice(0, 1));
  }
  return { places, twice };
}

function keyIn(value: string, { in: kind, name, scheme }: AcceptScheme): string | null {
  if (kind === 'basic') return basicPart(value, name);
  if (scheme === undefined) return name.toLowerCase() === 'authorization' && /\s/.test(value) ? null : value;
  const [word = '', rest] = value.split(/ +(.*)/s);
  return word.toLowerCase() === scheme.toLowerCase() ? (rest ?? '') : null;
}

/** A part of `Basic base64(user:password)`; an empty one is none: libraries leave out what they do not need. */
function basicPart(value: string, part: string): string | null {
  const encoded = /^basic +([A-Za-z0-9+/]+={0,2})$/i.exec(value)?.[1];
  if (encoded === undefined) return null;
  const [user = '', password = ''] = Buffer.from(encoded, 'base64').toString('utf8').split(/:(.*)/s);
  const found = part === 'user' ? user : password;
  return found === '' ? null : found;
}

function keyInPath(path: string, schemes: readonly AcceptScheme[]) {
  for (const { in: kind, name } of schemes) {
    if (kind !== 'path' || !path.startsWith(name)) continue;
    const end = path.indexOf('/', name.length);
    if (end <= name.length) continue;
    const key = decode(path.slice(name.length, end), false);
    return { places: [{ where: `the path after ${name}`, key }], path: path.slice(end), slot: name };
  }
  return { places: [], path, slot: null };
}

function keysInQuery(query: string, schemes: readonly AcceptScheme[]) {
  const names = schemes.flatMap(({ in: kind, name }) => (kind === 'query' ? [name] : []));
  if (query === '' || names.length === 0) return { places: [], query, twice: null };
  const places: Place[] = [];
  let twice: string | null = null;
  // The rest stays as it was written: signatures and odd parsers depend on it.
  const rest = query
    .slice(1)
    .split('&')
    .filter((pair) => {
      const [name = '', value = ''] = pair.split(/=(.*)/s).map((part) => decode(part, true));
      if (!names.includes(name)) return true;
      if (places.some(({ where }) => where === `?${name}=`)) twice = `?${name}=`;
      places.push({ where: `?${name}=`, key: value });
      return false;
    });
  return { places, query: rest.length === 0 ? '' : `?${rest.join('&')}`, twice };
}

function decode(text: string, isForm: boolean): string {
  try {
    return decodeURIComponent(isForm ? text.replaceAll('+', ' ') : text);
  } catch {
    return text;
  }
}
