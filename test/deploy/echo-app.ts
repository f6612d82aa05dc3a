import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocketServer } from 'ws';

/** What the app saw of one request. */
export interface Seen {
  readonly method: string;
  readonly url: string;
  /** Name, value, name, value … */
  readonly rawHeaders: readonly string[];
  readonly body: string;
}

export interface EchoApp extends AsyncDisposable {
  readonly port: number;
  /** Every request that got here. */
  readonly seen: Seen[];
}

/** An app that answers 200 with what it saw of the request, and echoes WebSocket messages. */
export async function startEchoApp(): Promise<EchoApp> {
  const seen: Seen[] = [];
  const note = ({ method, url, rawHeaders }: IncomingMessage, body: string) => {
    const one = { method: method ?? '', url: url ?? '', rawHeaders, body };
    seen.push(one);
    return one;
  };
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const one = note(request, Buffer.concat(chunks).toString('utf8'));
      response.setHeader('Content-Type', 'application/json');
      // An app may refuse by itself; that must arrive as it is.
      if (one.url.startsWith('/app-says-403')) response.statusCode = 403;
      response.end(JSON.stringify(one));
    });
  });
  const sockets = new WebSocketServer({ server });
  sockets.on('connection', (socket, request) => {
    note(request, '');
    socket.on('message', (data) => socket.send(`echo ${String(data)}`));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    seen,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets.clients) socket.terminate();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
