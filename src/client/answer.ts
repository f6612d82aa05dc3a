import type { ErrorCode } from '../contract/codes.js';
import { GatehouseError } from './errors.js';
import { parseRetryAfter } from './patience.js';

/**
 * The value of an answer that succeeded.
 * @param anyType - whether other types than JSON are fine: as text, `null` when empty
 */
export function readAnswer(answer: Response, text: string, anyType: boolean): unknown {
  const parsed = parse(answer, text);
  if (parsed !== undefined) return parsed;
  if (!anyType) throw stranger(answer, text);
  return text === '' ? null : text;
}

/** The error that an answer is: Gatehouse's own words, or what stands between. */
export function failure(answer: Response, text: string): GatehouseError {
  const body = parse(answer, text) as { code?: unknown; detail?: unknown } | null | undefined;
  if (typeof body?.code !== 'string' || typeof body.detail !== 'string') return stranger(answer, body ?? text);
  return new GatehouseError(body.code as ErrorCode, body.detail, facts(answer));
}

/** `undefined`: it is not JSON. */
function parse(answer: Response, text: string): unknown {
  if (!/[/+]json\b/.test(answer.headers.get('content-type') ?? '')) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function stranger(answer: Response, body: unknown): GatehouseError {
  const { status, type, headers } = answer;
  const redirected = type === 'opaqueredirect' || (status >= 300 && status < 400);
  // Browsers hide where to.
  const target = headers.get('location') ?? 'another address';
  const what = redirected
    ? `a redirect to ${target}, which is not followed with a credential. Use the address that answers itself`
    : `${status} ${headers.get('content-type') ?? 'without a type'}, which is not Gatehouse's. Look at the address and at what stands between`;
  return new GatehouseError('BAD_ANSWER', `The answer was ${what}.`, { ...facts(answer), body });
}

function facts({ status, headers }: Response) {
  return {
    status,
    requestId: headers.get('x-request-id'),
    retryAfterSeconds: parseRetryAfter(headers.get('retry-after')),
  };
}
