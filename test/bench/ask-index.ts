import { execFileSync } from 'node:child_process';
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import MiniSearch from 'minisearch';
import { openAsk } from '../../src/ask/ask.js';
import { LOCAL } from '../../src/kernel/principal.js';
import { openWorkspaces } from '../../src/workspaces/workspaces.js';
import { longestHold } from '../support/thread-hold.js';
import { median } from './statistics.js';

// `npm run bench:index`: the index against minisearch and SQLite's FTS5, over the same 20,000 files (those of
// node_modules, some 100 MB). Each runs in a process of its own. docs/decisions/0004 has what came out.

const MAX_FILES = 20_000;
const QUESTIONS = [
  'where is the signature of a token verified',
  'how are retries delayed after a failed request',
  'parse a date from a string with time zone',
  'close all idle sockets of a pool',
  'convert a color from hsl to rgb',
  'what happens when the stream ends before the header',
  'escape html in a template',
  'register a middleware for errors',
  'watch a folder for changes',
  'the function that merges two class names',
];
/** Words of every file: the dearest question. */
const COMMON = 'function return const value type string object error export import default number array options name';

type Numbers = Record<string, number>;
const [mode, given] = process.argv.slice(2);

if (mode === undefined) {
  const root = corpus();
  try {
    for (const one of process.env['ONLY']?.split(',') ?? ['ours', 'minisearch', 'fts5']) {
      const output = execFileSync(process.execPath, ['--expose-gc', import.meta.filename, one, root], {
        stdio: ['ignore', 'pipe', 'inherit'],
        maxBuffer: 1e8,
      });
      console.log(one, JSON.parse(output.toString().trim().split('\n').at(-1) ?? '{}'));
    }
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
} else {
  const measured =
    mode === 'ours' ? await ours(given ?? '') : mode === 'fts5' ? await fts5(given ?? '') : mini(given ?? '');
  console.log(JSON.stringify(measured));
  process.exit(0);
}

/** The same files for all, in a workspace `w`. */
function corpus(): string {
  const root = realpathSync(mkdtempSync(path.join(tmpdir(), 'gatehouse-corpus-')));
  const from = path.join(process.cwd(), 'node_modules');
  const names = readdirSync(from, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.(js|ts|tsx|mjs|cjs|md|c|py)$/.test(name))
    .sort();
  let files = 0;
  for (const name of names) {
    const stat = statSync(path.join(from, name));
    if (!stat.isFile() || stat.size > 500_000) continue;
    // Not under node_modules, which no walk enters.
    const to = path.join(root, 'w', name.replaceAll('node_modules', 'modules'));
    mkdirSync(path.dirname(to), { recursive: true });
    copyFileSync(path.join(from, name), to);
    if (++files >= MAX_FILES) break;
  }
  return root;
}

function* windows(root: string): Generator<{ id: number; path: string; text: string }> {
  let id = 0;
  for (const entry of readdirSync(path.join(root, 'w'), { recursive: true, withFileTypes: true, encoding: 'utf8' })) {
    if (!entry.isFile()) continue;
    const file = path.join(entry.parentPath, entry.name);
    const lines = readFileSync(file, 'utf8').split('\n');
    for (let at = 0; at < lines.length; at += 40)
      yield { id: ++id, path: file, text: lines.slice(at, at + 40).join('\n') };
  }
}

function memory(): number {
  (globalThis as { gc?: () => void }).gc?.();
  return process.memoryUsage().rss;
}

function seconds(from: number): number {
  return (performance.now() - from) / 1000;
}

/** CPU time of the whole process: what a machine with others on it tells the truth about. */
function cpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

function timesOf(ask: (question: string) => void): Numbers {
  const time = (question: string) => {
    const from = performance.now();
    ask(question);
    return performance.now() - from;
  };
  for (const question of QUESTIONS) time(question);
  const times = [...QUESTIONS, ...QUESTIONS].map(time);
  return { questionP50Ms: median(times), questionOfCommonWordsMs: median([COMMON, COMMON, COMMON].map(time)) };
}

async function ours(root: string): Promise<Numbers> {
  const folder = path.join(root, '.index');
  rmSync(folder, { recursive: true, force: true });
  const quiet = { debug() {}, info() {}, warn: console.error, error: console.error };
  const workspaces = await openWorkspaces({ root, log: quiet, ownership: { ownerOf: () => 'org_default' } });
  const bounds = {
    principal: LOCAL,
    seesWorkspace: () => true,
    seesCredential: () => false,
    require: () => ({ organizationId: 'org_default' }),
  };
  const open = () =>
    openAsk({ workspaces, clock: { nowMs: () => Date.now() }, log: quiet, folder, memoryBytes: 2e9, waitMs: 1e9 });
  const ask = (question: string) => room.ask(bounds, { workspaceId: 'w', question });
  const before = memory();
  let room = open();
  let from = performance.now();
  let cpu = cpuSeconds();
  const buildHold = await longestHold(() => ask(QUESTIONS[0] as string));
  const buildSeconds = seconds(from);
  const buildCpuSeconds = cpuSeconds() - cpu;
  const view = room.indexOf('w');
  const time = async (question: string) => {
    const at = performance.now();
    await ask(question);
    return performance.now() - at;
  };
  const times: number[] = [];
  const questionHold = await longestHold(async () => {
    for (let round = 0; round < 5; round++) for (const question of QUESTIONS) times.push(await time(question));
  });
  const common = [await time(COMMON), await time(COMMON), await time(COMMON)];
  await new Promise((resolve) => setTimeout(resolve, 1500));
  const afterPause = await time(QUESTIONS[1] as string);
  const rss = memory() - before;
  await room.close();
  room = open();
  from = performance.now();
  cpu = cpuSeconds();
  const loadHold = await longestHold(() => ask(QUESTIONS[0] as string));
  const loadSeconds = seconds(from);
  const loadCpuSeconds = cpuSeconds() - cpu;
  const loaded = room.indexOf('w');
  const loadedRss = memory() - before;
  await room.close();
  const mb = view.bytesDone / 1e6;
  return {
    files: view.filesDone,
    megabytes: mb,
    passages: view.passages,
    buildSeconds,
    buildCpuSeconds,
    loadSeconds,
    loadCpuSeconds,
    memoryBytesAByte: view.memoryBytes / view.bytesDone,
    loadedMemoryBytesAByte: loaded.memoryBytes / view.bytesDone,
    rssMegabytes: rss / 1e6,
    loadedRssMegabytes: loadedRss / 1e6,
    diskMegabytes: (view.storedBytes ?? 0) / 1e6,
    diskAByte: (view.storedBytes ?? 0) / view.bytesDone,
    questionP50Ms: median(times),
    questionMaxMs: Math.max(...times),
    questionAfterPauseMs: afterPause,
    questionOfCommonWordsMs: median(common),
    holdWhileBuildingMs: buildHold,
    holdWhileAskingMs: questionHold,
    holdWhileLoadingMs: loadHold,
  };
}

function mini(root: string): Numbers {
  const before = memory();
  const from = performance.now();
  const cpu = cpuSeconds();
  const index = new MiniSearch({ fields: ['path', 'text'] });
  for (const window of windows(root)) index.add(window);
  const buildSeconds = seconds(from);
  const buildCpuSeconds = cpuSeconds() - cpu;
  const rss = memory() - before;
  const { heapUsed } = process.memoryUsage();
  const parts = JSON.stringify(index).length;
  return {
    passages: index.documentCount,
    buildSeconds,
    buildCpuSeconds,
    rssMegabytes: rss / 1e6,
    heapMegabytes: heapUsed / 1e6,
    diskMegabytes: parts / 1e6,
    ...timesOf((question) => index.search(question).slice(0, 6)),
  };
}

async function fts5(root: string): Promise<Numbers> {
  const { default: sqlite } = await import('node-sqlite3-wasm');
  const file = path.join(root, 'fts5.db');
  rmSync(file, { force: true });
  const before = memory();
  const from = performance.now();
  const cpu = cpuSeconds();
  const database = new sqlite.Database(file);
  database.run('PRAGMA journal_mode = MEMORY');
  // Without the text itself, as ours.
  database.run("CREATE VIRTUAL TABLE passages USING fts5(path, text, content='', tokenize='unicode61')");
  database.run('BEGIN');
  const insert = database.prepare('INSERT INTO passages(rowid, path, text) VALUES (?, ?, ?)');
  let passages = 0;
  for (const { id, path: name, text } of windows(root)) {
    insert.run([id, name, text]);
    passages++;
  }
  insert.finalize();
  database.run('COMMIT');
  const buildSeconds = seconds(from);
  const buildCpuSeconds = cpuSeconds() - cpu;
  const rss = memory() - before;
  const words = (question: string) => (question.match(/\w+/g) ?? []).map((word) => `"${word}"`).join(' OR ');
  const find = 'SELECT rowid FROM passages WHERE passages MATCH ? ORDER BY rank LIMIT 6';
  const times = timesOf((question) => database.all(find, [words(question)]));
  database.close();
  return {
    passages,
    buildSeconds,
    buildCpuSeconds,
    rssMegabytes: rss / 1e6,
    diskMegabytes: statSync(file).size / 1e6,
    ...times,
  };
}
