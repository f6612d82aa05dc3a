import type { Command } from 'commander';
import type { VariableView } from '../../contract/secrets.js';
import type { Context } from '../context.js';
import { ago, table } from '../terminal.js';

export function variableCommands(program: Command, context: () => Context): void {
  const group = program
    .command('variables')
    .description('public values of a workspace; secrets have their own command');
  group
    .command('set')
    .description('keep a public value under a name')
    .argument('<workspace>')
    .argument('<name>', 'such as REGION')
    .argument('<value>')
    .action((workspaceId: string, name: string, value: string) =>
      context().withApi(async (api) => {
        const { variable } = await api.call('setVariable', { params: { workspaceId, name }, body: { value } });
        context().terminal.result(variable, () => `${variable.name} is set.`, variable.name);
      }),
    );
  group
    .command('list')
    .description('names and values')
    .argument('<workspace>')
    .action((workspaceId: string) =>
      context().withApi(async (api) => {
        const { terminal, parts } = context();
        const data: VariableView[] = [];
        for (let cursor: string | undefined; ; ) {
          const page = await api.call('listVariables', { params: { workspaceId }, query: { limit: 200, cursor } });
          data.push(...page.data);
          if (page.nextCursor === null) break;
          cursor = page.nextCursor;
        }
        const none = `No variables. Keep one: ${parts.command} variables set ${workspaceId} NAME VALUE`;
        const rows = data.map(({ name, value, updatedAt }) => [name, value, ago(updatedAt, Date.now())]);
        terminal.result(
          data,
          () => (data.length === 0 ? none : table(['NAME', 'VALUE', 'SET'], rows)),
          data.map(({ name }) => name).join('\n'),
        );
      }),
    );
  group
    .command('rm')
    .description('forget one')
    .argument('<workspace>')
    .argument('<name>')
    .action((workspaceId: string, name: string) =>
      context().withApi(async (api) => {
        const { variable } = await api.call('deleteVariable', { params: { workspaceId, name } });
        context().terminal.result(variable, () => `Forgot ${variable.name}.`, variable.name);
      }),
    );
}
