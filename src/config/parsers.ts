import { MAX_PASSWORD_CHARACTERS, MIN_PASSWORD_CHARACTERS } from '../contract/auth.js';
import { OrganizationId, type RateLimit } from '../contract/fields.js';
import { GRANTABLE, GrantedScope, isKnownScope } from '../contract/scopes.js';
import { type Network, parseNetwork } from '../kernel/addresses.js';
import { parseEmail } from '../kernel/email.js';
import { parseOrigin } from '../kernel/origins.js';

/** Text of a setting to its value. Each throws an Error whose message completes "NAME …" and tells the remedy. */

export function oneOf<T extends string>(...allowed: readonly T[]): (text: string) => T {
  return (text) => {
    if (!allowed.includes(text as T)) throw new Error(`must be one of ${allowed.join(', ')}`);
    return text as T;
  };
}

export function wholeNumber(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
    if (!(value >= least && value <= most)) throw new Error(`must be a whole number from ${least} to ${most}`);
    return value;
  };
}

/** Requests an hour, or `off`. */
export function hourlyLimit(text: string): RateLimit | null {
  if (text === 'off') return null;
  if (!/^\d{1,9}$/.test(text) || Number(text) < 1)
    throw new Error('must be a whole number of requests an hour, from 1, or off');
  return { requests: Number(text), windowSeconds: 3600 };
}

/** One key of the environment: any visible ASCII, so that what the usual one-liners print works as it is. */
export function envKey(text: string): string {
  if (!/^[\x21-\x7e]+$/.test(text))
    throw new Error('holds a blank, a line break or a character that no header can carry. Make another key');
  if (text.length > 1000) throw new Error('is longer than 1,000 characters. Make another key');
  return text;
}

/** Keys separated by commas or line breaks. */
export function envKeys(text: string): string[] {
  const entries = text.split(/[,\n]/).map((entry) => entry.trim());
  entries.forEach((entry, index) => {
    const place = `entry ${index + 1} of ${entries.length}`;
    if (entry === '') throw new Error(`has an empty ${place}. Remove the comma too many`);
    const first = entries.indexOf(entry);
    if (first !== index) throw new Error(`has the same key twice (entries ${first + 1} and ${index + 1}). Remove one`);
    try {
      envKey(entry);
    } catch (error) {
      throw new Error(`${place} ${(error as Error).message}`);
    }
  });
  return entries;
}

/** An address to listen on, host and port; `off`: none. */
export function listenAddress(text: string): { readonly host: string; readonly port: number } | null {
  if (text === 'off') return null;
  const match = /^(?:\[([0-9A-Fa-f:.]+)\]|([0-9A-Za-z.-]+)):(\d{1,5})$/.exec(text);
  const port = Number(match?.[3]);
  if (match === null || port > 65_535) throw new Error('must look like 127.0.0.1:9464 or [::1]:9464, or be off');
  return { host: match[1] ?? match[2] ?? '', port };
}

function listOf(text: string): string[] {
  return text
    .split(/[,\s]+/)
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '');
}

function networks(entries: readonly string[]): Network[] {
  return entries.map((entry) => {
    try {
      return parseNetwork(entry);
    } catch (error) {
      throw new Error(`entry ${JSON.stringify(entry)} ${(error as Error).message}`);
    }
  });
}

/** `*` or a list of addresses and CIDR ranges; `null`: every address. */
export function allowedNetworks(text: string): Network[] | null {
  const entries = listOf(text);
  if (entries.length === 0) throw new Error('names no address. Use * for every address');
  return entries.includes('*') ? null : networks(entries);
}

const NAMED_NETWORKS: ReadonlyMap<string, readonly string[]> = new Map([
  ['loopback', ['127.0.0.0/8', '::1/128']],
  ['linklocal', ['169.254.0.0/16', 'fe80::/10']],
  ['uniquelocal', ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', 'fc00::/7']],
]);

export type TrustedProxies =
  | { readonly kind: 'networks'; readonly networks: readonly Network[] }
  | { readonly kind: 'hops'; readonly count: number }
  | null;

/** Addresses, CIDR ranges and their usual names, or how many hops; `null`: nobody is trusted. */
export function trustedProxies(text: string): TrustedProxies {
  if (text === 'none') return null;
  if (/^\d+$/.test(text)) {
    const count = Number(text);
    if (count < 1 || count > 10) throw new Error('as a number of hops must be 1 to 10');
    return { kind: 'hops', count };
  }
  const entries = listOf(text);
  if (entries.some((entry) => ['true', '*', '0.0.0.0/0', '::/0'].includes(entry))) {
    throw new Error(
      'must not trust everybody: any caller could then choose its own address. Name the addresses of your proxy',
    );
  }
  return { kind: 'networks', networks: networks(entries.flatMap((entry) => NAMED_NETWORKS.get(entry) ?? [entry])) };
}

export function scopes(text: string): string[] {
  return listOf(text).map((scope) => {
    const parsed = GrantedScope.safeParse(scope);
    if (!parsed.success)
      throw new Error(`has a bad scope ${JSON.stringify(scope)}: ${parsed.error.issues[0]?.message}`);
    // Scopes of apps are declared while it runs, and keys are given them one by one.
    if (!isKnownScope(scope))
      throw new Error(`has an unknown scope ${JSON.stringify(scope)}; known: ${GRANTABLE}, resource:*, *`);
    return scope;
  });
}

/** A path that Gatehouse is mounted under, `/` at the front and none at the end; empty: the root. */
export function basePath(text: string): string {
  if (text === '/') return '';
  if (!/^(\/[A-Za-z0-9._~-]+)+$/.test(text) || /\/\.{1,2}(\/|$)/.test(text))
    throw new Error('must look like /gatehouse');
  return text;
}

export function keyPrefix(text: string): string {
  if (!/^[a-z][a-z0-9]{1,15}$/.test(text))
    throw new Error('must be 2 to 16 characters of a-z 0-9 and start with a letter');
  return text;
}

/** An http or https address with nothing after the path; `null`: it is not one. */
function plainUrl(text: string): URL | null {
  const url = URL.canParse(text) ? new URL(text) : null;
  const plain = url !== null && url.search === '' && url.hash === '' && url.username === '' && url.password === '';
  return plain && (url.protocol === 'https:' || url.protocol === 'http:') ? url : null;
}

/** Where people reach this instance: http or https, nothing after the path. Kept without a slash at the end. */
export function publicUrl(text: string): string {
  const url = plainUrl(text);
  if (url === null) throw new Error('must look like https://gate.example.com');
  return url.href.replace(/\/$/, '');
}

/** A name whose subdomains all lead here, in lower case: no scheme, no port, no `*`. */
export function domain(text: string): string {
  if (!/^(?=.{1,180}$)[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/.test(text))
    throw new Error('must be a domain in lower case without a scheme, a port or *, such as proxy.example.com');
  return text;
}

/** Where the app behind the gateway is; a path is put before every request's own. */
export function upstreamUrl(text: string): URL {
  const url = plainUrl(text);
  if (url === null) throw new Error('must look like http://127.0.0.1:8080 or https://app.internal/base');
  return url;
}

/** Origins of browser apps, exactly as browsers send them: scheme, host and port, nothing after. */
export function origins(text: string): string[] {
  return listOf(text).map((entry) => {
    if (entry === '*' || entry === 'null')
      throw new Error(`must not hold ${entry}: name each origin, such as https://app.example.com`);
    try {
      return parseOrigin(entry);
    } catch (error) {
      throw new Error(`entry ${JSON.stringify(entry)} ${(error as Error).message}`);
    }
  });
}

/** A mail server, with the account on it where it asks for one. The value holds a password, so no message repeats it. */
export function smtpUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || !/^smtps?:$/.test(url.protocol) || url.hostname === '')
    throw new Error('must look like smtp://user:password@mail.example.com:587, or smtps:// for port 465');
  return text;
}

/** `gate@example.com`, or a name before it: `Gate <gate@example.com>`. */
export function mailFrom(text: string): string {
  const [, name = '', bracketed] = /^([^<>"\r\n]*?)\s*<([^<>]+)>$/.exec(text) ?? [];
  const address = emailAddress(bracketed ?? text);
  return name === '' ? address : `"${name.replaceAll('\\', '')}" <${address}>`;
}

export function emailAddress(text: string): string {
  try {
    return parseEmail(text).email;
  } catch {
    throw new Error('is not an e-mail address');
  }
}

export function password(text: string): string {
  if (text.length < MIN_PASSWORD_CHARACTERS || text.length > MAX_PASSWORD_CHARACTERS)
    throw new Error(`must have ${MIN_PASSWORD_CHARACTERS} to ${MAX_PASSWORD_CHARACTERS} characters`);
  return text;
}

export function organizationId(text: string): string {
  if (!OrganizationId.safeParse(text).success) throw new Error('must look like org_default');
  return text;
}
