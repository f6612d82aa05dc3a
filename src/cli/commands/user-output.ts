import { type OneTimeLink, UserId } from '../../contract/auth.js';
import type { UserView } from '../../contract/users.js';
import type { Api } from '../api.js';
import type { Context } from '../context.js';
import { CommandError, EXIT } from '../exit-codes.js';
import { ago, oneLine, table } from '../terminal.js';

/** Every page of the list. */
export async function listUsers(api: Api, query: Record<string, string | undefined>): Promise<UserView[]> {
  const all: UserView[] = [];
  for (let cursor: string | undefined; ; ) {
    const page = await api.call('listUsers', { query: { ...query, limit: 200, cursor } });
    all.push(...page.data);
    if (page.nextCursor === null) return all;
    cursor = page.nextCursor;
  }
}

/** People are known by their address. */
export async function userOf(api: Api, idOrEmail: string): Promise<UserView> {
  if (UserId.safeParse(idOrEmail).success) return (await api.call('showUser', { params: { id: idOrEmail } })).user;
  const wanted = idOrEmail.trim().toLowerCase();
  const found = (await listUsers(api, { search: wanted.slice(0, 100) })).find(
    ({ email }) => email.toLowerCase() === wanted,
  );
  if (found === undefined)
    throw new CommandError(EXIT.notFound, `Nobody here has the address ${idOrEmail}. \`users list\` shows who does.`);
  return found;
}

/** A link as it is opened: where this instance is reached, or on this machine. */
export function urlOf(context: Context, { url, path }: OneTimeLink): string {
  const { port, basePath } = context.config();
  return url ?? `http://localhost:${port}${basePath}${path}`;
}

export function userTable(users: readonly UserView[]): string {
  return table(
    ['USER', 'EMAIL', 'NAME', 'STATUS', 'ROLES', 'SESSIONS', 'LAST SEEN'],
    users.map((user) => [
      user.id,
      user.email,
      user.name,
      user.status,
      rolesOf(user),
      String(user.sessions),
      ago(user.lastSeenAt, Date.now()),
    ]),
  );
}

export function describeUser(user: UserView): string {
  const rows: [string, string][] = [
    ['id', user.id],
    ['email', user.email],
    ['name', user.name === '' ? '–' : user.name],
    ['status', user.status],
    ['roles', rolesOf(user)],
    ['second factor', user.totp ? 'yes' : 'no'],
    ['passkeys', String(user.passkeys)],
    ['sessions', String(user.sessions)],
    ['last seen', ago(user.lastSeenAt, Date.now())],
    ['created', `${user.createdAt} by ${user.createdBy}`],
  ];
  return rows.map(([name, value]) => `${name.padEnd(13)}  ${oneLine(value)}`).join('\n');
}

function rolesOf({ memberships, instanceOperator }: UserView): string {
  const roles = memberships.map(({ organizationId, role }) => `${role}@${organizationId}`);
  return [...(instanceOperator ? ['operator'] : []), ...roles].join(', ') || 'none';
}
