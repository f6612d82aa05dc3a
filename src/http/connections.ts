import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** The open connections of a server, and on which of them a request runs. */
export interface Connections {
  /** A request runs on its connection until its answer is out. */
  watch(request: IncomingMessage, response: ServerResponse): void;
  /**
   * Ends those on which none does, also those that never sent a whole one: browsers open such ahead of need, and
   * Node's `closeIdleConnections` waits for them.
   */
  endIdle(): void;
}

export function trackConnections(server: Server): Connections {
  const open = new Set<Socket>();
  const busy = new Set<Socket>();
  server.on('connection', (socket) => {
    open.add(socket);
    socket.once('close', () => {
      open.delete(socket);
      busy.delete(socket);
    });
  });
  return {
    watch({ socket }, response) {
      busy.add(socket);
      response.once('close', () => busy.delete(socket));
    },
    endIdle() {
      for (const socket of open) if (!busy.has(socket)) socket.destroy();
    },
  };
}
