import { createServer, type IncomingMessage, type Server, ServerResponse } from 'node:http';
import type { Gatehouse } from '../gatehouse.js';
import { listenOn, type RunningServer } from '../kernel/listening.js';
import { answerUnparsed } from '../kernel/unparsed.js';
import { Gateway } from './gateway.js';
import { headWithoutUpgrade, offeredProtocols } from './upgrade.js';

/** A head that takes longer is nobody's. The whole request has no bound of its own: uploads take what they take. */
const HEADERS_TIMEOUT_MS = 20_000;

/**
 * Listens for callers of the app that `UPSTREAM_URL` names.
 * @throws GatehouseError `CONFLICT` when the port is taken, `BAD_REQUEST` when the address is not this machine's
 */
export async function listenGateway(gatehouse: Gatehouse, upstream: URL): Promise<RunningServer> {
  const gateway = new Gateway(gatehouse, upstream);
  const { host, gatewayPort: port } = gatehouse.config;
  const running = await listenOn(build(gateway), { host, port, setting: 'GATEWAY_PORT' });
  return {
    ...running,
    async close(graceMs) {
      gateway.endEndless();
      await running.close(graceMs);
      gateway.close();
    },
  };
}

function build(gateway: Gateway): Server {
  // Node would answer a missing Host by itself, without a body.
  const server = createServer({ requireHostHeader: false, headersTimeout: HEADERS_TIMEOUT_MS, requestTimeout: 0 });
  const awaiting = new WeakSet<IncomingMessage>();
  server.on('request', (request, response) =>
    gateway.take({ request, response, awaitsContinue: awaiting.has(request), upgrade: null }),
  );
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
  answerUnparsed(server);
  return server;
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
