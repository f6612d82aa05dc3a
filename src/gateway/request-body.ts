import type { IncomingMessage } from 'node:http';

export function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}

const MAX_DISCARDED_BYTES = 1_048_576;
const MAX_DISCARD_MS = 2000;

/**
 * Reads what is left of a body that nobody wants, within bounds. Cut at once, a connection with unread bytes is reset,
 * and the caller may never see the answer that went before (RFC 9112 §9.6).
 */
export function discardRest(request: IncomingMessage): void {
  let left = MAX_DISCARDED_BYTES;
  const timer = setTimeout(() => request.socket.destroy(), MAX_DISCARD_MS);
  request.on('data', (chunk: Buffer) => {
    left -= chunk.length;
    if (left < 0) request.socket.destroy();
  });
  request.once('close', () => clearTimeout(timer));
  request.resume();
}
