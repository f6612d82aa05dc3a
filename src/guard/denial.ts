import { HEADER } from '../contract/headers.js';
import { GatehouseError } from '../kernel/errors.js';
import type { Allowlist } from './client-ip.js';
import { type RateState, rateLimitHeader, rateLimitPolicyHeader } from './rate-limit.js';

/** The refusals of the guard, each with the headers its status asks for. */

const REALM = 'Bearer realm="gatehouse"';

/** No credential: a challenge without an error code (RFC 6750 §3.1). */
export function missingKey(): GatehouseError {
  return new GatehouseError('UNAUTHORIZED', 'Send an API key in the x-api-key header or as Authorization: Bearer.', {
    headers: { [HEADER.wwwAuthenticate]: REALM },
  });
}

/** A cookie whose session is over: what its page needs to know is that one has to sign in again. */
export function endedSession(): GatehouseError {
  return new GatehouseError('UNAUTHORIZED', 'The session has ended. Sign in again.', {
    headers: { [HEADER.wwwAuthenticate]: REALM },
  });
}

export function invalidKey(detail: string): GatehouseError {
  return new GatehouseError('UNAUTHORIZED', detail, {
    headers: { [HEADER.wwwAuthenticate]: `${REALM}, error="invalid_token"` },
  });
}

export function addressNotAllowed(address: string, list: Allowlist): GatehouseError {
  return new GatehouseError(
    'IP_NOT_ALLOWED',
    `${address} is not in the list of allowed addresses. Add it to ${list} to let it in.`,
  );
}

export function missingScope(missing: readonly string[], wanted: readonly string[]): GatehouseError {
  return new GatehouseError(
    'FORBIDDEN',
    `This credential lacks the scope${missing.length > 1 ? 's' : ''} ${missing.join(', ')}.`,
    {
      headers: { [HEADER.wwwAuthenticate]: `${REALM}, error="insufficient_scope", scope="${wanted.join(' ')}"` },
    },
  );
}

export function overLimit(state: RateState): GatehouseError {
  return limited('The limit', state);
}

/** The caller alone may be within its own limit. */
export function overOrganizationLimit(state: RateState): GatehouseError {
  return limited('The limit of the whole organization', state);
}

function limited(what: string, state: RateState): GatehouseError {
  const { limit, resetSeconds } = state;
  return new GatehouseError(
    'RATE_LIMITED',
    `${what} is ${limit.requests} requests in ${limit.windowSeconds} seconds. Try again in ${resetSeconds} seconds.`,
    {
      retryAfterSeconds: resetSeconds,
      headers: { [HEADER.rateLimit]: rateLimitHeader(state), [HEADER.rateLimitPolicy]: rateLimitPolicyHeader(limit) },
    },
  );
}

export function tooManyFailures(resetSeconds: number): GatehouseError {
  return new GatehouseError(
    'RATE_LIMITED',
    `Too many invalid keys came from this address. Try again in ${resetSeconds} seconds.`,
    {
      retryAfterSeconds: resetSeconds,
    },
  );
}

export function notFromHere(address: string): GatehouseError {
  return new GatehouseError(
    'FORBIDDEN',
    `This key may not be used from ${address}: its own address list does not hold it.`,
  );
}

export function notFromThisOrigin(origin: string | null): GatehouseError {
  return new GatehouseError(
    'ORIGIN_NOT_ALLOWED',
    origin === null
      ? 'This key is for scripts of pages whose origin is in its own list; this request names no Origin.'
      : `This key may not be used by pages of ${shown(origin)}: its own list of origins does not hold it.`,
  );
}

/** Whatever a caller wrote, short and on one line. */
function shown(text: string): string {
  return JSON.stringify(text.length > 200 ? `${text.slice(0, 200)}…` : text);
}

export function wrongEnvironment(ofKey: string, ofInstance: string): GatehouseError {
  return new GatehouseError('FORBIDDEN', `This key is for ${ofKey}; this instance admits ${ofInstance} keys only.`);
}
