import type { ErrorCode } from '../contract/codes.js';

/**
 * What the client found by itself:
 * - `NETWORK`: no answer arrived. Browsers do not say why; an origin that is not in `CORS_ORIGINS` looks like this too.
 * - `TIMEOUT`: no whole answer within `timeoutMs`.
 * - `ABORTED`: your `signal` ended the call; `cause` is its reason.
 * - `BAD_ANSWER`: an answer that is not Gatehouse's own: a proxy's page, a redirect, an endpoint's own refusal.
 * - `BAD_OPTIONS`: this call can never work as it was written.
 * - `SECRET_KEY_IN_BROWSER`: a key was given where every visitor can read it.
 */
export type ClientErrorCode =
  | 'NETWORK'
  | 'TIMEOUT'
  | 'ABORTED'
  | 'BAD_ANSWER'
  | 'BAD_OPTIONS'
  | 'SECRET_KEY_IN_BROWSER';

export interface ErrorFacts {
  status?: number;
  requestId?: string | null;
  retryAfterSeconds?: number | null;
  body?: unknown;
  cause?: unknown;
}

/** The one error of this client. Branch on `code`; `detail` is for people and may be worded anew any day. */
export class GatehouseError extends Error {
  // The build shortens names; what people read keeps this one.
  static override readonly name = 'GatehouseError';
  override readonly name = 'GatehouseError';
  /** A newer server may send one that this version does not list: keep a default branch. */
  readonly code: ErrorCode | ClientErrorCode;
  /** What happened here and what to do next. */
  readonly detail: string;
  /** Of the answer; `null` when there was none. */
  readonly status: number | null;
  /** Finds the request in Gatehouse's log and audit. */
  readonly requestId: string | null;
  /** How long to wait before the same call can succeed, where the answer says so. */
  readonly retryAfterSeconds: number | null;
  /** With `BAD_ANSWER`: what was answered, parsed when it is JSON; else `null`. */
  readonly body: unknown;

  constructor(code: ErrorCode | ClientErrorCode, detail: string, facts: ErrorFacts = {}) {
    const requestId = facts.requestId ?? null;
    super(
      `${code}: ${detail}${requestId === null ? '' : ` (${requestId})`}`,
      'cause' in facts ? { cause: facts.cause } : {},
    );
    this.code = code;
    this.detail = detail;
    this.status = facts.status ?? null;
    this.requestId = requestId;
    this.retryAfterSeconds = facts.retryAfterSeconds ?? null;
    this.body = facts.body ?? null;
  }
}
