import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { REPOSITORY } from '../support/workspace.js';

const MAIN = join(REPOSITORY, 'dist', 'main.js');

/** What a command left behind. */
export interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Place {
  /** `WORKSPACES_DIR`. */
  readonly folder: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** The program, where it is not the one of this checkout. */
  readonly main?: string;
  /** Put before `node`, such as `setpriv …`. */
  readonly prefix?: readonly string[];
}

/** The built command line as a child process, with nothing of this process's environment but `PATH`. */
export function spawnGatehouse(args: readonly string[], place: Place, options: SpawnOptions = {}): ChildProcess {
  if (!existsSync(MAIN)) throw new Error('dist/main.js is missing: run `npm run build` first (`npm test` does)');
  const [command = '', ...rest] = [...(place.prefix ?? []), process.execPath, place.main ?? MAIN, ...args];
  return spawn(command, rest, {
    cwd: place.cwd ?? place.folder,
    env: { PATH: process.env['PATH'] ?? '', WORKSPACES_DIR: place.folder, PORT: '0', ...place.env },
    stdio: ['pipe', 'pipe', 'pipe'],
    ...options,
  });
}

/** Runs one command to its end. `input` is its standard input, which is never a terminal. */
export function run(args: readonly string[], place: Place, input = ''): Promise<Ran> {
  const child = spawnGatehouse(args, place);
  const stdout = collect(child.stdout);
  const stderr = collect(child.stderr);
  child.stdin?.on('error', () => {});
  child.stdin?.end(input);
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, stdout: stdout(), stderr: stderr() }));
  });
}

export interface Server extends AsyncDisposable {
  readonly url: string;
  readonly pid: number;
  stdout(): string;
  stderr(): string;
  kill(signal: NodeJS.Signals): void;
  /** @returns the exit code, once it has ended */
  readonly ended: Promise<number | null>;
}

/** `gatehouse serve`, ready to answer. It is killed when the test ends. */
export async function serve(place: Place): Promise<Server> {
  const child = spawnGatehouse(['serve'], place);
  const stdout = collect(child.stdout);
  const stderr = collect(child.stderr);
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
  let over = false;
  void ended.then(() => {
    over = true;
  });
  const deadline = Date.now() + 20_000;
  let url: string | undefined;
  while (url === undefined) {
    url = /listens on (\S+)/.exec(stdout())?.[1];
    if (over || Date.now() > deadline) throw new Error(`the server did not start: ${stdout()}${stderr()}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return {
    url,
    pid: child.pid ?? 0,
    stdout,
    stderr,
    ended,
    kill: (signal) => void child.kill(signal),
    async [Symbol.asyncDispose]() {
      if (!over) child.kill('SIGKILL');
      await ended;
    },
  };
}

function collect(stream: NodeJS.ReadableStream | null): () => string {
  const chunks: Buffer[] = [];
  stream?.on('data', (chunk: Buffer) => chunks.push(chunk));
  return () => Buffer.concat(chunks).toString('utf8');
}
