import { RuleError } from './types.js';

/** An answer that is not a success: status, a stable code for programs, a sentence for people. */
export class HttpError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly headers: Record<string, string> = {},
  ) {
    super(message);
  }
}

/** What a thrown thing looks like to the caller. Unknown errors say nothing about our insides. */
export function toHttpError(error: unknown): HttpError {
  if (error instanceof HttpError) return error;
  if (error instanceof RuleError) return new HttpError(409, error.code, error.message);
  return new HttpError(500, 'internal', 'Something went wrong at the desk.');
}
