import { closeSync, fsyncSync, openSync, unlinkSync, writeSync } from 'node:fs';
import { KeyId, type KeyView, type KeyWithToken } from '../../contract/keys.js';
import { hasKeyForm } from '../../kernel/key-form.js';
import type { Api } from '../api.js';
import type { Context } from '../context.js';
import { formatRate } from '../durations.js';
import { CommandError, EXIT } from '../exit-codes.js';
import { ago, oneLine, table } from '../terminal.js';
import { organizationOption } from './organization-names.js';

/** The routes of one family of keys, and what it is called. */
export interface FamilyRoutes {
  /** The name of its commands: `keys`. */
  readonly command: string;
  /** `a key`, `a service key` */
  readonly one: string;
  readonly many: string;
  readonly list: 'listKeys' | 'listServiceKeys' | 'listMcpTokens';
  readonly create: 'createKey' | 'createServiceKey' | 'createMcpToken';
  readonly show: 'showKey' | 'showServiceKey' | 'showMcpToken';
  readonly usage: 'showKeyUsage' | 'showServiceKeyUsage' | 'showMcpTokenUsage';
  readonly update: 'updateKey' | 'updateServiceKey' | 'updateMcpToken';
  readonly rotate: 'rotateKey' | 'rotateServiceKey' | 'rotateMcpToken';
  readonly revoke: 'revokeKey' | 'revokeServiceKey' | 'revokeMcpToken';
}

/** Every page of the list. */
export async function listAll(
  api: Api,
  family: FamilyRoutes,
  query: Record<string, string | undefined>,
): Promise<KeyView[]> {
  const all: KeyView[] = [];
  for (let cursor: string | undefined; ; ) {
    const page = await api.call(family.list, { query: { ...query, limit: 200, cursor } });
    all.push(...page.data);
    if (page.nextCursor === null) return all;
    cursor = page.nextCursor;
  }
}

/**
 * @throws CommandError when what was typed has the form of a whole key: it would be repeated in errors, or be kept as a
 *   name in the file and the audit
 */
export function refuseKeyInArgument(argument: string): void {
  if (hasKeyForm(argument)) throw new CommandError(EXIT.usage, IN_ARGUMENT);
}

export const IN_ARGUMENT =
  'A key does not belong on a command line: `ps` and the shell history show it. Pipe it in, or use --token-file.';

/** People know keys by name; a name that is not unique (in `--org`) is refused with the ids to choose from. */
export async function idOf(
  api: Api,
  family: FamilyRoutes,
  idOrName: string,
  { org }: { readonly org?: string } = {},
): Promise<string> {
  refuseKeyInArgument(idOrName);
  if (KeyId.safeParse(idOrName).success) return idOrName;
  const named = (
    await listAll(api, family, {
      search: idOrName.slice(0, 100),
      organizationId: await organizationOption(api, org),
    })
  ).filter(({ name }) => name === idOrName);
  const usable = named.filter(({ status }) => status !== 'revoked');
  const candidates = usable.length > 0 ? usable : named;
  if (candidates.length > 1)
    throw new CommandError(
      EXIT.conflict,
      `Several ${family.many} are called ${idOrName}: ${candidates.map(({ id }) => id).join(', ')}. Use the id.`,
    );
  const found = candidates[0];
  if (found === undefined)
    throw new CommandError(
      EXIT.notFound,
      `No ${family.one.replace(/^an? /, '')} is called ${idOrName}. \`${family.command} list\` shows them.`,
    );
  return found.id;
}

/** As {@link idOf}, for commands that take a key of any family. */
export async function idOfAny(api: Api, families: readonly FamilyRoutes[], idOrName: string): Promise<string> {
  for (const family of families) {
    try {
      return await idOf(api, family, idOrName);
    } catch (error) {
      if (!(error instanceof CommandError) || error.exitCode !== EXIT.notFound) throw error;
    }
  }
  throw new CommandError(EXIT.notFound, `No key of any kind is called ${idOrName}. \`keys list\` shows API keys.`);
}

/** A new file that a key is written to. */
export interface OutFile {
  readonly path: string;
  readonly fd: number;
}

/**
 * Makes a key and, where a path is given, its file before it: a key never exists without a place it can be read
 * from, and a file never stays without its key.
 */
export async function makeWithOut(
  path: string | undefined,
  make: () => Promise<KeyWithToken>,
): Promise<{ made: KeyWithToken; out: OutFile | null }> {
  const out = path === undefined ? null : openNew(path);
  try {
    return { made: await make(), out };
  } catch (error) {
    if (out !== null) {
      closeSync(out.fd);
      unlinkSync(out.path);
    }
    throw error;
  }
}

function openNew(path: string): OutFile {
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

export function reveal(context: Context, { key, token }: KeyWithToken, out: OutFile | null, words: string): void {
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

export function keyTable(keys: readonly KeyView[]): string {
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

export function describeKey(key: KeyView): string {
  const nowMs = Date.now();
  const facts: [string, string][] = [
    ['id', key.id],
    ['name', key.name],
    ['status', key.status],
    ['type', `${key.type}, ${key.environment}`],
    ['organization', key.organizationId],
    ['scopes', key.scopes.join(' ') || 'none'],
    ['workspaces', key.workspaceIds?.join(' ') ?? 'all'],
    [
      'credentials',
      key.credentialIds?.join(' ') || (key.credentialIds === null && key.type === 'svc' ? 'all' : 'none'),
    ],
    ['addresses', key.allowedIps.join(' ') || 'any'],
    ...(key.allowedOrigins.length === 0 ? [] : [['origins', key.allowedOrigins.join(' ')] as [string, string]]),
    ['limit', formatRate(key.rateLimit)],
    ['created', `${key.createdAt} by ${key.createdBy}`],
    ['expires', key.expiresAt ?? 'never'],
    ['note', key.note || '-'],
    ...(key.tools === undefined
      ? []
      : [['tools', key.tools?.join(' ') ?? 'all that the scopes allow'] as [string, string]]),
    ...(key.readOnly === undefined
      ? []
      : [['changes', key.readOnly ? 'none: read only' : 'allowed'] as [string, string]]),
  ];
  const secrets = key.secrets.map((secret) => [
    `${secret.start}…${secret.last4}`,
    secret.createdAt,
    secret.expiresAt ?? 'with the key',
    secret.lastUsedAt === null ? 'never' : `${ago(secret.lastUsedAt, nowMs)} from ${secret.lastUsedIp}`,
  ]);
  const width = Math.max(...facts.map(([name]) => name.length));
  return `${facts.map(([name, value]) => `${name.padEnd(width)}  ${oneLine(value)}`).join('\n')}\n\n${table(['SECRET', 'MADE', 'ENDS', 'LAST USED'], secrets)}`;
}
