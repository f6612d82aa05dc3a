import type { Command } from 'commander';
import type { Api } from '../api.js';
import type { Context } from '../context.js';
import { ago, table } from '../terminal.js';
import { addBoundOptions, addEnvironmentOption, type BoundOptions, boundFields, typeOption } from './key-options.js';
import { organizationOption } from './organization-names.js';

/** The keys that the environment configures: by fingerprint, since their values are nobody's to print. */
export async function listEnvKeys({ terminal }: Context, api: Api): Promise<void> {
  const { data } = await api.call('listEnvKeys');
  const rows = data.map((key) => [
    key.variable,
    key.fingerprint,
    String(key.length),
    key.weak ? 'weak' : 'ok',
    key.shadowed ? 'decided by api-keys.json' : 'active',
    ago(key.lastUsedAt, Date.now()),
  ]);
  terminal.result(
    data,
    () =>
      rows.length === 0
        ? 'The environment configures no keys.'
        : table(['VARIABLE', 'FINGERPRINT', 'LENGTH', 'STRENGTH', 'STATE', 'LAST USED'], rows),
    data.map(({ fingerprint }) => fingerprint).join('\n'),
  );
}

export function adoptCommand(keys: Command, context: () => Context): void {
  const command = keys
    .command('adopt')
    .description(
      'take an environment key into api-keys.json with the same value, so that it can be bounded, rotated and revoked',
    )
    .argument('<fingerprint>', 'as `keys list --env` shows it')
    .argument('<name>');
  addBoundOptions(addEnvironmentOption(command.addOption(typeOption())))
    .option('--org <organization>', 'whose it becomes, by id or name (default: org_default)')
    .action((fingerprint: string, name: string, options: BoundOptions & { type: string; env?: string; org?: string }) =>
      context().withApi(async (api) => {
        const body = {
          name,
          type: options.type,
          organizationId: await organizationOption(api, options.org),
          ...(options.env === undefined ? {} : { environment: options.env }),
          ...boundFields(options, Date.now()),
        };
        const { key } = await api.call('adoptEnvKey', { params: { fingerprint }, body });
        context().terminal.result(
          key,
          () => `Adopted as ${key.id}. api-keys.json decides about it now; the variable may be removed.`,
          key.id,
        );
      }),
    );
}
