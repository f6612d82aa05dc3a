import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';

/** The open connections of a server, and the requests that run on them. */
export interface Connections {
  /** How many are open. */
  readonly size: number;
  /** A request runs on its connection until its answer is out. */
  watch(request: IncomingMessage, response: ServerResponse): void;
  /** The answer that is under way on a connection, or comes next there. */
  answerOn(socket: Duplex): ServerResponse | undefined;
  /**
   * Ends those on which no request runs, also those that never sent a whole one: browsers open such ahead of need, and
   * Node's `closeIdleConnections` waits for them. Connections that speak another protocol by now have no end of their
   * own and count as idle.
   */
  endIdle(): void;
  endAll(): void;
}

export function trackConnections(server: Server): Connections {
  const open = new Set<Duplex>();
  /** Several where requests are sent before their answers are there; the first goes first. */
  const running = new Map<Duplex, ServerResponse[]>();
  server.on('connection', (socket) => {
    open.add(socket);
    socket.once('close', () => {
      open.delete(socket);
      running.delete(socket);
    });
  });
  return {
    get size() {
      return open.size;
    },
    watch({ socket }, response) {
      const answers = running.get(socket);
      if (answers === undefined) running.set(socket, [response]);
      else answers.push(response);
      response.once('close', () => {
        const left = running.get(socket)?.filter((other) => other !== response) ?? [];
        if (left.length === 0) running.delete(socket);
        else running.set(socket, left);
      });
    },
    answerOn: (socket) => running.get(socket)?.[0],
    endIdle() {
      for (const socket of open) if (!running.has(socket)) socket.destroy();
    },
    endAll() {
      for (const socket of open) socket.destroy();
    },
  };
}
