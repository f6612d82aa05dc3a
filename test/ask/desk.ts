import { mkdtempSync, rmSync } from 'node:fs';
import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { buildSync } from 'esbuild';
import { type AskOptions, type AskRoom, openAsk } from '../../src/ask/ask.js';
import type { Ask, AskResult } from '../../src/contract/ask.js';
import { GatehouseError } from '../../src/kernel/errors.js';
import type { LogFields, Logger } from '../../src/kernel/logger.js';
import { type Bounds, LOCAL } from '../../src/kernel/principal.js';
import { openWorkspaces, type Workspaces } from '../../src/workspaces/workspaces.js';

export const quiet: Logger = { debug() {}, info() {}, warn() {}, error() {} };

/** A temporary folder of workspaces with the room over it, and a clock that moves when told. */
export interface Desk {
  readonly root: string;
  /** Beside the root: where links should not lead. */
  readonly outside: string;
  readonly room: AskRoom;
  readonly workspaces: Workspaces;
  readonly logged: { message: string; fields: LogFields | undefined }[];
  moveClock(ms: number): void;
  /** Writes a file of workspace `w` unless the path names another (`other:path`). */
  write(file: string, content: string | Buffer): Promise<void>;
  pathOf(file: string): string;
  ask(question: string, more?: Partial<Ask>, bounds?: Bounds): Promise<AskResult>;
  close(): Promise<void>;
}

/** The thread of the indexes as it is shipped: bundled, which starts ten times faster than from source. */
export const bundledWorker: URL = (() => {
  const outdir = mkdtempSync(path.join(tmpdir(), 'gatehouse-worker-'));
  process.once('exit', () => rmSync(outdir, { recursive: true, force: true }));
  buildSync({
    entryPoints: [path.join(import.meta.dirname, '../../src/ask/index-worker.ts')],
    bundle: true,
    platform: 'node',
    format: 'esm',
    outdir,
    outExtension: { '.js': '.mjs' },
    banner: {
      js: "import { createRequire as makeRequire } from 'node:module'; const require = makeRequire(import.meta.url);",
    },
  });
  return pathToFileURL(path.join(outdir, 'index-worker.mjs'));
})();

export async function openDesk(
  options: Partial<Pick<AskOptions, 'waitMs' | 'memoryBytes' | 'folder' | 'rulesOf' | 'worker'>> & {
    outside?: string;
  } = {},
): Promise<Desk> {
  const { outside = await realpath(await mkdtemp(path.join(tmpdir(), 'gatehouse-ask-'))), ...more } = options;
  const root = path.join(outside, 'workspaces');
  await mkdir(path.join(root, 'w'), { recursive: true });
  const workspaces = await openWorkspaces({ root, log: quiet, ownership: { ownerOf: () => 'org_default' } });
  let nowMs = Date.parse('2027-01-31T12:00:00Z');
  const logged: { message: string; fields: LogFields | undefined }[] = [];
  const note = (message: string, fields?: LogFields) => logged.push({ message, fields });
  const log: Logger = { debug: note, info: note, warn: note, error: note };
  const room = openAsk({ workspaces, clock: { nowMs: () => nowMs }, log, worker: bundledWorker, ...more });
  const pathOf = (file: string) => {
    const [first = '', second] = file.split(':');
    return second === undefined ? path.join(root, 'w', first) : path.join(root, first, second);
  };
  return {
    root,
    outside,
    room,
    workspaces,
    logged,
    pathOf,
    moveClock: (ms) => {
      nowMs += ms;
    },
    async write(file, content) {
      await mkdir(path.dirname(pathOf(file)), { recursive: true });
      await writeFile(pathOf(file), content);
    },
    ask: (question, more = {}, bounds = boundsOf(workspaces)) =>
      room.ask(bounds, { workspaceId: 'w', question, ...more }),
    async close() {
      await room.close();
      await rm(outside, { recursive: true, force: true });
    },
  };
}

/** What guard makes, for a caller who may reach `allowed` (default: all) and no credential. */
export function boundsOf(workspaces: Workspaces, allowed?: readonly string[]): Bounds {
  const sees = (id: string) => workspaces.ownerOf(id) !== undefined && (allowed?.includes(id) ?? true);
  return {
    principal: LOCAL,
    seesWorkspace: sees,
    seesCredential: () => false,
    require({ workspaceId, credentialId }) {
      if (workspaceId !== undefined && !sees(workspaceId)) throw new GatehouseError('NOT_FOUND', 'No such workspace.');
      if (credentialId !== undefined) throw new GatehouseError('NOT_FOUND', 'No such credential.');
      return { organizationId: 'org_default' };
    },
  };
}
