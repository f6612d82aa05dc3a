import { chmod } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Express } from 'express';
import type { Gatehouse } from '../gatehouse.js';
import { type Connections, trackConnections } from '../kernel/connections.js';
import { listenOn, type RunningServer } from '../kernel/listening.js';
import { answerUnparsed } from '../kernel/unparsed.js';
import { createApp } from './app.js';
import { hasBody } from './json-body.js';
import { LeanRequest } from './lean-request.js';
import { takesItsTime } from './stream-body.js';
import { createVerifyDoor } from './verify.js';

/** How long callers may take; nothing here is left to Node's own defaults, which change. */
export const PATIENCE = {
  /** The head of a request, from its first byte: who sends it drop by drop is cut off. */
  headersTimeout: 15_000,
  /** Head and body together. How long an answer takes is not in it. */
  requestTimeout: 60_000,
  /** The same where a body is taken as it comes: an archive over a slow line. */
  uploadTimeout: 900_000,
  /** An idle connection: longer than proxies keep theirs (nginx 60 s, Caddy 120 s), so that they close first. */
  keepAliveTimeout: 130_000,
  /** How often the first two are looked at. */
  connectionsCheckingInterval: 5_000,
} as const;

type Patience = Readonly<Record<keyof typeof PATIENCE, number>>;

/**
 * Listens on TCP for callers.
 * @throws GatehouseError `CONFLICT` when the port is taken, `BAD_REQUEST` when the address is not this machine's
 */
export async function listenTcp(gatehouse: Gatehouse, patience: Patience = PATIENCE): Promise<RunningServer> {
  const { server, connections } = build(gatehouse, 'tcp', patience);
  const { host, port, basePath } = gatehouse.config;
  const running = await listenOn(server, connections, { host, port, setting: 'PORT' });
  return { ...running, url: `${running.url}${basePath}` };
}

/** Listens on the command socket, for the owner of the files only (mode 0600). */
export async function listenSocket(gatehouse: Gatehouse, path: string): Promise<RunningServer> {
  const { server, connections } = build(gatehouse, 'socket', PATIENCE);
  const running = await listenOn(server, connections, { path });
  await chmod(path, 0o600);
  return running;
}

function build(
  gatehouse: Gatehouse,
  door: 'tcp' | 'socket',
  patience: Patience,
): { server: Server; connections: Connections } {
  // That of the command socket is made with its first command: making one takes a thirtieth of the start.
  let app: Express | undefined = door === 'tcp' ? createApp(gatehouse, door) : undefined;
  const verify = door === 'tcp' ? createVerifyDoor(gatehouse, patience.keepAliveTimeout) : () => false;
  // Node would answer a missing Host and a strange Expect by itself, without a body: the app does, in the one shape.
  // Node knows one time for every request; the shorter one of those that are no upload is kept below.
  const { uploadTimeout, requestTimeout, ...times } = patience;
  const options = { ...times, requestTimeout: uploadTimeout, requireHostHeader: false, IncomingMessage: LeanRequest };
  const server = createServer(options);
  const connections = trackConnections(server);
  const answer = (request: LeanRequest, response: ServerResponse) => {
    request.handedOver = true;
    const taken = verify(request, response);
    // What is answered already needs no watching.
    if (response.writableEnded) return;
    connections.watch(request, response);
    if (hasBody(request)) endWhenLate(server, request, requestTimeout);
    if (taken) return;
    app ??= createApp(gatehouse, door);
    app(request, response);
  };
  server.on('request', answer);
  server.on('checkExpectation', answer);
  answerUnparsed(server, connections);
  return { server, connections };
}

/** A body that has not arrived in time ends its connection as Node itself would end it. */
function endWhenLate(server: Server, request: IncomingMessage, timeoutMs: number): void {
  const timer = setTimeout(() => {
    if (request.complete || takesItsTime(request)) return;
    const late = Object.assign(new Error('Request timeout'), { code: 'ERR_HTTP_REQUEST_TIMEOUT' });
    server.emit('clientError', late, request.socket);
  }, timeoutMs).unref();
  request.once('close', () => clearTimeout(timer));
  request.once('end', () => clearTimeout(timer));
}
