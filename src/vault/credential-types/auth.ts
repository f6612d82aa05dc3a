import type { CredentialType } from './schema.js';
import { type FieldValues, fill, isPairs, pairsIn, pathSegment } from './template.js';

/** How a request has to look for the vendor to know who is asking. */
export interface AuthChanges {
  /** They win over whatever the caller sent under these names: the credential, and pins such as `Stripe-Version`. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** Sent when the caller sent none of that name, such as a user agent. */
  readonly defaultHeaders: readonly (readonly [name: string, value: string])[];
  /** Parameters that replace those of the same name; neither part is encoded yet. */
  readonly query: readonly (readonly [name: string, value: string])[];
  /** Put before the path of the request, after that of the base URL; `''`: nothing. Encoded. */
  readonly pathPrefix: string;
  /** Every text that must not come back or be logged. */
  readonly secrets: readonly string[];
}

/** The answer of a token exchange, as templates name it. */
export interface Exchanged {
  readonly access_token: string;
}

/**
 * What the type's `auth` and `extraHeaders` make of these fields.
 * @param exchanged - for types with an exchange that applies to these fields (`needsExchange`)
 */
export function authOf(type: CredentialType, values: FieldValues, exchanged?: Exchanged): AuthChanges {
  const known: FieldValues = exchanged === undefined ? values : { ...values, exchange: { ...exchanged } };
  const headers: [string, string][] = [];
  const query: [string, string][] = [];
  let pathPrefix = '';
  for (const slot of type.auth) {
    if (!applies(slot.when, values)) continue;
    const pairs = pairsIn(slot.template, known);
    const name = fill(slot.name, known);
    const value =
      slot.in === 'basic'
        ? fillBasic(slot.template, known)
        : fill(slot.template, known, slot.in === 'path' ? pathSegment : undefined);
    if (pairs !== null) headers.push(...pairs);
    else if (name === null || value === null) continue;
    else if (slot.in === 'query') query.push([name, value]);
    else if (slot.in === 'path') pathPrefix = value;
    else headers.push([name, value]);
  }
  const defaultHeaders: [string, string][] = [];
  for (const { name, template, whenPresent } of type.extraHeaders) {
    const value = fill(template, values);
    if (value !== null && value !== '') (whenPresent === undefined ? defaultHeaders : headers).push([name, value]);
  }
  const secrets = [...secretsOf(type, values), ...(exchanged === undefined ? [] : [exchanged.access_token])];
  return { headers, defaultHeaders, query, pathPrefix, secrets };
}

/** A request towards a vendor, before or after the credential is put in. Header names are in lower case. */
export interface OutgoingRequest {
  readonly url: URL;
  readonly headers: ReadonlyMap<string, string>;
}

/**
 * Puts a credential into a request.
 * @param baseUrl - what `url` begins with: a path prefix goes right behind it
 */
export function applyAuth(changes: AuthChanges, request: OutgoingRequest, baseUrl: string): OutgoingRequest {
  const url = new URL(request.url);
  if (changes.pathPrefix !== '') {
    const base = new URL(baseUrl).pathname.replace(/\/$/, '');
    url.pathname = `${base}${changes.pathPrefix}${url.pathname.slice(base.length)}`;
  }
  for (const [name, value] of changes.query) url.searchParams.set(name, value);
  const headers = new Map(request.headers);
  for (const [name, value] of changes.defaultHeaders)
    if (!headers.has(name.toLowerCase())) headers.set(name.toLowerCase(), value);
  for (const [name, value] of changes.headers) headers.set(name.toLowerCase(), value);
  return { url, headers };
}

/** Whether a token has to be fetched before `authOf`. */
export function needsExchange(type: CredentialType, values: FieldValues): boolean {
  return type.exchange !== undefined && applies(type.exchange.when, values);
}

/** Whether a condition of the catalogue holds; none always does. */
export function applies(when: Readonly<Record<string, string>> | undefined, values: FieldValues): boolean {
  return Object.entries(when ?? {}).every(
    ([name, value]) => Object.hasOwn(values, name) && String(values[name]) === value,
  );
}

/** Every secret text in these fields: what must never come back, be logged or be stored in the open. */
export function secretsOf(type: CredentialType, values: FieldValues): string[] {
  return type.fields
    .filter(({ name, secret }) => secret && Object.hasOwn(values, name))
    .flatMap(({ name, kind }) => {
      const value = values[name];
      if (isPairs(value)) return Object.values(value);
      const text = String(value);
      return kind === 'json' ? [text, ...longTextsIn(JSON.parse(text))] : [text];
    })
    .filter((text) => text !== '');
}

/** A private key in a pasted key file is a secret by itself: it may come back without the file around it. */
function longTextsIn(document: unknown): string[] {
  if (typeof document !== 'object' || document === null) return [];
  return Object.entries(document).flatMap(([name, value]) =>
    typeof value === 'string' && /key$|secret|token$/.test(name) ? [value] : [],
  );
}

/** RFC 7617: user and password as UTF-8, in base64. An empty password is one. */
function fillBasic(template: string, values: FieldValues): string | null {
  const [user = '', password = ''] = template.split(/:(.*)/s);
  const name = fill(user, values);
  return name === null ? null : `Basic ${Buffer.from(`${name}:${fill(password, values) ?? ''}`).toString('base64')}`;
}
