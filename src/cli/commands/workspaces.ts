import type { Command } from 'commander';
import type { SkippedFolder, WorkspaceView } from '../../contract/workspaces.js';
import type { Api } from '../api.js';
import type { Context } from '../context.js';
import { CommandError, EXIT } from '../exit-codes.js';
import { describeIndex } from '../index-progress.js';
import { table } from '../terminal.js';
import { organizationIdOf, organizationOption } from './organization-names.js';
import { workspaceFileCommands } from './workspace-files.js';
import { workspaceIndexCommands } from './workspace-index.js';

export function workspaceCommands(program: Command, context: () => Context): void {
  const workspaces = program.command('workspaces').description('the folders that questions are asked about');
  workspaces
    .command('list')
    .description('every workspace and how far its index is; folders that are none, and why')
    .option('--org <organization>', 'only those of this organization, by id or name')
    .action(({ org }: { org?: string }) =>
      context().withApi(async (api) => {
        const { terminal } = context();
        const { data, skipped } = await listAll(api, await organizationOption(api, org));
        const warnings = skipped.map(({ name, reason }) => `skipped ${name}: ${reason}`);
        const rows = data.map(({ id, organizationId, index }) => [
          id,
          organizationId ?? 'none: assign it',
          describeIndex(index),
        ]);
        const none =
          org === undefined
            ? 'No workspaces. Make a folder under workspaces/ and put files in it.'
            : 'This organization has no workspaces.';
        terminal.result(
          data,
          () => (rows.length === 0 ? none : table(['WORKSPACE', 'ORGANIZATION', 'INDEX'], rows)),
          data.map(({ id }) => id).join('\n'),
          warnings,
        );
        for (const warning of warnings) terminal.say(warning);
      }),
    );
  workspaces
    .command('assign')
    .description('give a workspace to an organization')
    .argument('<workspace>')
    .requiredOption('--org <organization>', 'whose it becomes, by id or name')
    .action((workspaceId: string, { org }: { org: string }) =>
      context().withApi(async (api) => {
        const organizationId = await organizationIdOf(api, org);
        const { workspace } = await api.call('updateWorkspace', { params: { workspaceId }, body: { organizationId } });
        context().terminal.result(workspace, () => `${workspace.id} belongs to ${organizationId} now.`, workspace.id);
      }),
    );
  workspaces
    .command('provider')
    .description('set whose model answers everyone who asks in a workspace and names none')
    .argument('<workspace>')
    .argument('[credential]', 'a credential of the workspace, by id or name; left out with --none')
    .option('--model <name>', 'another model than the usual one of the credential')
    .option('--none', 'nobody: answers come from the files alone')
    .action((workspaceId: string, credentialId: string | undefined, { model = null, none }: ProviderOptions) =>
      context().withApi(async (api) => {
        if ((credentialId === undefined) !== (none === true))
          throw new CommandError(EXIT.usage, 'Name a credential, or say --none.');
        const defaultProvider = credentialId === undefined ? null : { credentialId, model };
        const { workspace } = await api.call('updateWorkspace', { params: { workspaceId }, body: { defaultProvider } });
        const who = credentialId === undefined ? 'nobody' : `${credentialId}${model === null ? '' : ` with ${model}`}`;
        context().terminal.result(workspace, () => `In ${workspace.id}, ${who} answers from now on.`, workspace.id);
      }),
    );
  workspaceIndexCommands(workspaces, context);
  workspaceFileCommands(workspaces, context);
}

interface ProviderOptions {
  readonly model?: string | null;
  readonly none?: boolean;
}

/** Every page of the list. */
async function listAll(
  api: Api,
  organizationId: string | undefined,
): Promise<{ data: WorkspaceView[]; skipped: readonly SkippedFolder[] }> {
  const data: WorkspaceView[] = [];
  for (let cursor: string | undefined; ; ) {
    const page = await api.call('listWorkspaces', { query: { limit: 200, cursor, organizationId } });
    data.push(...page.data);
    if (page.nextCursor === null) return { data, skipped: page.skipped ?? [] };
    cursor = page.nextCursor;
  }
}
