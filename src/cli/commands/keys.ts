import { closeSync, fsyncSync, openSync, writeSync } from 'node:fs';
import { type Command, Option } from 'commander';
import { KEY_STATUSES, KeyId, type KeyView, type KeyWithToken } from '../../contract/keys.js';
import type { Api } from '../api.js';
import type { Context } from '../context.js';
import { formatRate, parseDuration } from '../durations.js';
import { CommandError, EXIT } from '../exit-codes.js';
import { ago, table } from '../terminal.js';
import { addBoundOptions, addKindOptions, type BoundOptions, boundFields, readToken } from './key-options.js';

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
        const out = options.out === undefined ? null : openNew(options.out);
        const made = await api.call('createKey', {
          body: {
            name,
            type: options.type,
            ...(options.env === undefined ? {} : { environment: options.env }),
            ...boundFields(options, Date.now()),
          },
        });
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
          terminal.result(data, () =>
            rows.length === 0
              ? 'The environment configures no keys.'
              : table(['VARIABLE', 'FINGERPRINT', 'LENGTH', 'STRENGTH', 'STATE', 'LAST USED'], rows),
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
        context().terminal.result(key, () => describe(key), key.id);
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
      context().terminal.result(key, () => describe(key), key.id);
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
    .action((idOrName: string, options: { grace: string; endGrace?: boolean; out?: string }) =>
      context().withApi(async (api) => {
        const id = await idOf(api, idOrName);
        if (options.endGrace === true) {
          const { key } = await api.call('updateKey', { params: { id }, body: { endGrace: true } });
          context().terminal.result(key, () => `Only the newest secret of ${key.name} works now.`, key.id);
          return;
        }
        const graceSeconds = parseDuration(options.grace, '--grace');
        const out = options.out === undefined ? null : openNew(options.out);
        const made = await api.call('rotateKey', { params: { id }, body: { graceSeconds } });
        reveal(
          context(),
          made,
          out,
          graceSeconds === 0
            ? 'Rotated. The old secret no longer works.'
            : `Rotated. The old secret works for ${options.grace} more; end it earlier with --end-grace.`,
        );
      }),
    );
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
          await terminal.confirm(`${used} Type its name (${key.name}) to revoke it for good:`, key.name);
        }
        const { key } = await api.call('revokeKey', {
          params: { id },
          body: options.reason === undefined ? {} : { reason: options.reason },
        });
        terminal.result(key, () => `Revoked ${key.name}. It is refused from now on.`, key.id);
      }),
    );
}

function verifyCommand(keys: Command, context: () => Context): void {
  keys
    .command('verify')
    .description('say whether a key on standard input is valid, and if not, why; exit 7 when not')
    .argument('[nothing]')
    .option('--token-file <file>', 'read the key from a file')
    .option('--scopes <list>', 'scopes it must hold', (text: string) => text.split(','))
    .option('--ip <address>', 'the address it comes from')
    .action((argument: string | undefined, options: { tokenFile?: string; scopes?: string[]; ip?: string }) => {
      if (argument !== undefined) throw new CommandError(EXIT.usage, IN_ARGUMENT);
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
          () => `${found.code}${missing}${found.key === undefined ? '' : `  ${found.key.id}  ${found.key.name}`}`,
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

/** Every page of the list. */
async function listAll(api: Api, query: Record<string, string | undefined>): Promise<KeyView[]> {
  const all: KeyView[] = [];
  for (let cursor: string | undefined; ; ) {
    const page = await api.call('listKeys', { query: { ...query, limit: 200, cursor } });
    all.push(...page.data);
    if (page.nextCursor === null) return all;
    cursor = page.nextCursor;
  }
}

/** People know keys by name; a name that is not unique is refused with the ids to choose from. */
async function idOf(api: Api, idOrName: string): Promise<string> {
  if (KeyId.safeParse(idOrName).success) return idOrName;
  const named = (await listAll(api, { search: idOrName.slice(0, 100) })).filter(({ name }) => name === idOrName);
  const usable = named.filter(({ status }) => status !== 'revoked');
  const candidates = usable.length > 0 ? usable : named;
  if (candidates.length > 1)
    throw new CommandError(
      EXIT.conflict,
      `Several keys are called ${idOrName}: ${candidates.map(({ id }) => id).join(', ')}. Use the id.`,
    );
  const found = candidates[0];
  if (found === undefined)
    throw new CommandError(EXIT.notFound, `No key is called ${idOrName}. \`keys list\` shows them.`);
  return found.id;
}

/** Before the key is made, so that a key never exists without a place it can be read from. */
function openNew(path: string): { path: string; fd: number } {
  try {
    return { path, fd: openSync(path, 'wx', 0o600) };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new CommandError(
      EXIT.usage,
      `--out ${path}: ${code === 'EEXIST' ? 'the file exists and is not overwritten' : `cannot be made (${code})`}.`,
    );
  }
}

function reveal(
  context: Context,
  { key, token }: KeyWithToken,
  out: { path: string; fd: number } | null,
  words: string,
): void {
  const { terminal } = context;
  if (out === null) {
    terminal.result({ key, token }, () => token, token);
    terminal.say(`${words} This is the only time the key is shown.`);
    return;
  }
  writeSync(out.fd, `${token}\n`);
  fsyncSync(out.fd);
  closeSync(out.fd);
  terminal.result({ key, file: out.path }, () => `${words} The key is in ${out.path}.`, key.id);
}

function keyTable(keys: readonly KeyView[]): string {
  const nowMs = Date.now();
  const rows = keys.map((key) => [
    key.id,
    key.name,
    key.type,
    key.environment,
    `${key.start}…${key.last4}`,
    key.status,
    ago(key.lastUsedAt, nowMs),
    key.expiresAt === null ? 'never' : ago(key.expiresAt, nowMs),
  ]);
  return table(['ID', 'NAME', 'TYPE', 'ENVIRONMENT', 'KEY', 'STATUS', 'LAST USED', 'EXPIRES'], rows);
}

function describe(key: KeyView): string {
  const nowMs = Date.now();
  const facts: [string, string][] = [
    ['id', key.id],
    ['name', key.name],
    ['status', key.status],
    ['type', `${key.type}, ${key.environment}`],
    ['organization', key.organizationId],
    ['scopes', key.scopes.join(' ') || 'none'],
    ['workspaces', key.workspaceIds?.join(' ') ?? 'all'],
    ['credentials', key.credentialIds?.join(' ') || 'none'],
    ['addresses', key.allowedIps.join(' ') || 'any'],
    ['limit', formatRate(key.rateLimit)],
    ['created', `${key.createdAt} by ${key.createdBy}`],
    ['expires', key.expiresAt ?? 'never'],
    ['note', key.note || '-'],
  ];
  const secrets = key.secrets.map((secret) => [
    `${secret.start}…${secret.last4}`,
    secret.createdAt,
    secret.expiresAt ?? 'with the key',
    secret.lastUsedAt === null ? 'never' : `${ago(secret.lastUsedAt, nowMs)} from ${secret.lastUsedIp}`,
  ]);
  const width = Math.max(...facts.map(([name]) => name.length));
  return `${facts.map(([name, value]) => `${name.padEnd(width)}  ${value}`).join('\n')}\n\n${table(['SECRET', 'MADE', 'ENDS', 'LAST USED'], secrets)}`;
}
