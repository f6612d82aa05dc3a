import { createServer, type IncomingMessage, type Server, ServerResponse } from 'node:http';
import type { Gatehouse } from '../gatehouse.js';
import { type Connections, trackConnections } from '../kernel/connections.js';
import { listenOn, type RunningServer } from '../kernel/listening.js';
import { answerUnparsed } from '../kernel/unparsed.js';
import { Gateway } from './gateway.js';
import { headWithoutUpgrade, offeredProtocols } from './upgrade.js';

/** How long callers may take. */
const PATIENCE = {
  /** The head of a request, from its first byte. */
  headersTimeout: 15_000,
  /** None for head and body together: uploads take what they take, as long as they go on. */
  requestTimeout: 0,
  /** An idle connection: longer than proxies keep theirs, so that they close first. */
  keepAliveTimeout: 130_000,
  /** How often the first is looked at. */
  connectionsCheckingInterval: 5_000,
} as const;

/**
 * Listens for callers of the app that `UPSTREAM_URL` names.
 * @throws GatehouseError `CONFLICT` when the port is taken, `BAD_REQUEST` when the address is not this machine's
 */
export async function listenGateway(gatehouse: Gatehouse, upstream: URL): Promise<RunningServer> {
  const gateway = new Gateway(gatehouse, upstream);
  const { host, gatewayPort: port } = gatehouse.config;
  const { server, connections } = build(gateway);
  const running = await listenOn(server, connections, { host, port, setting: 'GATEWAY_PORT' });
  return {
    ...running,
    async close(graceMs) {
      gateway.endEndless();
      await running.close(graceMs);
      gateway.close();
    },
  };
}

function build(gateway: Gateway): { server: Server; connections: Connections } {
  // Node would answer a missing Host by itself, without a body.
  const server = createServer({ ...PATIENCE, requireHostHeader: false });
  const connections = trackConnections(server);
  const awaiting = new WeakSet<IncomingMessage>();
  server.on('request', (request, response) => {
    connections.watch(request, response);
    gateway.take({ request, response, awaitsContinue: awaiting.has(request), upgrade: null });
  });
  server.on('checkContinue', (request, response) => {
    awaiting.add(request);
    server.emit('request', request, response);
  });
  server.on('checkExpectation', (request, response) => server.emit('request', request, response));
  server.on('upgrade', (request, _socket, head) => {
    const protocols = offeredProtocols(request);
    if (protocols.length > 0)
      gateway.take({ ...answering(request), awaitsContinue: false, upgrade: { protocols, head } });
    else readAgain(server, request, head);
  });
  answerUnparsed(server, connections);
  return { server, connections };
}

/** A request that asks for another protocol has no response made for it. */
function answering(request: IncomingMessage): { request: IncomingMessage; response: ServerResponse } {
  const { socket } = request;
  const response = new ServerResponse(request);
  socket.on('error', () => {});
  response.shouldKeepAlive = false;
  response.assignSocket(socket);
  response.once('finish', () => socket.destroySoon());
  return { request, response };
}

/** Node hands over the bare connection for any `Upgrade`, and takes it back only as a new one. */
function readAgain(server: Server, request: IncomingMessage, head: Buffer): void {
  const { socket } = request;
  socket.unshift(Buffer.concat([headWithoutUpgrade(request), head]));
  server.emit('connection', socket);
}
