import type { Server } from 'node:http';
import type { Socket } from 'node:net';

/** The open connections of a server, and on which of them a request runs. */
export interface Connections {
  /**
   * Ends those on which none does, also those that never sent a whole one: browsers open such ahead of need, and
   * Node's `closeIdleConnections` waits for them. Connections that speak another protocol by now have no end of their
   * own and count as idle.
   */
  endIdle(): void;
  endAll(): void;
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
  server.on('request', ({ socket }, response) => {
    busy.add(socket);
    response.once('close', () => busy.delete(socket));
  });
  return {
    endIdle() {
      for (const socket of open) if (!busy.has(socket)) socket.destroy();
    },
    endAll() {
      for (const socket of open) socket.destroy();
    },
  };
}
