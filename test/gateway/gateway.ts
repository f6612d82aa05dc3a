import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import {
  type AddressInfo,
  connect,
  createServer as createTcpServer,
  type Socket,
  type Server as TcpServer,
} from 'node:net';
import type { UpstreamRoutes } from '../../src/contract/upstream-routes.js';
import { listenGateway } from '../../src/gateway/server.js';
import type { TestClock } from '../support/clock.js';
import { type RunningGatehouse, startGatehouse } from '../support/gatehouse.js';

/** A request as the app behind the gateway saw it. */
export interface Seen {
  readonly method: string;
  readonly url: string;
  readonly rawHeaders: readonly string[];
  readonly headers: IncomingMessage['headers'];
  readonly rawTrailers: readonly string[];
  readonly body: string;
}

export interface RunningGateway extends AsyncDisposable {
  /** Of the gateway. */
  readonly url: string;
  readonly house: RunningGatehouse;
  /** Requests that reached the app whole, in their order. */
  readonly seen: readonly Seen[];
  /** How many connections the app has had. */
  connections(): number;
  /** The lines of the access log of this door. */
  lines(): Record<string, unknown>[];
  /** Stops the gateway, as the program does. */
  stop(graceMs: number): Promise<void>;
}

export interface GatewayOptions {
  readonly settings?: Record<string, string>;
  /** Left out: any valid key passes. */
  readonly routes?: UpstreamRoutes;
  readonly clock?: TestClock;
  /** Put behind the app's address, such as `/base`. */
  readonly path?: string;
}

/** A gateway in front of an app that answers with `app`, on real ports, stopped when the test ends. */
export async function startGateway(app: RequestListener, options: GatewayOptions = {}): Promise<RunningGateway> {
  const seen: Seen[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { method = '', url = '', rawHeaders, headers, rawTrailers } = request;
      seen.push({ method, url, rawHeaders, headers, rawTrailers, body: Buffer.concat(chunks).toString('latin1') });
    });
    app(request, response);
  });
  return gatewayTo(server, seen, options);
}

/** The same in front of a server that speaks for itself, byte by byte. */
export async function startGatewayTo(
  app: (socket: Socket) => void,
  options: GatewayOptions = {},
): Promise<RunningGateway> {
  return gatewayTo(
    createTcpServer((socket) => {
      socket.on('error', () => {});
      app(socket);
    }),
    [],
    options,
  );
}

async function gatewayTo(server: Server | TcpServer, seen: Seen[], options: GatewayOptions): Promise<RunningGateway> {
  let connections = 0;
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    connections += 1;
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const upstream = `http://127.0.0.1:${(server.address() as AddressInfo).port}${options.path ?? ''}`;
  const house = await startGatehouse(
    { UPSTREAM_URL: upstream, GATEWAY_PORT: '0', ...options.settings },
    {
      files: options.routes === undefined ? {} : { '.gatehouse/routes.json': JSON.stringify(options.routes) },
      ...(options.clock === undefined ? {} : { clock: options.clock }),
    },
  );
  const gateway = await listenGateway(house.gatehouse, new URL(upstream));
  return {
    url: gateway.url,
    house,
    seen,
    connections: () => connections,
    lines: () =>
      house
        .logs()
        .split('\n')
        .filter((line) => line.includes('"door":"gateway"'))
        .map((line) => JSON.parse(line)),
    stop: (graceMs) => gateway.close(graceMs),
    async [Symbol.asyncDispose]() {
      await gateway.close(0);
      for (const socket of sockets) socket.destroy();
      server.close();
      await house[Symbol.asyncDispose]();
    },
  };
}

/** What a connection gave back, and whether the server ended it. */
export interface Wire {
  readonly text: string;
  readonly ended: boolean;
  /** It was cut off (RST) rather than ended. */
  readonly reset: boolean;
}

/** Writes bytes as they are and reads until nothing came for `idleMs`. */
export function wire(url: string, bytes: string | Buffer, idleMs = 300): Promise<Wire> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve) => {
    let text = '';
    const socket = connect({ host: hostname, port: Number(port) }, () => socket.write(bytes));
    const finish = (ended: boolean, reset: boolean) => {
      socket.destroy();
      resolve({ text, ended, reset });
    };
    socket.setTimeout(idleMs, () => finish(false, false));
    socket.setEncoding('latin1').on('data', (chunk: string) => {
      text += chunk;
    });
    socket.on('end', () => finish(true, false));
    socket.on('error', () => finish(true, true));
  });
}

/** The value of a header that the app saw once; throws when it came more than once. */
export function once(seen: Pick<Seen, 'rawHeaders'> | undefined, name: string): string | null {
  const values = (seen?.rawHeaders ?? []).filter(
    (_, index, all) => index % 2 === 1 && all[index - 1]?.toLowerCase() === name,
  );
  if (values.length > 1) throw new Error(`${name} came ${values.length} times`);
  return values[0] ?? null;
}
