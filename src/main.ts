#!/usr/bin/env node
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CommandSocket } from './cli/context.js';
import { runCli } from './cli/program.js';
import { readLaunch } from './config/launch.js';
import { type Config, findRunning, openGatehouse } from './gatehouse.js';
import { listenSocket } from './http/server.js';
import { createLogger } from './kernel/logger.js';
import { version } from './kernel/version.js';
import { serve } from './http/serve.js';

// The only file that sees doors: it hands the command line what it may not import itself.

const launch = readLaunch();

/** The folder opened in this process, behind a socket in a folder that only this user can enter. */
async function openOffline(config: Config): Promise<CommandSocket> {
  const folder = await mkdtemp(join(tmpdir(), 'gatehouse-'));
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

process.exitCode = await runCli(
  process.argv.slice(2),
  {
    version: version(),
    command: launch.command,
    readConfig: launch.config,
    serve: (config, say) => serve(config, launch.command, say),
    findServer: findRunning,
    openOffline,
  },
  { input: process.stdin, output: process.stdout, words: process.stderr },
  launch.noColor,
);
