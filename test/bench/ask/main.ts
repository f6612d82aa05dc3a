import { writeFileSync } from 'node:fs';
import { DOCUMENTED, folderOf, SOURCES, type Source } from './corpora.js';
import { selfAsked } from './derived.js';
import { type Asked, questionsAbout } from './questions.js';
import { askedByReadme } from './readme.js';
import { askAll, type Outcome, type Score, scoreOf } from './score.js';
import { minisearch, ours, readCorpus, ripgrep, type System, type Text } from './systems.js';

// `npm run bench:ask`: how well questions find their answers, in code bases fetched from package registries, against
// minisearch as it comes and ripgrep by words. Exit 1 when a promise is missed. `--all` asks the other two every set, not only
// the questions in plain words: that takes a quarter of an hour. `--derived` leaves out what was written by hand.

const all = process.argv.includes('--all');
const derivedOnly = process.argv.includes('--derived');
const outcomes: { readonly set: string; readonly system: string; readonly outcome: Outcome }[] = [];
const costs: string[][] = [];

for (const source of SOURCES) await measure(source);
for (const source of [...SOURCES, ...DOCUMENTED]) await measureReadme(source);
const missed = report();
writeFileSync('bench-ask-results.json', JSON.stringify(outcomes, null, 1));
process.exitCode = missed ? 1 : 0;

async function measure(source: Source): Promise<void> {
  const folder = folderOf(source);
  if (folder === null) return;
  const texts = await readCorpus(folder);
  const gatehouse = derivedOnly ? await ours(folder, texts) : await askByHand(source, folder, texts);
  for (const { set, questions, folder: copy } of selfAsked(source, folder, texts)) {
    const copied = copy === folder ? texts : await readCorpus(copy);
    await ask(copy === folder ? gatehouse : await ours(copy, copied), set, questions);
    if (all) await askTheOthers(copy, copied, set, questions);
  }
  console.error(`${source.name}: done`);
}

/** The questions that were written by hand. */
async function askByHand(source: Source, folder: string, texts: readonly Text[]): Promise<System> {
  const plain = questionsAbout(source.name, folder);
  const riddles = questionsAbout(source.name, folder, 'riddle').filter(({ answers }) => answers.length > 0);
  const gatehouse = await costed(source, folder, texts, plain);
  const systems: (System | null)[] = [gatehouse, minisearch(texts), ripgrep(folder, texts)];
  for (const system of systems) {
    if (system === null) continue;
    await ask(system, 'plain words', plain);
    if (all || system === gatehouse) await ask(system, 'riddles', riddles);
  }
  return gatehouse;
}

async function measureReadme(source: Source): Promise<void> {
  const folder = folderOf(source);
  if (folder === null) return;
  const derived = await askedByReadme(source, folder, await readCorpus(folder));
  if (derived === null) return;
  const { set, questions, folder: copy } = derived;
  const texts = await readCorpus(copy);
  await ask(await ours(copy, texts), set, questions);
  if (all) await askTheOthers(copy, texts, set, questions);
  console.error(`${source.name}: ${questions.length} questions of its Markdown files done`);
}

async function askTheOthers(
  folder: string,
  texts: readonly Text[],
  set: string,
  questions: readonly Asked[],
): Promise<void> {
  await ask(minisearch(texts), set, questions);
  const byHand = ripgrep(folder, texts);
  if (byHand !== null) await ask(byHand, set, questions);
}

async function ask(system: System, set: string, questions: readonly Asked[]): Promise<void> {
  for (const outcome of await askAll(system, questions)) outcomes.push({ set, system: system.name, outcome });
}

async function costed(
  source: Source,
  folder: string,
  texts: readonly Text[],
  asked: readonly Asked[],
): Promise<System> {
  const megabytes = texts.reduce((sum, { stamp }) => sum + stamp.size, 0) / 2 ** 20;
  global.gc?.();
  const before = process.memoryUsage();
  const startedAt = performance.now();
  const system = await ours(folder, texts);
  const indexMs = performance.now() - startedAt;
  const first = await timed(() => system.ask(asked[0]?.question ?? '', 6));
  global.gc?.();
  const after = process.memoryUsage();
  const memory = after.heapUsed + after.arrayBuffers - before.heapUsed - before.arrayBuffers;
  const times: number[] = [];
  for (const { question } of asked) times.push(await timed(() => system.ask(question, 6)));
  times.sort((a, b) => a - b);
  costs.push([
    source.name,
    source.language,
    String(texts.length),
    megabytes.toFixed(1),
    (indexMs / 1000 / megabytes).toFixed(2),
    global.gc === undefined ? 'run with --expose-gc' : (memory / 2 ** 20 / megabytes).toFixed(1),
    first.toFixed(0),
    (times[Math.floor(times.length / 2)] ?? 0).toFixed(0),
    (times[Math.floor(times.length * 0.95)] ?? 0).toFixed(0),
  ]);
  return system;
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return performance.now() - startedAt;
}

function report(): boolean {
  if (costs.length > 0)
    table(
      ['code base', 'language', 'files', 'MB', 'index s/MB', 'memory MB/MB', 'first ms', 'p50 ms', 'p95 ms'],
      costs,
    );
  const head = [
    'set',
    'half',
    'system',
    'asked',
    'recall@1',
    '@5',
    '@10',
    'MRR',
    'false alarms',
    'unanswerable',
    'detected',
  ];
  const rows: string[][] = [];
  let missed = false;
  for (const set of [...new Set(outcomes.map((one) => one.set))]) {
    for (const system of [...new Set(outcomes.map((one) => one.system))]) {
      const told = outcomes.filter((one) => one.set === set && one.system === system).map(({ outcome }) => outcome);
      if (told.length === 0) continue;
      for (const half of ['tuning', 'held out', 'all']) {
        const score = scoreOf(told.filter(({ asked }) => half === 'all' || asked.half === half));
        if (score.asked > 0) rows.push([set, half, system, ...cells(score)]);
        if (set === 'plain words' && system === 'gatehouse' && half === 'all') missed = misses(score);
      }
    }
  }
  table(head, rows);
  return missed;
}

/** Held on the questions in plain words, both halves together. */
function misses(score: Score): boolean {
  const holds = score.recallAt5 >= 0.8 && score.mrr >= 0.6 && score.detected >= 0.5 && score.falseAlarms <= 0.05;
  console.log(
    `\nhold: recall@5 ≥ 0.80, MRR ≥ 0.60, detected ≥ 0.5, false alarms ≤ 0.05: ${holds ? 'holds' : 'MISSES'}`,
  );
  return !holds;
}

function cells(score: Score): string[] {
  const shares = [score.recallAt1, score.recallAt5, score.recallAt10, score.mrr, score.falseAlarms];
  const none = score.unanswerable === 0 ? ['', ''] : [String(score.unanswerable), score.detected.toFixed(2)];
  return [String(score.asked), ...shares.map((value) => value.toFixed(2)), ...none];
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): void {
  const lines = [head, head.map(() => '---'), ...rows];
  console.log(`\n${lines.map((row) => `| ${row.join(' | ')} |`).join('\n')}`);
}
