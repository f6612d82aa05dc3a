import { chmod } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerOptions, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Gatehouse } from '../gatehouse.js';
import { GatehouseError } from '../kernel/errors.js';
import { createApp } from './app.js';
import { type Connections, trackConnections } from './connections.js';
import { answerOutsideExpress } from './errors.js';
import { createVerifyDoor } from './verify.js';

export interface RunningServer {
  /** Where callers reach it, such as `http://127.0.0.1:3000`. */
  readonly url: string;
  /** Takes no new connection, lets requests that run end within `graceMs`, then cuts what is left. */
  close(graceMs: number): Promise<void>;
}

/** How long callers may take; nothing here is left to Node's own defaults, which change. */
export const PATIENCE = {
  /** The head of a request, from its first byte: who sends it drop by drop is cut off. */
  headersTimeout: 15_000,
  /** Head and body together. How long an answer takes is not in it. */
  requestTimeout: 60_000,
  /** An idle connection: longer than proxies keep theirs (nginx 60 s, Caddy 120 s), so that they close first. */
  keepAliveTimeout: 130_000,
  /** How often the first two are looked at. */
  connectionsCheckingInterval: 5_000,
} as const;

/**
 * Listens on TCP for callers.
 * @throws GatehouseError `CONFLICT` when the port is taken, `BAD_REQUEST` when the address is not this machine's
 */
export async function listenTcp(
  gatehouse: Gatehouse,
  patience: Readonly<Record<keyof typeof PATIENCE, number>> = PATIENCE,
): Promise<RunningServer> {
  const { server, connections } = build(gatehouse, 'tcp', patience);
  const { host, port, basePath } = gatehouse.config;
  await listen(server, { host, port });
  const address = server.address() as AddressInfo;
  const shown = address.address === '::' || address.address === '0.0.0.0' ? 'localhost' : address.address;
  const name = shown.includes(':') ? `[${shown}]` : shown;
  return { url: `http://${name}:${address.port}${basePath}`, close: (graceMs) => close(server, connections, graceMs) };
}

/** Listens on the command socket, for the owner of the files only (mode 0600). */
export async function listenSocket(gatehouse: Gatehouse, path: string): Promise<RunningServer> {
  const { server, connections } = build(gatehouse, 'socket', PATIENCE);
  await listen(server, { path });
  await chmod(path, 0o600);
  return { url: `unix:${path}`, close: (graceMs) => close(server, connections, graceMs) };
}

function build(
  gatehouse: Gatehouse,
  door: 'tcp' | 'socket',
  patience: ServerOptions,
): { server: Server; connections: Connections } {
  const app = createApp(gatehouse, door);
  const verify = door === 'tcp' ? createVerifyDoor(gatehouse) : () => false;
  // Node would answer a missing Host and a strange Expect by itself, without a body: the app does, in the one shape.
  const server = createServer({ ...patience, requireHostHeader: false });
  const connections = trackConnections(server);
  const answer = (request: IncomingMessage, response: ServerResponse) => {
    const taken = verify(request, response);
    // What is answered already needs no watching.
    if (response.writableEnded) return;
    connections.watch(request, response);
    if (!taken) app(request, response);
  };
  server.on('request', answer);
  server.on('checkExpectation', answer);
  answerOutsideExpress(server);
  return { server, connections };
}

function listen(server: Server, where: { host: string; port: number } | { path: string }): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(listenError(error, where)));
    server.listen(where, resolve);
  });
}

function listenError(error: NodeJS.ErrnoException, where: { host: string; port: number } | { path: string }): Error {
  if ('path' in where)
    return new GatehouseError('UNAVAILABLE', `The command socket ${where.path} cannot be opened (${error.code}).`, {
      cause: error,
    });
  const place = `${where.host}:${where.port}`;
  switch (error.code) {
    case 'EADDRINUSE':
      return new GatehouseError('CONFLICT', `${place} is taken by another program. Set PORT to a free one.`, {
        cause: error,
      });
    case 'EACCES':
      return new GatehouseError('BAD_REQUEST', `${place} needs more rights: set PORT to one over 1023.`, {
        cause: error,
      });
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return new GatehouseError(
        'BAD_REQUEST',
        `HOST=${where.host} is no address of this machine. Use 127.0.0.1 or 0.0.0.0.`,
        { cause: error },
      );
    default:
      return error;
  }
}

function close(server: Server, connections: Connections, graceMs: number): Promise<void> {
  return new Promise((resolve) => {
    const cut = setTimeout(() => server.closeAllConnections(), graceMs);
    server.close(() => {
      clearTimeout(cut);
      resolve();
    });
    connections.endIdle();
  });
}
