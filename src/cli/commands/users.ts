import { type Command, Option } from 'commander';
import { GrantedRole } from '../../contract/roles.js';
import { UserView } from '../../contract/users.js';
import type { Context } from '../context.js';
import { addPasswordOptions, givenPassword, type PasswordOptions } from '../passwords.js';
import { ago, oneLine, table } from '../terminal.js';
import { describeUser, listUsers, urlOf, userOf, userTable } from './user-output.js';

export function userCommands(program: Command, context: () => Context): void {
  const users = program.command('users').description('everybody who can sign in here');
  listCommand(users, context);
  addCommand(users, context);
  showCommand(users, context);
  changeCommand(
    users,
    context,
    'disable',
    'keep somebody out; every session of theirs ends',
    {
      status: 'disabled',
    },
    (email) => `${email} cannot sign in any more, and is signed out everywhere.`,
  );
  changeCommand(
    users,
    context,
    'enable',
    'let somebody in again',
    { status: 'active' },
    (email) => `${email} can sign in again.`,
  );
  operatorCommand(users, context);
  resetCommand(users, context);
  sessionsCommand(users, context);
  removeCommand(users, context);
}

function listCommand(users: Command, context: () => Context): void {
  users
    .command('list')
    .description('everybody, newest first')
    .addOption(new Option('--status <status>', 'only these').choices(UserView.shape.status.options))
    .option('--search <text>', 'in name, address or id')
    .action((query: { status?: string; search?: string }) =>
      context().withApi(async (api) => {
        const { terminal, parts } = context();
        const data = await listUsers(api, query);
        const none = `Nobody yet. Make the first administrator: ${parts.command} setup`;
        const empty = query.status === undefined && query.search === undefined ? none : 'Nobody like that.';
        terminal.result(data, () => (data.length === 0 ? empty : userTable(data)), data.map(({ id }) => id).join('\n'));
      }),
    );
}

function addCommand(users: Command, context: () => Context): void {
  const command = users
    .command('add')
    .description('make an account; without a password it prints a link with which they choose one')
    .argument('<email>')
    .option('--name <name>', 'as others see them')
    .addOption(new Option('--role <role>', 'in the organization').choices(GrantedRole.options).default('member'))
    .option('--organization <id>', 'default: org_default')
    .option('--operator', 'may rule this whole instance');
  addPasswordOptions(command).action(
    async (
      email: string,
      options: PasswordOptions & { name?: string; role: string; organization?: string; operator?: boolean },
    ) => {
      const { terminal } = context();
      const password = await givenPassword(options, terminal);
      await context().withApi(async (api) => {
        const { name, role, organization, operator } = options;
        const body = {
          email,
          role,
          instanceOperator: operator === true,
          ...(name === undefined ? {} : { name }),
          ...(organization === undefined ? {} : { organizationId: organization }),
          ...(password === null ? {} : { password }),
        };
        const { user, link } = await api.call('createUser', { body });
        if (link === null) {
          terminal.result({ user, link }, () => `Made ${user.email}, who can sign in now.`, user.id);
          return;
        }
        const url = urlOf(context(), link);
        terminal.result({ user, link: { ...link, url } }, () => url, url);
        terminal.say(
          `Made ${user.email}. Give them the link: it lets them choose a password, once, until ${link.expiresAt}.`,
        );
      });
    },
  );
}

function showCommand(users: Command, context: () => Context): void {
  users
    .command('show')
    .description('one of them')
    .argument('<user>', 'address or id')
    .action((idOrEmail: string) =>
      context().withApi(async (api) => {
        const user = await userOf(api, idOrEmail);
        context().terminal.result(user, () => describeUser(user), user.id);
      }),
    );
}

function changeCommand(
  users: Command,
  context: () => Context,
  name: string,
  description: string,
  body: object,
  words: (email: string) => string,
): void {
  users
    .command(name)
    .description(description)
    .argument('<user>', 'address or id')
    .action((idOrEmail: string) =>
      context().withApi(async (api) => {
        const { id } = await userOf(api, idOrEmail);
        const { user } = await api.call('updateUser', { params: { id }, body });
        context().terminal.result(user, () => words(user.email), user.id);
      }),
    );
}

function operatorCommand(users: Command, context: () => Context): void {
  users
    .command('operator')
    .description('make somebody an operator, who rules this whole instance')
    .argument('<user>', 'address or id')
    .option('--remove', 'make them no operator any more')
    .action((idOrEmail: string, { remove }: { remove?: boolean }) =>
      context().withApi(async (api) => {
        const { id } = await userOf(api, idOrEmail);
        const { user } = await api.call('updateUser', { params: { id }, body: { instanceOperator: remove !== true } });
        const words = `${user.email} is ${user.instanceOperator ? 'an operator now' : 'no operator any more'}.`;
        context().terminal.result(user, () => words, user.id);
      }),
    );
}

function resetCommand(users: Command, context: () => Context): void {
  const command = users
    .command('reset-password')
    .description('print a one-time link with which somebody chooses a new password, or set one')
    .argument('<user>', 'address or id')
    .option('--stop-totp', 'their authenticator app and recovery codes are lost, too: sign in without from now on')
    .option('--remove-passkeys', 'devices of theirs are lost or in wrong hands: no passkey signs them in any more');
  addPasswordOptions(command).action(async (idOrEmail: string, options: PasswordOptions & ResetOptions) => {
    const { terminal } = context();
    const password = await givenPassword(options, terminal);
    await context().withApi(async (api) => {
      const { id, email, passkeys } = await userOf(api, idOrEmail);
      const { stopTotp, removePasskeys } = options;
      const body = { ...(stopTotp ? { totp: false } : {}), ...(removePasskeys ? { passkeys: 0 } : {}) };
      if (Object.keys(body).length > 0) await api.call('updateUser', { params: { id }, body });
      const link = await api.call('makeResetLink', { params: { id } });
      if (passkeys > 0)
        terminal.say(
          removePasskeys
            ? `Passkeys taken away: ${passkeys}.`
            : `Passkeys that still sign ${email} in: ${passkeys}. --remove-passkeys takes them away.`,
        );
      if (password !== null) {
        const token = link.path.slice(link.path.indexOf('#') + 1);
        await api.call('resetPassword', { body: { token, password } });
        terminal.result({ id }, () => `${email} has a new password, and is signed out everywhere.`, id);
        return;
      }
      const url = urlOf(context(), link);
      terminal.result({ ...link, url }, () => url, url);
      terminal.say(`Give it to ${email}: it works once, until ${link.expiresAt}, and ends every session of theirs.`);
    });
  });
}

interface ResetOptions {
  stopTotp?: boolean;
  removePasskeys?: boolean;
}

function sessionsCommand(users: Command, context: () => Context): void {
  users
    .command('sessions')
    .description('where somebody is signed in')
    .argument('<user>', 'address or id')
    .option('--end', 'sign them out everywhere')
    .action((idOrEmail: string, { end }: { end?: boolean }) =>
      context().withApi(async (api) => {
        const { terminal } = context();
        const { id, email } = await userOf(api, idOrEmail);
        if (end === true) {
          const { ended } = await api.call('endUserSessions', { params: { id } });
          terminal.result({ ended }, () => `${email} is signed out everywhere (${ended}).`, String(ended));
          return;
        }
        const { data } = await api.call('listUserSessions', { params: { id } });
        const rows = data.map((session) => [
          session.id,
          session.kind,
          session.device,
          session.address,
          ago(session.lastSeenAt, Date.now()),
          ago(session.expiresAt, Date.now()),
        ]);
        terminal.result(
          data,
          () =>
            rows.length === 0
              ? `${email} is signed in nowhere.`
              : table(['SESSION', 'KIND', 'DEVICE', 'ADDRESS', 'LAST SEEN', 'ENDS'], rows),
          data.map((session) => session.id).join('\n'),
        );
      }),
    );
}

function removeCommand(users: Command, context: () => Context): void {
  users
    .command('remove')
    .description('delete an account; keys that the person made stay')
    .argument('<user>', 'address or id')
    .option('-y, --yes', 'do not ask')
    .action((idOrEmail: string, { yes }: { yes?: boolean }) =>
      context().withApi(async (api) => {
        const { terminal } = context();
        const { id, email } = await userOf(api, idOrEmail);
        if (yes !== true)
          await terminal.confirm(`Type the address (${oneLine(email)}) to delete the account for good:`, email);
        const { user } = await api.call('deleteUser', { params: { id } });
        terminal.result(user, () => `Deleted ${user.email}.`, user.id);
      }),
    );
}
