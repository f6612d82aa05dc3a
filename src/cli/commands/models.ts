import type { Command } from 'commander';
import type { Context } from '../context.js';
import { table } from '../terminal.js';
import { organizationOption } from './organization-names.js';

/** Which models there are to ask. */
export function modelCommands(program: Command, context: () => Context): void {
  program
    .command('models')
    .description('the models that each credential can use, as its vendor says')
    .option('--workspace <workspace>', 'only those of its credentials')
    .option('--org <organization>', 'only those of this organization, by id or name')
    .option('--refresh', 'ask the vendors anew')
    .action(({ workspace, org, refresh }: { workspace?: string; org?: string; refresh?: boolean }) =>
      context().withApi(async (api) => {
        const { terminal, parts } = context();
        const organizationId = await organizationOption(api, org);
        const query = { organizationId, workspaceId: workspace, refresh: refresh === true ? 'true' : undefined };
        const { data, more } = await api.call('listModels', { query });
        const rows = data.flatMap(({ workspaceId, credentialName, models }) =>
          models.map(({ id, name, contextTokens }) => [
            `${workspaceId}/${credentialName}`,
            id,
            contextTokens === null ? '-' : String(contextTokens),
            name ?? '',
          ]),
        );
        const none = `No credential has models. Keep one: ${parts.command} credentials add WORKSPACE NAME --type openai`;
        const faults = data.flatMap(({ workspaceId, credentialName, error }) =>
          error === null ? [] : [`${workspaceId}/${credentialName}: ${error.detail}`],
        );
        const warnings = [
          ...faults,
          ...(more > 0 ? [`${more} more credentials were not asked: name a --workspace`] : []),
        ];
        terminal.result(
          data,
          () => {
            if (rows.length > 0) return table(['CREDENTIAL', 'MODEL', 'TOKENS', 'NAME'], rows);
            return data.length === 0 ? none : 'No models.';
          },
          rows.map(([, id]) => id).join('\n'),
          warnings,
        );
        for (const warning of warnings) terminal.say(warning);
      }),
    );
}
