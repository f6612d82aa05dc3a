import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { REPOSITORY, temporaryFolder } from '../support/workspace.js';

/** A proxy that runs one of the printed configurations. */
export interface RunningProxy extends AsyncDisposable {
  readonly url: string;
  readonly port: number;
}

export interface Ports {
  readonly gatehouse: number;
  readonly app: number;
}

/** Why a program cannot be tested here; `null`: it can. Said in one line, so that a skip is never silent. */
export function missing(program: 'nginx' | 'caddy'): string | null {
  const found = spawnSync(program, [program === 'nginx' ? '-v' : 'version'], { stdio: 'ignore' });
  let why: string | null = null;
  if (found.error !== undefined) why = `${program} is not installed here`;
  else if (program === 'nginx' && process.getuid?.() !== 0) why = 'nginx keeps its temporary files where only root may';
  if (why !== null) console.warn(`skipped: docs/deploy with the real ${program}, because ${why}`);
  return why;
}

const printed = (name: string) => readFileSync(join(REPOSITORY, 'docs', 'deploy', name), 'utf8');

/** Replaces names that stand for the reader's own; each must be there, or the page was changed and the test was not. */
function substitute(text: string, names: Readonly<Record<string, string>>): string {
  let result = text;
  for (const [name, own] of Object.entries(names)) {
    const lines = result.split('\n').map((line) => (/^\s*#/.test(line) ? line : line.replaceAll(name, own)));
    if (lines.join('\n') === result) throw new Error(`the printed configuration does not name ${name}`);
    result = lines.join('\n');
  }
  return result;
}

/** `docs/deploy/nginx.conf`, exactly as printed but for port and names. */
export async function startNginx({ gatehouse, app }: Ports): Promise<RunningProxy> {
  const port = await freePort();
  const text = substitute(printed('nginx.conf'), {
    'listen 80;': `listen 127.0.0.1:${port};`,
    'gatehouse:3000': `127.0.0.1:${gatehouse}`,
    'app:8080': `127.0.0.1:${app}`,
  });
  const folder = await temporaryFolder();
  const file = join(folder.path, 'nginx.conf');
  await writeFile(file, text);
  const globals = `daemon off; pid ${folder.path}/pid; error_log stderr warn;`;
  return start('nginx', ['-p', folder.path, '-e', 'stderr', '-c', file, '-g', globals], {}, port, folder);
}

/** `docs/deploy/Caddyfile`, exactly as printed but for names. Without a domain of its own Caddy serves plain HTTP. */
export async function startCaddy({ gatehouse, app }: Ports): Promise<RunningProxy> {
  const port = await freePort();
  const text = substitute(printed('Caddyfile'), {
    'app.example.com {': `http://:${port} {`,
    'gatehouse:3000': `127.0.0.1:${gatehouse}`,
    'app:8080': `127.0.0.1:${app}`,
  });
  const folder = await temporaryFolder();
  const file = join(folder.path, 'Caddyfile');
  await mkdir(join(folder.path, 'home'));
  await writeFile(file, text);
  const home = join(folder.path, 'home');
  const environment = {
    HOME: home,
    XDG_CONFIG_HOME: home,
    XDG_DATA_HOME: home,
    CADDY_ADMIN: `127.0.0.1:${await freePort()}`,
  };
  return start('caddy', ['run', '--config', file, '--adapter', 'caddyfile'], environment, port, folder);
}

async function start(
  program: string,
  args: readonly string[],
  environment: Readonly<Record<string, string>>,
  port: number,
  folder: AsyncDisposable,
): Promise<RunningProxy> {
  const child = spawn(program, args, {
    env: { PATH: process.env['PATH'] ?? '', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let words = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      words += chunk;
    });
  }
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  await untilOpen(port, child, () => words);
  return {
    port,
    url: `http://127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      child.kill('SIGTERM');
      await ended;
      await folder[Symbol.asyncDispose]();
    },
  };
}

async function untilOpen(port: number, child: ChildProcess, words: () => string): Promise<void> {
  const deadline = Date.now() + 20_000;
  for (;;) {
    if (child.exitCode !== null || Date.now() > deadline) throw new Error(`it did not start: ${words()}`);
    const open = await new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1', () => resolve(true));
      socket.once('connect', () => socket.destroy());
      socket.once('error', () => resolve(false));
    });
    if (open) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

export function freePort(): Promise<number> {
  const probe = createServer();
  return new Promise((resolve) => {
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as { port: number };
      probe.close(() => resolve(port));
    });
  });
}
