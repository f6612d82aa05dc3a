import { spawn } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import { systemClock } from '../../src/kernel/clock.js';
import type { Logger } from '../../src/kernel/logger.js';
import { type Collection, openCollection } from '../../src/store/collection.js';
import { type ClaimOptions, claimDataFolder, type DataFolder } from '../../src/store/data-folder.js';
import { type Files, isTemporaryName, nodeFiles, type OpenFile } from '../../src/store/durable-file.js';

export interface Note {
  readonly id: string;
  readonly text: string;
}

export const FILE = 'notes.json';

export const quietLog: Logger = { debug() {}, info() {}, warn() {}, error() {} };

export function parseNote(value: unknown): Note {
  const { id, text } = value as Record<string, unknown>;
  if (typeof id !== 'string') throw new Error('id: not a string');
  if (typeof text !== 'string') throw new Error('text: not a string');
  return { id, text };
}

/** A folder that is gone when the test is over. */
export async function temporaryFolder(under = tmpdir()): Promise<string> {
  const path = await mkdtemp(join(under, 'gh-store-'));
  onTestFinished(() => rm(path, { recursive: true, force: true }));
  return path;
}

export async function claim(path: string, options: Partial<ClaimOptions> = {}): Promise<DataFolder> {
  const folder = await claimDataFolder({ path, socket: 'off', clock: systemClock, log: quietLog, ...options });
  onTestFinished(() => folder.release());
  return folder;
}

export async function openNotes(
  folder: DataFolder,
  options: Partial<Parameters<typeof openCollection<Note>>[0]> = {},
): Promise<Collection<Note>> {
  const notes = await openCollection<Note>({
    folder,
    file: FILE,
    member: 'notes',
    schemaVersion: 1,
    parse: parseNote,
    clock: systemClock,
    log: quietLog,
    ...options,
  });
  onTestFinished(() => notes.close());
  return notes;
}

export const document = (...lines: string[]): string =>
  `{"schemaVersion":1,"notes":[\n${lines.join(',\n')}${lines.length === 0 ? '' : '\n'}]}\n`;

export async function notesOnDisk(path: string): Promise<Note[]> {
  const text = await readFile(join(path, FILE), 'utf8').catch(() => document());
  return (JSON.parse(text) as { notes: Note[] }).notes;
}

export async function strayFiles(path: string): Promise<string[]> {
  const names = await readdir(path, { recursive: true });
  return names.filter((name) => isTemporaryName(name.split('/').at(-1) ?? ''));
}

/** Files that fail once, at the call whose turn `failAt` is; `calls` names every call made. */
export function failingFiles(failAt: number, code: string): { files: Files; calls: string[]; arm(): void } {
  const calls: string[] = [];
  let armed = false;
  const step = (name: string) => {
    if (!armed) return;
    calls.push(name);
    if (calls.length - 1 === failAt) throw Object.assign(new Error(`${code}: injected`), { code, syscall: name });
  };
  const wrap = (file: OpenFile, what: string): OpenFile =>
    new Proxy(file, {
      get(target, name: keyof OpenFile) {
        const method = target[name];
        if (typeof method !== 'function') return method;
        return async (...rest: unknown[]) => {
          // A close that fails has still closed; leaving it open would leak into the next test.
          if (name === 'close') await (method as () => Promise<void>).call(target);
          step(`${what}.${name}`);
          return name === 'close' ? undefined : (method as (...all: unknown[]) => unknown).apply(target, rest);
        };
      },
    });
  return {
    calls,
    arm() {
      armed = true;
    },
    files: {
      async open(path, flags, mode) {
        const what = flags === 'r' ? 'folder' : flags === 'wx' ? 'new' : 'read';
        step(`open ${what}`);
        return wrap(await nodeFiles.open(path, flags, mode), what);
      },
      async lstat(path, options) {
        step('lstat');
        return nodeFiles.lstat(path, options);
      },
      async rename(from, to) {
        step('rename');
        return nodeFiles.rename(from, to);
      },
      async unlink(path) {
        step('unlink');
        return nodeFiles.unlink(path);
      },
    },
  };
}

export interface Child {
  readonly pid: number;
  readonly lines: string[];
  /** Resolves with the first line that begins with `start`. */
  line(start: string): Promise<string>;
  /** Lets a child that was told to `wait` begin. */
  go(): void;
  kill(signal: NodeJS.Signals): void;
  readonly ended: Promise<void>;
}

/** A real process that runs `test/support/store-child.ts`. Killed when the test is over. */
export function startChild(...args: string[]): Child {
  return startScript(fileURLToPath(new URL('./store-child.ts', import.meta.url)), ...args);
}

/** A real process that runs a script of these tests. Killed when the test is over. */
export function startScript(script: string, ...args: string[]): Child {
  const child = spawn(process.execPath, ['--import', 'tsx', script, ...args], { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines: string[] = [];
  const waiting: { start: string; resolve(line: string): void; reject(error: Error): void }[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => {
    lines.push(line);
    for (const waiter of waiting) if (line.startsWith(waiter.start)) waiter.resolve(line);
  });
  // 'close' and not 'exit': all it printed has been read by then.
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  void ended.then(() => {
    for (const { start, reject } of waiting) reject(new Error(`the child ended before it said "${start}"`));
  });
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await ended;
  });
  return {
    pid: child.pid ?? -1,
    lines,
    ended,
    line: (start) =>
      new Promise((resolve, reject) => {
        const found = lines.find((line) => line.startsWith(start));
        if (found === undefined) waiting.push({ start, resolve, reject });
        else resolve(found);
      }),
    go: () => child.stdin.write('go\n'),
    kill: (signal) => child.kill(signal),
  };
}

/** Waits until `check` holds, for at most `withinMs`. */
export async function eventually(check: () => boolean | Promise<boolean>, withinMs: number): Promise<void> {
  const endMs = performance.now() + withinMs;
  while (!(await check())) {
    if (performance.now() > endMs) throw new Error(`not within ${withinMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
