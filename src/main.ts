#!/usr/bin/env node
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CommandSocket } from './cli/context.js';
import type { Config } from './gatehouse.js';
import { listenForStop } from './kernel/stop-signal.js';

// The only file that sees doors: it hands the command line what it may not import itself.
// Rooms and doors are loaded when a command needs them, so that `healthcheck`, which the image runs all day, is cheap.

const args = process.argv.slice(2);
const serves = args.find((arg) => !arg.startsWith('-')) === 'serve';
const stop = serves ? listenForStop() : { requested: new Promise<void>(() => {}) };

const { readLaunch } = await import('./config/launch.js');
const { version } = await import('./kernel/version.js');
const { runCli } = await import('./cli/program.js');
const launch = readLaunch();

/** The folder opened in this process, behind a socket in a folder that only this user can enter. */
async function openOffline(config: Config): Promise<CommandSocket> {
  const { openGatehouse } = await import('./gatehouse.js');
  const { listenSocket } = await import('./http/server.js');
  const { createLogger } = await import('./kernel/logger.js');
  const folder = await privateFolder();
  const removeFolder = () => rm(folder, { recursive: true, force: true });
  try {
    const gatehouse = await openGatehouse(config, { log: createLogger('warn'), socket: 'off' });
    const socketPath = join(folder, 's');
    const server = await listenSocket(gatehouse, socketPath);
    return {
      socketPath,
      async close() {
        await server.close(0);
        await gatehouse.close();
        await removeFolder();
      },
    };
  } catch (error) {
    await removeFolder();
    throw error;
  }
}

async function privateFolder(): Promise<string> {
  try {
    return await mkdtemp(join(tmpdir(), 'gatehouse-'));
  } catch (cause) {
    const { GatehouseError } = await import('./kernel/errors.js');
    const remedy = `${tmpdir()} cannot be written. Make it writable; in a container, add --tmpfs /run/gatehouse.`;
    throw new GatehouseError('UNAVAILABLE', remedy, { cause });
  }
}

// A reader that has seen enough (`| head -1`) is no fault; a server goes on without its log.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    if (!serves) process.exit(0);
  });
}

process.exitCode = await runCli(
  args,
  {
    version: version(),
    command: launch.command,
    readConfig: launch.config,
    serve: async (config, say) =>
      (await import('./http/serve.js')).serve(config, {
        command: launch.command,
        say,
        stop,
        listenGateway: async (gatehouse, upstream) =>
          (await import('./gateway/server.js')).listenGateway(gatehouse, upstream),
      }),
    findServer: async (config) => (await import('./running.js')).findRunning(config),
    openOffline,
  },
  { input: process.stdin, output: process.stdout, words: process.stderr },
  launch.noColor,
);
