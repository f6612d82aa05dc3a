import type { Command } from 'commander';
import type { Api } from '../api.js';
import type { Context } from '../context.js';
import { table } from '../terminal.js';

export function lanTargetCommands(program: Command, context: () => Context): void {
  const lanTargets = program
    .command('lan-targets')
    .description('what a workspace may call besides the public internet over TLS');
  lanTargets
    .command('list')
    .description('every workspace that may, and what')
    .action(() =>
      context().withApi(async (api) => {
        const { data } = await api.call('listLanTargets');
        const rows = data.flatMap(({ workspaceId, targets }) => targets.map((target) => [workspaceId, target]));
        context().terminal.result(
          data,
          () =>
            rows.length === 0
              ? 'No workspace may call anything on a private network. To let one: lan-targets set WORKSPACE TARGET...'
              : table(['WORKSPACE', 'TARGET'], rows),
          rows.map((row) => row.join(' ')).join('\n'),
        );
      }),
    );
  lanTargets
    .command('set')
    .description('replace the list of one workspace')
    .argument('<workspace>')
    .argument('<target...>', 'such as 192.168.1.20, 10.0.0.0/8, nas.lan:5001 or http://ollama.lan:11434')
    .action((workspace: string, targets: string[]) =>
      context().withApi((api) => set(context(), api, workspace, targets)),
    );
  lanTargets
    .command('clear')
    .description('let a workspace call the public internet over TLS only')
    .argument('<workspace>')
    .action((workspace: string) => context().withApi((api) => set(context(), api, workspace, [])));
}

async function set({ terminal }: Context, api: Api, workspaceId: string, targets: string[]): Promise<void> {
  const { lanTargets } = await api.call('setLanTargets', { params: { workspaceId }, body: { targets } });
  terminal.result(
    lanTargets,
    () =>
      targets.length === 0
        ? `${workspaceId} may call the public internet over TLS only.`
        : `${workspaceId} may call ${lanTargets.targets.join(', ')} besides the public internet over TLS.`,
    lanTargets.targets.join('\n'),
  );
}
