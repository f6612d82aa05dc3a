import { chmod } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { Gatehouse } from '../gatehouse.js';
import { listenOn, type RunningServer } from '../kernel/listening.js';
import { answerUnparsed } from '../kernel/unparsed.js';
import { createApp } from './app.js';

/**
 * Listens on TCP for callers.
 * @throws GatehouseError `CONFLICT` when the port is taken, `BAD_REQUEST` when the address is not this machine's
 */
export async function listenTcp(gatehouse: Gatehouse): Promise<RunningServer> {
  const { host, port, basePath } = gatehouse.config;
  const running = await listenOn(build(gatehouse, 'tcp'), { host, port, setting: 'PORT' });
  return { ...running, url: `${running.url}${basePath}` };
}

/** Listens on the command socket, for the owner of the files only (mode 0600). */
export async function listenSocket(gatehouse: Gatehouse, path: string): Promise<RunningServer> {
  const running = await listenOn(build(gatehouse, 'socket'), { path });
  await chmod(path, 0o600);
  return running;
}

function build(gatehouse: Gatehouse, door: 'tcp' | 'socket'): Server {
  const app = createApp(gatehouse, door);
  // Node would answer a missing Host and a strange Expect by itself, without a body: the app does, in the one shape.
  const server = createServer({ requireHostHeader: false }, app);
  server.on('checkExpectation', (request, response) => server.emit('request', request, response));
  answerUnparsed(server);
  return server;
}
