import type { Command } from 'commander';
import type { Ask, AskAnswer, Citation, TokenUsage } from '../../contract/ask.js';
import type { Api } from '../api.js';
import type { Context } from '../context.js';
import { CommandError, EXIT } from '../exit-codes.js';
import { watchIndex } from '../index-progress.js';
import type { SocketEvent } from '../socket-events.js';
import { oneLine, type Terminal } from '../terminal.js';

export function askCommand(program: Command, context: () => Context): void {
  program
    .command('ask')
    .description('ask a question about the files of a workspace')
    .argument('<workspace>')
    .argument('[question...]', 'left out, it is read from standard input')
    .option('--credential <id or name>', 'whose model answers; left out: the default provider of the workspace')
    .option('--model <name>', 'another model than the usual one of the credential')
    .option('--files-only', 'no model, also where the workspace has a default provider')
    .option('--prompt <id or name>', 'a saved prompt that says how to answer')
    .option('--follow-up <job>', 'go on from the question of a job')
    .option('--async', 'do not wait: print the id of the job that finds the answer')
    .addHelpText('after', '\nExample:\n  gatehouse ask example "How are overdue fines calculated?"')
    .action((workspaceId: string, words: string[], options: AskOptions) =>
      context().withApi(async (api) => {
        const { terminal } = context();
        const question = words.length > 0 ? words.join(' ') : await terminal.readInput('the question');
        if (question.trim() === '') throw new CommandError(EXIT.usage, 'Ask something: the question is empty.');
        const body = bodyOf(workspaceId, question, options);
        if (options.async === true) {
          const queued = await api.queue('ask', { body });
          terminal.result(queued, () => queued.jobId, queued.jobId);
          terminal.say(`Its answer: ${context().parts.command} jobs watch ${queued.jobId}`);
          return;
        }
        // A person sees a bar while the index is built; a script just waits for the answer.
        if (terminal.showsProgress) await showIndexing(api, terminal, workspaceId);
        const pieces = new Pieces(terminal);
        const answer = await api.askStream(body, (event) => pieces.take(event)).finally(() => pieces.end());
        terminal.result(answer, () => textOf(answer, pieces.shown));
        if (answer.usage !== null) terminal.say(`${answer.model}: ${describeUsage(answer.usage)}`);
      }),
    );
}

interface AskOptions {
  readonly credential?: string;
  readonly model?: string;
  readonly filesOnly?: boolean;
  readonly prompt?: string;
  readonly followUp?: string;
  readonly async?: boolean;
}

function bodyOf(workspaceId: string, question: string, options: AskOptions): Ask {
  const { credential, model, filesOnly, prompt, followUp } = options;
  if (filesOnly === true && credential !== undefined)
    throw new CommandError(EXIT.usage, '--files-only asks no model, so it takes no --credential.');
  return {
    workspaceId,
    question,
    ...(filesOnly === true ? { credentialId: null } : credential === undefined ? {} : { credentialId: credential }),
    ...(model === undefined ? {} : { model }),
    ...(prompt === undefined ? {} : { promptId: prompt }),
    ...(followUp === undefined ? {} : { previousJobId: followUp }),
  };
}

/** A person sees an answer as it is written. */
class Pieces {
  shown = '';
  readonly #terminal: Terminal;

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
  }

  take({ event, data }: SocketEvent): void {
    if (!this.#terminal.showsPieces || event !== 'delta') return;
    const { text } = data as { text: string };
    this.shown += text;
    this.#terminal.piece(text);
  }

  /** A failure is told on a line of its own. */
  end(): void {
    if (this.shown !== '') this.#terminal.piece('\n');
  }
}

/** @param shown - what of the answer is on the terminal already */
function textOf({ answer, citations, model }: AskAnswer, shown: string): string {
  const sources = model === null ? [] : citations.map(sourceOf);
  const told = shown.trim() === answer ? [] : [answer];
  return [...told, ...(sources.length === 0 ? [] : [sources.join('\n')])].join('\n\n');
}

function sourceOf({ number, path, startLine, endLine, cited }: Citation): string {
  return `[${number}] ${oneLine(path)}:${startLine}-${endLine}${cited ? '' : ' (shown, not cited)'}`;
}

function describeUsage({ inputTokens, outputTokens, costUsd }: TokenUsage): string {
  const cost = costUsd === null ? '' : `, about $${costUsd.toFixed(4)}`;
  return `${inputTokens ?? '?'} tokens in, ${outputTokens ?? '?'} out${cost}`;
}

async function showIndexing(api: Api, terminal: Terminal, workspaceId: string): Promise<void> {
  const { workspace } = await api.call('showWorkspace', { params: { workspaceId } });
  // The question itself begins what nobody has begun.
  if (workspace.index.state === 'building') await watchIndex(api, terminal, workspaceId, false);
}
