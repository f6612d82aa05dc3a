import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';

/** One side of a tunnel. `early`: what came from it before the tunnel stood. */
export interface Side {
  readonly socket: Duplex;
  readonly early: Buffer;
}

/** Finds a side that went away without a word. */
const PROBE_AFTER_MS = 60_000;

/** Joins two connections that speak a protocol of their own by now; each side waits for the other, and both end together. */
export function joinSockets(one: Side, other: Side): void {
  for (const [from, to] of [
    [one, other],
    [other, one],
  ] as const) {
    const { socket } = from;
    if (socket instanceof Socket) {
      socket.setTimeout(0);
      socket.setNoDelay(true);
      socket.setKeepAlive(true, PROBE_AFTER_MS);
    }
    socket.on('error', () => {});
    socket.once('close', () => to.socket.destroy());
    if (from.early.length > 0) to.socket.write(from.early);
    socket.pipe(to.socket);
  }
}
