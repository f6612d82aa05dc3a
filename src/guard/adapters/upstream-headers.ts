import { HEADER } from '../../contract/headers.js';
import type { Principal } from '../../kernel/principal.js';
import type { Policy } from '../policy.js';

/** What `stripHeaders` needs to know about the request that was let in. */
export interface Stripping {
  readonly principal: Principal;
  /** Its `slots` say which credentials are ours; all others belong to the app. */
  readonly policy: Pick<Policy, 'slots'>;
  /** The session cookie's name. */
  readonly cookieName: string;
}

/** Names, without anything but letters and digits, that never travel to an app behind us. */
const NEVER = new Set([
  'forwarded',
  'xrealip',
  'xrewriteurl',
  'xhttpmethodoverride',
  'xhttpmethod',
  'xmethodoverride',
  // Hop-by-hop (RFC 9110 §7.6.1).
  'connection',
  'keepalive',
  'te',
  'trailer',
  'transferencoding',
  'upgrade',
]);
const NEVER_BEGINNING = ['xgatehouse', 'xforwarded', 'xoriginal', 'proxy'];

/** What `Connection` may not take away: without them the request would be another one. */
const KEPT = new Set(['host', 'content-length', 'content-type']);

/**
 * The headers of a request that an app behind us may see, as name, value, name, value … in their order. Taken away is
 * what speaks for us or for a proxy (in every spelling: CGI, WSGI and PHP read `X_Gatehouse_Subject` and
 * `X.Gatehouse.Subject` as the real one), our credentials and the session cookie, and what belongs to this connection.
 * Framing and `Host` are for the door to set.
 */
export function stripHeaders(raw: readonly string[], stripping: Stripping): string[] {
  const named = namedByConnection(raw);
  const kept: string[] = [];
  for (let index = 0; index + 1 < raw.length; index += 2) {
    const name = raw[index] as string;
    const value = raw[index + 1] as string;
    const lower = name.toLowerCase();
    if (named.has(lower) || isNever(lower) || isOurCredential(lower, value, stripping)) continue;
    const rest = lower === HEADER.cookie ? withoutCookie(value, stripping.cookieName) : value;
    if (rest !== '' || value === '') kept.push(name, rest);
  }
  return kept;
}

function isNever(lower: string): boolean {
  const squashed = lower.replace(/[^a-z0-9]/g, '');
  return NEVER.has(squashed) || NEVER_BEGINNING.some((beginning) => squashed.startsWith(beginning));
}

function isOurCredential(lower: string, value: string, { policy, principal }: Stripping): boolean {
  if (lower === HEADER.apiKey) return policy.slots.includes('x-api-key');
  // On a public route a bearer token that was no key of ours is the app's own.
  if (lower !== HEADER.authorization || !policy.slots.includes('bearer') || principal.kind === 'anonymous')
    return false;
  return /^bearer( |$)/i.test(value);
}

function namedByConnection(raw: readonly string[]): ReadonlySet<string> {
  const named = new Set<string>();
  for (let index = 0; index + 1 < raw.length; index += 2) {
    if (raw[index]?.toLowerCase() !== 'connection') continue;
    for (const option of (raw[index + 1] as string).split(',')) {
      const name = option.trim().toLowerCase();
      if (!KEPT.has(name)) named.add(name);
    }
  }
  return named;
}

/** A `Cookie` value without our session; empty when it held nothing else. */
function withoutCookie(value: string, name: string): string {
  const pairs = value.split(';');
  const others = pairs.filter((pair) => {
    const equals = pair.indexOf('=');
    return (equals < 0 ? pair : pair.slice(0, equals)).trim() !== name;
  });
  return others.length === pairs.length ? value : others.join(';').trim();
}
