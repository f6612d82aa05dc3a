import { ERRORS } from '../contract/codes.js';
import { HEADER } from '../contract/headers.js';
import { PROBLEM_CONTENT_TYPE, type Problem } from '../contract/problem.js';
import type { GatehouseError } from './errors.js';

/** The body of a refusal, the same at every door. */
export function toProblem(error: GatehouseError, requestId: string): Problem {
  const { status, error: sentence } = ERRORS[error.code];
  return {
    type: 'about:blank',
    title: sentence,
    status,
    code: error.code,
    error: sentence,
    detail: error.detail,
    requestId,
  };
}

/** The headers of a refusal, as a flat list that `writeHead` takes without building an object. */
export function problemHeaders(error: GatehouseError, requestId: string): string[] {
  const headers = ['Content-Type', PROBLEM_CONTENT_TYPE, HEADER.requestId, requestId, 'Cache-Control', 'no-store'];
  for (const [name, value] of Object.entries(error.headers)) headers.push(name, value);
  if (error.retryAfterSeconds !== undefined) headers.push(HEADER.retryAfter, String(error.retryAfterSeconds));
  return headers;
}
