import type { Command } from 'commander';
import type { RouteTested } from '../../contract/settings.js';
import type { UpstreamDefault } from '../../contract/upstream-routes.js';
import type { Context } from '../context.js';
import { formatRate } from '../durations.js';
import { CommandError, EXIT } from '../exit-codes.js';
import { table } from '../terminal.js';

export function routeCommands(program: Command, context: () => Context): void {
  const routes = program
    .command('routes')
    .description('what the apps behind Gatehouse ask of their callers (routes.json)');
  routes
    .command('list')
    .description('every route that is in force, in their order; exit 7 when the file as it is now is not')
    .action(() =>
      context().withApi(async (api) => {
        const { terminal } = context();
        const view = await api.call('showRoutes');
        const { file, fault, warnings } = view;
        terminal.result(
          file,
          () =>
            file === null ? 'No routes: every request to the apps is refused.' : tableOf(file.routes, file.default),
          undefined,
          fault === null ? warnings : [fault, ...warnings],
        );
        if (file?.hosts !== undefined && file.hosts.length > 0)
          terminal.say(`Assertions for: ${file.hosts.join(', ')}`);
        for (const warning of warnings) terminal.say(`${terminal.paint('yellow', 'Note')}: ${warning}`);
        if (fault !== null)
          throw new CommandError(EXIT.checkFailed, `routes.json is not in force as it is now. ${fault}`);
      }),
    );
  routes
    .command('test')
    .description('which route a request would be judged by, and what it asks')
    .argument('<method>', 'such as POST')
    .argument('<path>', 'path and query, as a caller would send them')
    .option('--host <name>', 'the host that was called')
    .action((method: string, path: string, { host }: { host?: string }) =>
      context().withApi(async (api) => {
        const body = { method: method.toUpperCase(), path, ...(host === undefined ? {} : { host }) };
        const tested = await api.call('testRoute', { body });
        context().terminal.result(tested, () => describe(tested), tested.policy);
      }),
    );
}

function tableOf(
  routes: readonly (UpstreamDefault & { methods?: string[] | undefined; path: string; host?: string | undefined })[],
  rest: UpstreamDefault | undefined,
): string {
  const needs = ({ authModes, scopes, slots, rateLimit }: UpstreamDefault) => [
    authModes.join(' '),
    scopes.join(' ') || '-',
    slots?.join(' ') ?? 'all',
    rateLimit === undefined ? '-' : formatRate(rateLimit),
  ];
  const rows = routes.map((route) => [
    route.methods?.join(',') ?? 'any',
    route.path,
    route.host ?? 'any',
    ...needs(route),
  ]);
  const last =
    rest === undefined
      ? ['any', '(all others)', 'any', 'nobody', '-', '-', '-']
      : ['any', '(all others)', 'any', ...needs(rest)];
  return table(['METHODS', 'PATH', 'HOST', 'MODES', 'SCOPES', 'SLOTS', 'LIMIT'], [...rows, last]);
}

function describe({ policy, refusal, authModes, scopes, slots }: RouteTested): string {
  if (refusal !== null) return `${policy}\nrefused, whoever calls: ${refusal.code}, ${refusal.detail}`;
  return `${policy}\nmodes   ${authModes.join(' ')}\nscopes  ${scopes.join(' ') || 'none'}\nslots   ${slots.join(' ')}`;
}
