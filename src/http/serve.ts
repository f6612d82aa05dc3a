import { type Config, type Gatehouse, openGatehouse } from '../gatehouse.js';
import type { RunningServer } from '../kernel/listening.js';
import { createLogger, describeError } from '../kernel/logger.js';
import type { StopSignal } from '../kernel/stop-signal.js';
import { version } from '../kernel/version.js';
import { listenMetrics } from './metrics/listen.js';
import { listenSocket, listenTcp } from './server.js';

/** Requests that run when the server is told to stop have this long. */
const GRACE_MS = 25_000;

export interface ServeParts {
  /** How people call the command line here, for the lines that tell them what to do next. */
  readonly command: string;
  readonly say: (line: string) => void;
  readonly stop: StopSignal;
  /** Opens the gateway, where `UPSTREAM_URL` asks for one. */
  readonly listenGateway: (gatehouse: Gatehouse, upstream: URL) => Promise<RunningServer>;
}

/**
 * Runs the server until it is told to stop: readiness says no, no new connection is taken, requests that run end,
 * counters and audit are saved.
 * @returns the exit code
 */
export async function serve(config: Config, { command, say, stop, listenGateway }: ServeParts): Promise<number> {
  const log = createLogger(config.logLevel);
  const gatehouse = await openGatehouse(config, { log });
  const servers: RunningServer[] = [];
  try {
    const tcp = await listenTcp(gatehouse);
    servers.push(tcp);
    const upstream = config.upstreamUrl;
    const gateway = upstream === null ? null : await listenGateway(gatehouse, upstream);
    if (gateway !== null) servers.push(gateway);
    const socketFault = await openCommandSocket(gatehouse, servers);
    if (config.metrics !== null) servers.push(await openMetrics(gatehouse, config.metrics, [...servers], say));
    const setup = await setUp(gatehouse, tcp.url, command);
    const urls = { own: tcp.url, gateway: gateway?.url ?? null };
    for (const line of firstWords(gatehouse, urls, command, socketFault)) say(line);
    for (const line of setup) say(line);
    gatehouse.ask.start();
    gatehouse.jobs.start();
    const code = await untilStopped(gatehouse, stop);
    gatehouse.drain();
    log.info('stopping', {});
    await Promise.all(servers.map((server) => server.close(GRACE_MS)));
    return code;
  } finally {
    await Promise.all(servers.map((server) => server.close(0)));
    await gatehouse.close();
  }
}

/** @returns why there is none, when there is none: the server serves without it */
async function openCommandSocket(gatehouse: Gatehouse, servers: RunningServer[]): Promise<string | null> {
  const { commandSocketPath, commandSocketFault } = gatehouse.folder;
  if (commandSocketPath === null) return commandSocketFault;
  try {
    servers.push(await listenSocket(gatehouse, commandSocketPath));
    return null;
  } catch (error) {
    gatehouse.log.warn('no command socket', describeError(error));
    return `The command line cannot reach this server: ${commandSocketPath} cannot be opened. In a container, add --tmpfs /run/gatehouse.`;
  }
}

async function openMetrics(
  gatehouse: Gatehouse,
  place: NonNullable<Config['metrics']>,
  [tcp, socket]: readonly RunningServer[],
  say: ServeParts['say'],
): Promise<RunningServer> {
  const metrics = await listenMetrics(gatehouse, place, () => ({
    tcp: tcp?.openConnections() ?? 0,
    ...(socket === undefined ? {} : { socket: socket.openConnections() }),
  }));
  say(`Numbers for Prometheus on ${metrics.url}/metrics`);
  return metrics;
}

/**
 * While nobody has an account: makes the administrator that the settings name, or a link that makes one.
 * @returns what to say about it
 * @throws GatehouseError `BAD_REQUEST` when ADMIN_PASSWORD is one that guessers try first
 */
async function setUp({ firstRun, config }: Gatehouse, url: string, command: string): Promise<string[]> {
  const { adminEmail: email, adminPassword: password } = config;
  const admin = await firstRun.begin(email === null || password === null ? null : { email, password });
  if (admin !== null) return ['', `The first administrator is ${admin.email}, with the password of ADMIN_PASSWORD.`];
  if (firstRun.isBereft) {
    const words = `This instance was set up once, and nobody has an account now. Is .gatehouse/users.json lost? Restore it, or begin anew: ${command} setup`;
    return [`NO_USERS: ${words}`];
  }
  if (!firstRun.isOpen) return [];
  const link = await firstRun.makeLink(null);
  return [
    '',
    'Nobody can sign in yet. Open this once, within 30 minutes, to make the first administrator:',
    `  ${link.url ?? `${url.replace('127.0.0.1', 'localhost')}${link.path}`}`,
    'Or in another terminal:',
    `  ${command} setup --email you@example.com`,
  ];
}

function firstWords(
  gatehouse: Gatehouse,
  urls: { readonly own: string; readonly gateway: string | null },
  command: string,
  socketFault: string | null,
): string[] {
  const { config, seal, workspaces, keys } = gatehouse;
  const names = workspaces.list().map(({ id }) => id);
  const lines = [
    `Gatehouse ${version()} listens on ${urls.own}`,
    ...(urls.gateway === null ? [] : [`The gateway to ${config.upstreamUrl?.href} listens on ${urls.gateway}`]),
    `Workspaces in ${config.workspacesDir}: ${names.length === 0 ? 'none yet; make a folder there' : names.join(', ')}`,
  ];
  for (const { code, words } of config.warnings) lines.push(`${code}: ${words}`);
  if (seal.locked !== null) lines.push(`VAULT_LOCKED: ${seal.locked.remedy}`);
  if (!gatehouse.sendsMail)
    lines.push(`No mail is sent (SMTP_URL, PUBLIC_URL): ${command} users reset-password lets people back in.`);
  if (socketFault !== null) lines.push(`NO_COMMAND_SOCKET: ${socketFault}`);
  if (keys.count === 0 && config.adminKey === null && config.clientKeys.length === 0) {
    lines.push('', 'No keys yet. Make the first one in another terminal:', `  ${command} keys create my-first-key`);
  }
  return lines;
}

async function untilStopped(gatehouse: Gatehouse, stop: StopSignal): Promise<number> {
  process.on('unhandledRejection', (error) => gatehouse.log.error('unhandled rejection', describeError(error)));
  // Somebody else owns the files now: to go on would be two writers.
  const lost = new Promise<number>((resolve) => gatehouse.folder.onLost(() => resolve(5)));
  return Promise.race([stop.requested.then(() => 0), lost]);
}
