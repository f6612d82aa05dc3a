import type { Command } from 'commander';
import type { WorkspaceView } from '../../contract/workspaces.js';
import type { Context } from '../context.js';
import { CommandError, EXIT } from '../exit-codes.js';
import { explainIndex, watchIndex } from '../index-progress.js';

/** What a workspace is found by: its index, and which files are in it. */
export function workspaceIndexCommands(workspaces: Command, context: () => Context): void {
  workspaces
    .command('show')
    .description('one workspace: whose it is, how far its index is, what is left out and why')
    .argument('<workspace>')
    .action((workspaceId: string) =>
      context().withApi(async (api) => {
        const { workspace } = await api.call('showWorkspace', { params: { workspaceId } });
        context().terminal.result(workspace, () => describe(workspace), workspace.id);
      }),
    );
  workspaces
    .command('update')
    .description('choose which files are indexed, by patterns as in .gitignore')
    .argument('<workspace>')
    .option('--include <pattern...>', 'only files that one of these matches; "" for all')
    .option('--exclude <pattern...>', 'no files that one of these matches; "" for none')
    .addHelpText('after', '\nExample:\n  gatehouse workspaces update shop --exclude "fixtures/" "*.snap"')
    .action((workspaceId: string, { include, exclude }: { include?: string[]; exclude?: string[] }) =>
      context().withApi(async (api) => {
        if (include === undefined && exclude === undefined)
          throw new CommandError(EXIT.usage, 'Say what to change: --include or --exclude.');
        const body = {
          ...(include === undefined ? {} : { include: patterns(include) }),
          ...(exclude === undefined ? {} : { exclude: patterns(exclude) }),
        };
        const { workspace } = await api.call('updateWorkspace', { params: { workspaceId }, body });
        context().terminal.result(workspace, () => rules(workspace).join('\n'), workspace.id);
      }),
    );
  workspaces
    .command('index')
    .description('bring the index of a workspace up to date, and wait for it')
    .argument('<workspace>')
    .action((workspaceId: string) =>
      context().withApi(async (api) => {
        const { terminal } = context();
        await api.call('indexWorkspace', { params: { workspaceId } });
        const index = await watchIndex(api, terminal, workspaceId, true);
        terminal.result(index, () => explainIndex(index).join('\n'), index.state);
        if (index.state !== 'ready') throw new CommandError(EXIT.failed, '');
      }),
    );
}

/** An empty pattern stands for "no pattern": a command line has no other way to give an empty list. */
function patterns(given: readonly string[]): string[] {
  return given.filter((pattern) => pattern !== '');
}

function describe(workspace: WorkspaceView): string {
  return [
    `${workspace.id}, of ${workspace.organizationId ?? 'no organization: assign it'}`,
    ...rules(workspace),
    ...explainIndex(workspace.index),
  ].join('\n');
}

function rules({ include, exclude }: WorkspaceView): string[] {
  const list = (all: readonly string[], none: string) => (all.length === 0 ? none : all.join('  '));
  return [`include: ${list(include, 'everything')}`, `exclude: ${list(exclude, 'nothing')}`];
}
