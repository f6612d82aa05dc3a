import { Scrubber } from '../../egress/scrubber.js';
import { GatehouseError } from '../../kernel/errors.js';
import type { AuthChanges } from '../credential-types/auth.js';
import { allowsHost } from '../credential-types/hosts.js';
import { fill, hostOf, pathSegment } from '../credential-types/template.js';
import type { OpenedCredential } from '../source.js';
import { headersToSend } from './headers.js';
import type { FoundKey } from './vendor-slots.js';

export interface Outgoing {
  readonly url: URL;
  readonly headers: readonly (readonly [name: string, value: string])[];
}

/** Under this a key of the environment may stand in a request by chance. */
const TELLING_CHARACTERS = 16;

/**
 * The request as the vendor gets it: the caller's key taken out, the vendor's put in.
 * @throws GatehouseError `EGRESS_REFUSED` for a host that is not the credential's; `AMBIGUOUS_CREDENTIALS` when the
 *   caller's key would travel on in a place that is no slot
 */
export function outgoing(
  opened: OpenedCredential,
  baseUrl: string,
  auth: AuthChanges,
  found: FoundKey,
  rawHeaders: readonly string[],
): Outgoing {
  const { origin } = new URL(baseUrl);
  const prefix = pathPrefix(opened, auth, found.pathSlot);
  const callers = headersToSend(rawHeaders, found.headerSlots);
  if (found.credential.kind === 'presented') requireTakenOut(found.credential.presentedKey, found, callers);
  const url = new URL(`${origin}${prefix}${found.path}${withParameters(found.query, auth.query)}`);
  // The path cannot move a URL off its origin; should that ever be wrong, this is the wall.
  if (url.origin !== origin || !allowsHost(opened.hosts, hostOf(url)))
    throw new GatehouseError('EGRESS_REFUSED', 'This credential is sent to its own hosts only.');
  const set = new Set(auth.headers.map(([name]) => name.toLowerCase()));
  const kept = callers.filter(([name]) => !set.has(name));
  const names = new Set(kept.map(([name]) => name));
  return {
    url,
    headers: [
      ...kept,
      ...auth.defaultHeaders.filter(([name]) => !names.has(name.toLowerCase())),
      ...auth.headers,
      // What is compressed could not be scrubbed as it passes.
      ['accept-encoding', 'identity'],
    ],
  };
}

/** Telegram's key is in the path, and files have another path than methods. */
function pathPrefix({ type, fields }: OpenedCredential, auth: AuthChanges, slot: string | null): string {
  const variant = slot === null ? undefined : type.pathVariants?.find(({ prefix }) => prefix.startsWith(`${slot}{`));
  return variant === undefined ? auth.pathPrefix : (fill(variant.prefix, fields, pathSegment) ?? auth.pathPrefix);
}

/** Adds parameters and takes out those of the same name; the others stay as they were written. */
function withParameters(query: string, parameters: AuthChanges['query']): string {
  if (parameters.length === 0) return query;
  const names = new Set(parameters.map(([name]) => name));
  const kept = query
    .slice(1)
    .split('&')
    .filter((pair) => pair !== '' && ![...new URLSearchParams(pair).keys()].some((name) => names.has(name)));
  return `?${[...kept, ...parameters.map((pair) => pair.map(encodeURIComponent).join('='))].join('&')}`;
}

function requireTakenOut(presentedKey: string, { path, query }: FoundKey, headers: Outgoing['headers']): void {
  if (presentedKey.length < TELLING_CHARACTERS) return;
  const probe = new Scrubber([presentedKey]);
  const where = [['path', path], ['query', query], ...headers].find(([, value]) => probe.header(value ?? '') !== value);
  if (where !== undefined)
    throw new GatehouseError(
      'AMBIGUOUS_CREDENTIALS',
      `Your key is also in ${where[0]}, which goes on to the vendor. Send it once, where the vendor's key goes.`,
    );
}
