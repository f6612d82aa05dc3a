import type { RequestHandler, Response } from 'express';
import { HEADER } from '../contract/headers.js';
import { newRequestId } from '../kernel/ids.js';

/** Gives every request an id of ours: a caller's own could forge lines in the log and the audit. */
export const giveRequestId: RequestHandler = (_request, response, next) => {
  response.setHeader(HEADER.requestId, newRequestId());
  next();
};

export function requestIdOf(response: Response): string {
  return String(response.getHeader(HEADER.requestId));
}
