import { type Command, Option } from 'commander';
import { KEY_STATUSES, MAX_GRACE_SECONDS } from '../../contract/keys.js';
import type { Context } from '../context.js';
import { parseDuration } from '../durations.js';
import { CommandError, EXIT } from '../exit-codes.js';
import { ago, oneLine, table } from '../terminal.js';
import { addBoundOptions, addKindOptions, type BoundOptions, boundFields, readToken } from './key-options.js';
import { describeKey, idOf, keyTable, listAll, makeWithOut, reveal } from './key-output.js';

export function keyCommands(program: Command, context: () => Context): void {
  const keys = program.command('keys').description('make, list, rotate and end API keys');
  createCommand(keys, context);
  listCommand(keys, context);
  showCommand(keys, context);
  updateCommand(keys, context);
  rotateCommand(keys, context);
  revokeCommand(keys, context);
  verifyCommand(keys, context);
  adoptCommand(keys, context);
}

const IN_ARGUMENT =
  'A key does not belong on a command line: `ps` and the shell history show it. Pipe it in, or use --token-file.';

function createCommand(keys: Command, context: () => Context): void {
  const command = keys
    .command('create')
    .description('make a key; it is printed once and never again')
    .argument('<name>');
  addBoundOptions(addKindOptions(command))
    .option('--out <file>', 'write the key to a new file (mode 0600) instead of printing it')
    .addHelpText(
      'after',
      '\nExamples:\n  gatehouse keys create ci --type ci --expires 90d --scopes ask:run\n  KEY=$(gatehouse keys create agent --workspaces example -q)',
    )
    .action((name: string, options: BoundOptions & { type: string; env?: string; out?: string }) =>
      context().withApi(async (api) => {
        const body = {
          name,
          type: options.type,
          ...(options.env === undefined ? {} : { environment: options.env }),
          ...boundFields(options, Date.now()),
        };
        const { made, out } = await makeWithOut(options.out, () => api.call('createKey', { body }));
        reveal(context(), made, out, `Made ${made.key.id}.`);
      }),
    );
}

function listCommand(keys: Command, context: () => Context): void {
  keys
    .command('list')
    .description('keys, newest first')
    .option('--env', 'the keys that the environment configures, by fingerprint')
    .addOption(new Option('--status <status>', 'only these').choices(KEY_STATUSES))
    .option('--search <text>', 'in name, note, id or visible start')
    .action((options: { env?: boolean; status?: string; search?: string }) =>
      context().withApi(async (api) => {
        const { terminal, parts } = context();
        if (options.env === true) {
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
          return;
        }
        const data = await listAll(api, { status: options.status, search: options.search });
        terminal.result(
          data,
          () => (data.length === 0 ? `No keys. Make one: ${parts.command} keys create NAME` : keyTable(data)),
          data.map(({ id }) => id).join('\n'),
        );
      }),
    );
}

function showCommand(keys: Command, context: () => Context): void {
  keys
    .command('show')
    .description('one key, with every secret of it and when each was used')
    .argument('<key>', 'id or name')
    .action((idOrName: string) =>
      context().withApi(async (api) => {
        const { key } = await api.call('showKey', { params: { id: await idOf(api, idOrName) } });
        context().terminal.result(key, () => describeKey(key), key.id);
      }),
    );
}

function updateCommand(keys: Command, context: () => Context): void {
  const command = keys
    .command('update')
    .description('change the name, note or bounds of a key')
    .argument('<key>', 'id or name')
    .option('--name <name>', 'a new name');
  addBoundOptions(command).action((idOrName: string, options: BoundOptions & { name?: string }) =>
    context().withApi(async (api) => {
      const body = {
        ...boundFields(options, Date.now()),
        ...(options.name === undefined ? {} : { name: options.name }),
      };
      const { key } = await api.call('updateKey', { params: { id: await idOf(api, idOrName) }, body });
      context().terminal.result(key, () => describeKey(key), key.id);
    }),
  );
}

function rotateCommand(keys: Command, context: () => Context): void {
  keys
    .command('rotate')
    .description('give a key a new secret; the old one works through the grace')
    .argument('<key>', 'id or name')
    .addOption(new Option('--grace <time>', 'how long the old secret still works: 0 to 30d').default('24h'))
    .option('--end-grace', 'make no new secret; end the old ones now')
    .option('--out <file>', 'write the key to a new file (mode 0600) instead of printing it')
    .action((idOrName: string, options: { grace: string; endGrace?: boolean; out?: string }) => {
      const graceSeconds = parseGrace(options.grace);
      return context().withApi(async (api) => {
        const id = await idOf(api, idOrName);
        if (options.endGrace === true) {
          const { key } = await api.call('updateKey', { params: { id }, body: { endGrace: true } });
          context().terminal.result(key, () => `Only the newest secret of ${oneLine(key.name)} works now.`, key.id);
          return;
        }
        const { made, out } = await makeWithOut(options.out, () =>
          api.call('rotateKey', { params: { id }, body: { graceSeconds } }),
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

function revokeCommand(keys: Command, context: () => Context): void {
  keys
    .command('revoke')
    .description('end a key now')
    .argument('<key>', 'id or name')
    .option('--reason <text>', 'kept with the key and in the audit')
    .option('-y, --yes', 'do not ask')
    .action((idOrName: string, options: { reason?: string; yes?: boolean }) =>
      context().withApi(async (api) => {
        const { terminal } = context();
        const id = await idOf(api, idOrName);
        if (options.yes !== true) {
          const { key } = await api.call('showKey', { params: { id } });
          const used =
            key.lastUsedAt === null
              ? 'It was never used.'
              : `It was used ${ago(key.lastUsedAt, Date.now())} from ${key.lastUsedIp}.`;
          await terminal.confirm(`${used} Type its name (${oneLine(key.name)}) to revoke it for good:`, key.name);
        }
        const { key } = await api.call('revokeKey', {
          params: { id },
          body: options.reason === undefined ? {} : { reason: options.reason },
        });
        terminal.result(key, () => `Revoked ${oneLine(key.name)}. It is refused from now on.`, key.id);
      }),
    );
}

function verifyCommand(keys: Command, context: () => Context): void {
  keys
    .command('verify')
    .description('say whether a key on standard input is valid, and if not, why; exit 7 when not')
    .allowExcessArguments()
    .option('--token-file <file>', 'read the key from a file')
    .option('--scopes <list>', 'scopes it must hold', (text: string) => text.split(','))
    .option('--ip <address>', 'the address it comes from')
    .action((options: { tokenFile?: string; scopes?: string[]; ip?: string }, { args }: Command) => {
      if (args.length > 0) throw new CommandError(EXIT.usage, IN_ARGUMENT);
      return context().withApi(async (api) => {
        const { terminal } = context();
        const token = await readToken(options, terminal);
        const found = await api.call('verifyKey', {
          body: {
            token,
            ...(options.scopes === undefined ? {} : { scopes: options.scopes }),
            ...(options.ip === undefined ? {} : { address: options.ip }),
          },
        });
        const missing = found.missingScopes === undefined ? '' : ` (${found.missingScopes.join(', ')})`;
        terminal.result(
          found,
          () =>
            `${found.code}${missing}${found.key === undefined ? '' : `  ${found.key.id}  ${oneLine(found.key.name)}`}`,
          found.code,
        );
        if (!found.valid) throw new CommandError(EXIT.checkFailed, '');
      });
    });
}

function adoptCommand(keys: Command, context: () => Context): void {
  const command = keys
    .command('adopt')
    .description(
      'take an environment key into api-keys.json with the same value, so that it can be bounded, rotated and revoked',
    )
    .argument('<fingerprint>', 'as `keys list --env` shows it')
    .argument('<name>');
  addBoundOptions(addKindOptions(command)).action(
    (fingerprint: string, name: string, options: BoundOptions & { type: string; env?: string }) =>
      context().withApi(async (api) => {
        const body = {
          name,
          type: options.type,
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
