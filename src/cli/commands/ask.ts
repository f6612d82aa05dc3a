import type { Command } from 'commander';
import type { Api } from '../api.js';
import type { Context } from '../context.js';
import { CommandError, EXIT } from '../exit-codes.js';
import { watchIndex } from '../index-progress.js';
import type { Terminal } from '../terminal.js';

export function askCommand(program: Command, context: () => Context): void {
  program
    .command('ask')
    .description('ask a question about the files of a workspace')
    .argument('<workspace>')
    .argument('[question...]', 'left out, it is read from standard input')
    .option('--async', 'do not wait: print the id of the job that finds the answer')
    .addHelpText('after', '\nExample:\n  gatehouse ask example "How are overdue fines calculated?"')
    .action((workspaceId: string, words: string[], options: { async?: boolean }) =>
      context().withApi(async (api) => {
        const { terminal } = context();
        const question = words.length > 0 ? words.join(' ') : await terminal.readInput('the question');
        if (question.trim() === '') throw new CommandError(EXIT.usage, 'Ask something: the question is empty.');
        if (options.async === true) {
          const queued = await api.queue('ask', { body: { workspaceId, question } });
          terminal.result(queued, () => queued.jobId, queued.jobId);
          terminal.say(`Its answer: ${context().parts.command} jobs watch ${queued.jobId}`);
          return;
        }
        // A person sees a bar while the index is built; a script just waits for the answer.
        if (terminal.showsProgress) await showIndexing(api, terminal, workspaceId);
        const answer = await api.call('ask', { body: { workspaceId, question } });
        terminal.result(answer, () => answer.answer);
      }),
    );
}

async function showIndexing(api: Api, terminal: Terminal, workspaceId: string): Promise<void> {
  const { workspace } = await api.call('showWorkspace', { params: { workspaceId } });
  // The question itself begins what nobody has begun.
  if (workspace.index.state === 'building') await watchIndex(api, terminal, workspaceId, false);
}
