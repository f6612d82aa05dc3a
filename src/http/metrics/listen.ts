import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { Gatehouse } from '../../gatehouse.js';
import { trackConnections } from '../../kernel/connections.js';
import { GatehouseError, isGatehouseError } from '../../kernel/errors.js';
import { newRequestId } from '../../kernel/ids.js';
import { listenOn, type RunningServer } from '../../kernel/listening.js';
import { describeError } from '../../kernel/logger.js';
import { problemHeaders, toProblem } from '../../kernel/problem.js';
import { answerUnparsed } from '../../kernel/unparsed.js';
import { PATIENCE } from '../server.js';
import { Exposition } from './exposition.js';
import { numbersOf } from './numbers.js';

/** Often enough to see what a request would wait for. */
const TICK_MS = 20;

/**
 * Listens on the address of `METRICS` for Prometheus, apart from every other door: the numbers are not for callers.
 * @throws GatehouseError as {@link listenOn}
 */
export async function listenMetrics(
  gatehouse: Gatehouse,
  { host, port }: { readonly host: string; readonly port: number },
  openConnections: () => Readonly<Record<string, number>>,
): Promise<RunningServer> {
  const ticks = monitorEventLoopDelay({ resolution: TICK_MS });
  const server = createServer({ ...PATIENCE });
  const connections = trackConnections(server);
  answerUnparsed(server, connections);
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    connections.watch(request, response);
    try {
      requireMetrics(request);
      const text = numbersOf(gatehouse, { connections: openConnections, ticks, tickMs: TICK_MS });
      response.writeHead(200, { 'Content-Type': Exposition.CONTENT_TYPE, 'Cache-Control': 'no-store' });
      response.end(request.method === 'HEAD' ? undefined : text);
    } catch (error) {
      refuse(gatehouse, request, response, error);
    }
  });
  const running = await listenOn(server, connections, { host, port, setting: 'METRICS' });
  ticks.enable();
  return {
    ...running,
    async close(graceMs) {
      ticks.disable();
      await running.close(graceMs);
    },
  };
}

function requireMetrics({ method, url = '' }: IncomingMessage): void {
  if (url.split('?', 1)[0] !== '/metrics') throw new GatehouseError('NOT_FOUND', 'The numbers are at /metrics.');
  if (method !== 'GET' && method !== 'HEAD')
    throw new GatehouseError('METHOD_NOT_ALLOWED', 'This path answers GET.', { headers: { Allow: 'GET' } });
}

function refuse({ log }: Gatehouse, request: IncomingMessage, response: ServerResponse, thrown: unknown): void {
  if (!isGatehouseError(thrown)) log.error('the numbers cannot be read', describeError(thrown));
  const error = isGatehouseError(thrown)
    ? thrown
    : new GatehouseError('INTERNAL', 'The numbers cannot be read. The log says why.', { cause: thrown });
  const requestId = newRequestId();
  // What is left of a body that nobody reads would be taken for the next request.
  response.shouldKeepAlive = false;
  response.writeHead(error.status, problemHeaders(error, requestId));
  response.end(request.method === 'HEAD' ? undefined : JSON.stringify(toProblem(error, requestId)));
}
