import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import type { RequestHandler } from 'express';
import type { StreamedBody } from '../contract/route-spec.js';
import { type Caller, callerOf } from '../guard/adapters/express.js';
import { GatehouseError } from '../kernel/errors.js';

/** A body that is handed on as it comes. */
export interface StreamedUpload {
  /** Bounded: more than the route takes, or a caller who hangs up, ends it with a GatehouseError. Read it once. */
  readonly stream: Readable;
  /**
   * Asks the guard once more, now that the body is here: a key may have been revoked meanwhile. Call it before
   * anything of the body is kept for good.
   * @throws GatehouseError as the guard refuses
   */
  admitAgain(): Promise<Caller>;
}

const uploads = new WeakMap<IncomingMessage, StreamedUpload>();

/** Prepares the body of a route for its handler, behind the guard; nothing of it is read here. */
export function takeStream({ types, limitBytes }: StreamedBody, guardAgain: RequestHandler): RequestHandler {
  return (request, response, next) => {
    const type = request.headers['content-type']?.split(';')[0]?.trim().toLowerCase();
    if (types !== null && !types.includes(type ?? '')) {
      next(new GatehouseError('UNSUPPORTED_MEDIA_TYPE', `Send the body with Content-Type: ${types[0]}.`));
      return;
    }
    const encoding = request.headers['content-encoding'];
    if (encoding !== undefined && encoding.toLowerCase() !== 'identity') {
      next(new GatehouseError('UNSUPPORTED_MEDIA_TYPE', 'Send the body without a Content-Encoding.'));
      return;
    }
    if (Number(request.headers['content-length'] ?? 0) > limitBytes) {
      next(tooLarge(limitBytes));
      return;
    }
    uploads.set(request, {
      stream: Readable.from(bounded(request, limitBytes), { objectMode: false }),
      async admitAgain() {
        await new Promise<void>((resolve, reject) =>
          guardAgain(request, response, (error?: unknown) => (error === undefined ? resolve() : reject(error))),
        );
        return callerOf(response);
      },
    });
    next();
  };
}

export function uploadOf(request: IncomingMessage): StreamedUpload {
  const upload = uploads.get(request);
  if (upload === undefined) throw new Error('this route takes no stream');
  return upload;
}

/** Whether the request has a body that may take longer than others to arrive. Only those who were let in have one. */
export function takesItsTime(request: IncomingMessage): boolean {
  return uploads.has(request);
}

async function* bounded(request: IncomingMessage, limitBytes: number): AsyncIterable<Buffer> {
  let seen = 0;
  try {
    // The answer still goes out on this connection, whatever ends the reading.
    for await (const chunk of request.iterator({ destroyOnReturn: false })) {
      seen += (chunk as Buffer).length;
      if (seen > limitBytes) throw tooLarge(limitBytes);
      yield chunk as Buffer;
    }
  } catch (error) {
    if (error instanceof GatehouseError) throw error;
    throw new GatehouseError('BAD_REQUEST', 'The body ended before it was whole.', { cause: error });
  }
  if (!request.complete) throw new GatehouseError('BAD_REQUEST', 'The body ended before it was whole.');
}

function tooLarge(limitBytes: number): GatehouseError {
  return new GatehouseError('PAYLOAD_TOO_LARGE', `This route takes at most ${limitBytes / 1_000_000} MB.`);
}
