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
}

/**
 * Runs the server until it is told to stop: readiness says no, no new connection is taken, requests that run end,
 * counters and audit are saved.
 * @returns the exit code
 */
export async function serve(config: Config, { command, say, stop }: ServeParts): Promise<number> {
  const log = createLogger(config.logLevel);
  const gatehouse = await openGatehouse(config, { log });
  const servers: RunningServer[] = [];
  try {
    const tcp = await listenTcp(gatehouse);
    servers.push(tcp);
    const socketFault = await openCommandSocket(gatehouse, servers);
    if (config.metrics !== null) servers.push(await openMetrics(gatehouse, config.metrics, [...servers], say));
    for (const line of firstWords(gatehouse, tcp.url, command, socketFault)) say(line);
    gatehouse.ask.start();
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

function firstWords(gatehouse: Gatehouse, url: string, command: string, socketFault: string | null): string[] {
  const { config, seal, workspaces, keys } = gatehouse;
  const names = workspaces.list().map(({ id }) => id);
  const lines = [
    `Gatehouse ${version()} listens on ${url}`,
    `Workspaces in ${config.workspacesDir}: ${names.length === 0 ? 'none yet; make a folder there' : names.join(', ')}`,
  ];
  for (const { code, words } of config.warnings) lines.push(`${code}: ${words}`);
  if (seal.locked !== null) lines.push(`VAULT_LOCKED: ${seal.locked.remedy}`);
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
