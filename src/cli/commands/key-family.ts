import { type Command, Option } from 'commander';
import { KEY_STATUSES, MAX_GRACE_SECONDS } from '../../contract/keys.js';
import type { Api } from '../api.js';
import type { Context } from '../context.js';
import { parseDuration } from '../durations.js';
import { CommandError, EXIT } from '../exit-codes.js';
import { ago, oneLine } from '../terminal.js';
import { addBoundOptions, addEnvironmentOption, type BoundOptions, boundFields } from './key-options.js';
import {
  describeKey,
  type FamilyRoutes,
  idOf,
  keyTable,
  listAll,
  makeWithOut,
  refuseKeyInArgument,
  reveal,
} from './key-output.js';
import { organizationOption } from './organization-names.js';

const ONLY_IN = 'look only in this organization, by id or name';

/** What tells the commands of API keys, service keys and MCP tokens apart; all else they share. */
export interface Family extends FamilyRoutes {
  readonly description: string;
  readonly examples: string;
  /** Options of `create` and `update` beside the bounds. */
  addOptions?(command: Command, act: 'create' | 'update'): void;
  /** Those options as fields of the API. */
  fields?(options: Record<string, unknown>): Record<string, unknown>;
  /** What `list --env` does, where there are keys of the environment. */
  listEnvironment?(context: Context, api: Api): Promise<void>;
}

/** The acts that every family has. @returns the group, for acts of its own */
export function familyCommands(program: Command, context: () => Context, family: Family): Command {
  const group = program.command(family.command).description(family.description);
  createCommand(group, context, family);
  listCommand(group, context, family);
  showCommand(group, context, family);
  updateCommand(group, context, family);
  rotateCommand(group, context, family);
  revokeCommand(group, context, family);
  return group;
}

function createCommand(group: Command, context: () => Context, family: Family): void {
  const command = group
    .command('create')
    .description(`make ${family.one}; it is printed once and never again`)
    .argument('<name>');
  family.addOptions?.(command, 'create');
  addBoundOptions(addEnvironmentOption(command))
    .option('--org <organization>', 'whose it is, by id or name (default: org_default)')
    .option('--out <file>', 'write it to a new file (mode 0600) instead of printing it')
    .addHelpText('after', `\nExamples:\n${family.examples}`)
    .action((name: string, options: BoundOptions & { env?: string; org?: string; out?: string }) =>
      context().withApi(async (api) => {
        refuseKeyInArgument(name);
        const organizationId = await organizationOption(api, options.org);
        const body = {
          name,
          organizationId,
          ...(options.env === undefined ? {} : { environment: options.env }),
          ...boundFields(options, Date.now()),
          ...family.fields?.({ ...options }),
        };
        const { made, out } = await makeWithOut(options.out, () => api.call(family.create, { body }));
        reveal(context(), made, out, `Made ${made.key.id}.`);
      }),
    );
}

function listCommand(group: Command, context: () => Context, family: Family): void {
  const command = group.command('list').description(`${family.many}, newest first`);
  if (family.listEnvironment !== undefined) {
    command.option('--env', 'the keys that the environment configures, by fingerprint');
  }
  command
    .addOption(new Option('--status <status>', 'only these').choices(KEY_STATUSES))
    .option('--search <text>', 'in name, note, id or visible start')
    .option('--org <organization>', ONLY_IN)
    .action(({ env, status, search, org }: { env?: boolean; status?: string; search?: string; org?: string }) =>
      context().withApi(async (api) => {
        if (env === true) return family.listEnvironment?.(context(), api);
        const { terminal, parts } = context();
        const organizationId = await organizationOption(api, org);
        const data = await listAll(api, family, { status, search, organizationId });
        const none = `No ${family.many}. Make one: ${parts.command} ${family.command} create NAME`;
        const ids = data.map(({ id }) => id).join('\n');
        terminal.result(data, () => (data.length === 0 ? none : keyTable(data)), ids);
      }),
    );
}

function showCommand(group: Command, context: () => Context, family: Family): void {
  group
    .command('show')
    .description('one of them, with every secret and when each was used')
    .argument('<key>', 'id or name')
    .option('--org <organization>', ONLY_IN)
    .action((idOrName: string, options: { org?: string }) =>
      context().withApi(async (api) => {
        const { key } = await api.call(family.show, { params: { id: await idOf(api, family, idOrName, options) } });
        context().terminal.result(key, () => describeKey(key), key.id);
      }),
    );
}

function updateCommand(group: Command, context: () => Context, family: Family): void {
  const command = group
    .command('update')
    .description('change the name, note or bounds')
    .argument('<key>', 'id or name')
    .option('--name <name>', 'a new name')
    .option('--org <organization>', ONLY_IN);
  family.addOptions?.(command, 'update');
  addBoundOptions(command).action((idOrName: string, options: BoundOptions & { name?: string; org?: string }) =>
    context().withApi(async (api) => {
      const body = {
        ...boundFields(options, Date.now()),
        ...(options.name === undefined ? {} : { name: options.name }),
        ...family.fields?.({ ...options }),
      };
      const { key } = await api.call(family.update, {
        params: { id: await idOf(api, family, idOrName, options) },
        body,
      });
      context().terminal.result(key, () => describeKey(key), key.id);
    }),
  );
}

function rotateCommand(group: Command, context: () => Context, family: Family): void {
  group
    .command('rotate')
    .description('give it a new secret; the old one works through the grace')
    .argument('<key>', 'id or name')
    .addOption(new Option('--grace <time>', 'how long the old secret still works: 0 to 30d').default('24h'))
    .option('--end-grace', 'make no new secret; end the old ones now')
    .option('--out <file>', 'write it to a new file (mode 0600) instead of printing it')
    .option('--org <organization>', ONLY_IN)
    .action((idOrName: string, options: { grace: string; endGrace?: boolean; out?: string; org?: string }) => {
      const graceSeconds = parseGrace(options.grace);
      return context().withApi(async (api) => {
        const id = await idOf(api, family, idOrName, options);
        if (options.endGrace === true) {
          const { key } = await api.call(family.update, { params: { id }, body: { endGrace: true } });
          context().terminal.result(key, () => `Only the newest secret of ${oneLine(key.name)} works now.`, key.id);
          return;
        }
        const { made, out } = await makeWithOut(options.out, () =>
          api.call(family.rotate, { params: { id }, body: { graceSeconds } }),
        );
        reveal(
          context(),
          made,
          out,
          graceSeconds === 0
            ? 'Rotated. The old secret no longer works.'
            : `Rotated. The old secret works for ${options.grace} more; end it earlier with --end-grace.`,
        );
      });
    });
}

function parseGrace(text: string): number {
  const seconds = parseDuration(text, '--grace');
  if (seconds > MAX_GRACE_SECONDS) throw new CommandError(EXIT.usage, `--grace ${JSON.stringify(text)}: at most 30d.`);
  return seconds;
}

function revokeCommand(group: Command, context: () => Context, family: Family): void {
  group
    .command('revoke')
    .description('end it now')
    .argument('<key>', 'id or name')
    .option('--reason <text>', 'kept with it and in the audit')
    .option('--org <organization>', ONLY_IN)
    .option('-y, --yes', 'do not ask')
    .action((idOrName: string, options: { reason?: string; org?: string; yes?: boolean }) =>
      context().withApi(async (api) => {
        const { terminal } = context();
        const id = await idOf(api, family, idOrName, options);
        if (options.yes !== true) {
          const { key } = await api.call(family.show, { params: { id } });
          const used =
            key.lastUsedAt === null
              ? 'It was never used.'
              : `It was used ${ago(key.lastUsedAt, Date.now())} from ${key.lastUsedIp}.`;
          await terminal.confirm(`${used} Type its name (${oneLine(key.name)}) to revoke it for good:`, key.name);
        }
        const { key } = await api.call(family.revoke, {
          params: { id },
          body: options.reason === undefined ? {} : { reason: options.reason },
        });
        terminal.result(key, () => `Revoked ${oneLine(key.name)}. It is refused from now on.`, key.id);
      }),
    );
}
