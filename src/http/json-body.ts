import { isUtf8 } from 'node:buffer';
import type { IncomingMessage } from 'node:http';
import express, { type RequestHandler } from 'express';
import { GatehouseError } from '../kernel/errors.js';

/** Deeper JSON is nobody's request: it only exists to overflow whoever walks it. */
const MAX_DEPTH = 32;

/** `type` of errors of our own; body-parser passes it on. */
export const BODY_FAULT = { tooDeep: 'gatehouse.too-deep', notUtf8: 'gatehouse.not-utf-8' } as const;

/**
 * Reads a JSON body of at most `limitBytes`. A request without a body reads as `{}`, so that the schema
 * names what is missing.
 */
export function readJsonBody(limitBytes: number): RequestHandler {
  const parse = express.json({
    limit: limitBytes,
    type: 'application/json',
    verify(_request, _response, body, encoding) {
      // body-parser reads every utf-*; JSON between systems is UTF-8 (RFC 8259 §8.1), and what is not would be
      // replaced silently, so that what was judged is not what was sent.
      if (encoding !== 'utf-8') throw fault('charset.unsupported');
      if (!isUtf8(body)) throw fault(BODY_FAULT.notUtf8);
      refuseDeep(body);
    },
  });
  return (request, response, next) => {
    if (!hasBody(request)) {
      request.body = {};
      next();
    } else if (request.is('application/json')) parse(request, response, next);
    else
      next(new GatehouseError('UNSUPPORTED_MEDIA_TYPE', 'Send the body as JSON with Content-Type: application/json.'));
  };
}

export function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}

/** Counts brackets outside strings: one pass over the bytes, before anything is built from them. */
function refuseDeep(body: Buffer): void {
  let depth = 0;
  let inString = false;
  for (let index = 0; index < body.length; index += 1) {
    const byte = body[index];
    if (inString) {
      if (byte === 0x5c) index += 1;
      else if (byte === 0x22) inString = false;
    } else if (byte === 0x22) inString = true;
    else if (byte === 0x7b || byte === 0x5b) {
      depth += 1;
      if (depth > MAX_DEPTH) throw fault(BODY_FAULT.tooDeep);
    } else if (byte === 0x7d || byte === 0x5d) depth -= 1;
  }
}

function fault(type: string): Error {
  return Object.assign(new Error(type), { type });
}
