import { GatehouseError, isGatehouseError } from '../kernel/errors.js';

/** The ways a call out ends without an answer. Details name the host at most: paths, queries and values may be secret. */

export function refused(detail: string): GatehouseError {
  return new GatehouseError('EGRESS_REFUSED', detail);
}

export function timedOut(host: string, what: string): GatehouseError {
  return new GatehouseError('UPSTREAM_TIMEOUT', `${host} ${what}.`);
}

export function badAnswer(host: string, what: string): GatehouseError {
  return new GatehouseError('UPSTREAM_BAD_ANSWER', `${host} ${what}.`);
}

const WORDS: Readonly<Record<string, string>> = {
  ENOTFOUND: 'has no address: the name does not resolve',
  EAI_AGAIN: 'cannot be resolved now: the name server does not answer',
  ECONNREFUSED: 'refuses the connection',
  ECONNRESET: 'cut the connection',
  EPIPE: 'cut the connection',
  UND_ERR_SOCKET: 'cut the connection',
  EHOSTUNREACH: 'is not reachable from here',
  ENETUNREACH: 'is not reachable from here',
  CERT_HAS_EXPIRED: 'shows a certificate that has expired',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'shows a certificate that nobody vouches for',
  SELF_SIGNED_CERT_IN_CHAIN: 'shows a certificate that nobody vouches for',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'shows a certificate that nobody vouches for',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'shows a certificate that nobody vouches for',
  ERR_TLS_CERT_ALTNAME_INVALID: 'shows a certificate for another name',
};

const TIMEOUTS: Readonly<Record<string, string>> = {
  ETIMEDOUT: 'did not take the connection in time',
  UND_ERR_HEADERS_TIMEOUT: 'took the request and did not begin to answer in time',
  UND_ERR_BODY_TIMEOUT: 'stopped in the middle of its answer',
};

/** What a failed call means, whoever threw it. Foreign messages are not repeated: some quote header values. */
export function translate(host: string, error: unknown): GatehouseError {
  if (isGatehouseError(error)) return error;
  // Several addresses were tried: the first failure stands for all.
  const code = codeOf(error instanceof AggregateError ? error.errors[0] : error);
  const late = TIMEOUTS[code];
  if (late !== undefined) return timedOut(host, late);
  const words = WORDS[code];
  if (words !== undefined) return new GatehouseError('UPSTREAM_UNREACHABLE', `${host} ${words}.`, { cause: error });
  // undici's parser error has a name and, for some faults, no code.
  if ((error as Error | null)?.name === 'HTTPParserError' || code.startsWith('UND_ERR_'))
    return new GatehouseError('UPSTREAM_BAD_ANSWER', `${host} does not speak HTTP as it should.`, { cause: error });
  return new GatehouseError('UPSTREAM_UNREACHABLE', `${host} cannot be reached.`, { cause: error });
}

function codeOf(error: unknown): string {
  const { code } = (error ?? {}) as { code?: unknown };
  return typeof code === 'string' ? code : '';
}
