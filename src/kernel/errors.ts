import { ERRORS, type ErrorCode } from '../contract/codes.js';

export interface ErrorFacts {
  /** Never shown to a caller; it goes to the log. */
  readonly cause?: unknown;
  /** Seconds until the same call may succeed. */
  readonly retryAfterSeconds?: number;
  /** Answer headers that belong to this refusal. */
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * The one error class. `code` is what callers branch on; `detail` is public and says what to do next,
 * so it must never hold a secret or a file path a caller did not send.
 */
export class GatehouseError extends Error {
  readonly code: ErrorCode;
  readonly detail: string;
  readonly retryAfterSeconds: number | undefined;
  readonly headers: Readonly<Record<string, string>>;

  constructor(code: ErrorCode, detail: string, facts: ErrorFacts = {}) {
    super(`${code}: ${detail}`, facts.cause === undefined ? undefined : { cause: facts.cause });
    this.name = 'GatehouseError';
    this.code = code;
    this.detail = detail;
    this.retryAfterSeconds = facts.retryAfterSeconds;
    this.headers = facts.headers ?? {};
  }

  get status(): number {
    return ERRORS[this.code].status;
  }
}

export function isGatehouseError(value: unknown): value is GatehouseError {
  return value instanceof GatehouseError;
}
