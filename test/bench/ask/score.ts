import { type Asked, rankOf } from './questions.js';
import type { System } from './systems.js';

export interface Score {
  readonly asked: number;
  readonly recallAt1: number;
  readonly recallAt5: number;
  readonly recallAt10: number;
  /** Mean of 1 ÷ the rank of the first right passage among ten. */
  readonly mrr: number;
  /** Answerable, but "nothing relevant found". */
  readonly falseAlarms: number;
  readonly unanswerable: number;
  /** Unanswerable, and said so. */
  readonly detected: number;
}

export interface Outcome {
  readonly asked: Asked;
  /** From 0; -1: not among ten. */
  readonly rank: number;
  readonly found: number;
  readonly first: string;
}

export async function askAll(system: System, questions: readonly Asked[]): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const asked of questions) {
    const passages = await system.ask(asked.question, 10);
    const first = passages
      .slice(0, 3)
      .map(({ path, startLine, endLine }) => `${path}:${startLine}-${endLine}`)
      .join(' ');
    outcomes.push({ asked, rank: rankOf(passages, asked.answers), found: passages.length, first });
  }
  return outcomes;
}

export function scoreOf(outcomes: readonly Outcome[]): Score {
  const answerable = outcomes.filter(({ asked }) => asked.answers.length > 0);
  const unanswerable = outcomes.filter(({ asked }) => asked.answers.length === 0);
  const within = (limit: number) => share(answerable, ({ rank }) => rank >= 0 && rank < limit);
  return {
    asked: answerable.length,
    recallAt1: within(1),
    recallAt5: within(5),
    recallAt10: within(10),
    mrr:
      answerable.reduce((sum, { rank }) => sum + (rank < 0 ? 0 : 1 / (rank + 1)), 0) / Math.max(1, answerable.length),
    falseAlarms: share(answerable, ({ found }) => found === 0),
    unanswerable: unanswerable.length,
    detected: share(unanswerable, ({ found }) => found === 0),
  };
}

function share<T>(all: readonly T[], fits: (one: T) => boolean): number {
  return all.filter(fits).length / Math.max(1, all.length);
}
