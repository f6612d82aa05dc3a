import { readFileSync } from 'node:fs';
import path from 'node:path';

export interface Place {
  readonly path: string;
  readonly startLine: number;
  readonly endLine: number;
}

export interface Asked {
  readonly corpus: string;
  readonly half: 'tuning' | 'held out';
  readonly question: string;
  /** Where it is answered; any of them will do. Empty: nowhere. */
  readonly answers: readonly Place[];
}

interface QuestionFile {
  readonly answerable: readonly {
    /** As somebody would ask who is new to the code base but knows the field. */
    readonly question: string;
    /** The same without a single word of the trade: how far words alone can carry. */
    readonly riddle: string;
    readonly half: Asked['half'];
    readonly answers: readonly (Place & { readonly anchor: string })[];
  }[];
  readonly unanswerable: readonly { readonly question: string; readonly half: Asked['half'] }[];
}

/**
 * The questions about one code base that were written by hand. Each answer carries its first line's words, so that it is
 * found again when a package of a slightly different version has it some lines further down.
 */
export function questionsAbout(corpus: string, root: string, form: 'question' | 'riddle' = 'question'): Asked[] {
  const text = readFileSync(path.join(import.meta.dirname, 'questions', `${corpus}.json`), 'utf8');
  const file = JSON.parse(text) as QuestionFile;
  return [
    ...file.answerable.map((asked) => ({
      corpus,
      half: asked.half,
      question: asked[form],
      answers: asked.answers.map((answer) => placed(root, answer)),
    })),
    ...file.unanswerable.map(({ question, half }) => ({ corpus, half, question, answers: [] })),
  ];
}

function placed(root: string, { path: file, startLine, endLine, anchor }: Place & { anchor: string }): Place {
  const lines = readFileSync(path.join(root, file), 'utf8').split('\n');
  const candidates = [...lines.keys()].filter((at) => lines[at]?.includes(anchor));
  const nearest = candidates.sort((a, b) => Math.abs(a + 1 - startLine) - Math.abs(b + 1 - startLine))[0];
  if (nearest === undefined) throw new Error(`${file} has no line with: ${anchor}`);
  return { path: file, startLine: nearest + 1, endLine: nearest + 1 + (endLine - startLine) };
}

/** Whether a passage shows enough of an answer: three lines of it, or all when it has fewer. */
export function shows(passage: Place, answer: Place): boolean {
  if (passage.path !== answer.path) return false;
  const common = Math.min(passage.endLine, answer.endLine) - Math.max(passage.startLine, answer.startLine) + 1;
  return common >= Math.min(3, answer.endLine - answer.startLine + 1);
}

/** From 0; -1 when no passage shows any of the answers. */
export function rankOf(passages: readonly Place[], answers: readonly Place[]): number {
  return passages.findIndex((passage) => answers.some((answer) => shows(passage, answer)));
}
