import type { Command } from 'commander';
import type { IndexView } from '../../contract/workspaces.js';
import type { Context } from '../context.js';
import { table } from '../terminal.js';

export function workspaceCommands(program: Command, context: () => Context): void {
  const workspaces = program.command('workspaces').description('the folders that questions are asked about');
  workspaces
    .command('list')
    .description('every workspace and how far its index is; folders that are none, and why')
    .action(() =>
      context().withApi(async (api) => {
        const { terminal } = context();
        const list = await api.call('listWorkspaces', { query: { limit: 200 } });
        const rows = list.data.map(({ id, organizationId, index }) => [id, organizationId, describe(index)]);
        terminal.result(list, () =>
          rows.length === 0
            ? 'No workspaces. Make a folder under workspaces/ and put files in it.'
            : table(['WORKSPACE', 'ORGANIZATION', 'INDEX'], rows),
        );
        for (const { name, reason } of list.skipped ?? []) terminal.say(`skipped ${name}: ${reason}`);
      }),
    );
}

function describe({ state, filesDone, filesTotal, passages }: IndexView): string {
  return state === 'ready'
    ? `ready, ${filesDone} files, ${passages} passages`
    : `${state}, ${filesDone} of ${filesTotal} files`;
}
