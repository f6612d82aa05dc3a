import type { Command } from 'commander';
import type { ScopesView } from '../../contract/settings.js';
import type { Api } from '../api.js';
import type { Context } from '../context.js';
import { CommandError, EXIT } from '../exit-codes.js';
import { table } from '../terminal.js';

export function scopeCommands(program: Command, context: () => Context): void {
  const scopes = program
    .command('scopes')
    .description('what keys can be given: scopes of Gatehouse, and of the apps behind it');
  const show = ({ terminal }: Context, view: ScopesView) =>
    terminal.result(
      view,
      () => {
        const rows = [
          ...view.declared.map(({ scope, description }) => [scope, 'declared', description]),
          ...view.shipped.map((scope) => [scope, 'Gatehouse', '']),
        ];
        return table(['SCOPE', 'OF', 'DESCRIPTION'], rows);
      },
      [...view.declared.map(({ scope }) => scope), ...view.shipped].join('\n'),
    );
  const change = async (api: Api, next: (declared: ScopesView['declared']) => ScopesView['declared']) => {
    const { declared } = await api.call('showScopes');
    const view = await api.call('setScopes', { body: { declared: next(declared) } });
    const names = view.declared.map(({ scope }) => scope);
    context().terminal.result(view.declared, () => `declared: ${names.join(' ') || 'none'}`, names.join('\n'));
  };

  scopes
    .command('list')
    .description('every scope; declared ones first')
    .action(() => context().withApi(async (api) => show(context(), await api.call('showScopes'))));
  scopes
    .command('declare')
    .description('declare a scope of an app, so that keys can be given it')
    .argument('<scope>', 'such as gifts:write')
    .option('--description <text>', 'what it lets a caller do', '')
    .action((scope: string, { description }: { description: string }) =>
      context().withApi((api) =>
        change(api, (declared) => [...declared.filter((one) => one.scope !== scope), { scope, description }]),
      ),
    );
  scopes
    .command('remove')
    .description('take a declaration back; keys that hold the scope keep it')
    .argument('<scope>')
    .action((scope: string) =>
      context().withApi((api) =>
        change(api, (declared) => {
          if (!declared.some((one) => one.scope === scope))
            throw new CommandError(EXIT.notFound, `${scope} is not declared. \`scopes list\` shows what is.`);
          return declared.filter((one) => one.scope !== scope);
        }),
      ),
    );
}
