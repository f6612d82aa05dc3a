import { type Command, Option } from 'commander';
import { GrantedRole } from '../../contract/roles.js';
import type { Api } from '../api.js';
import type { Context } from '../context.js';
import { CommandError, EXIT } from '../exit-codes.js';
import { localUrl } from '../local-url.js';
import { ago, oneLine, table } from '../terminal.js';
import { allPages, listMembers, memberOf, organizationIdOf } from './organization-names.js';

interface InOrganization {
  readonly org: string;
}

/** Who is in an organization, and who is asked to join. */
export function memberCommands(orgs: Command, context: () => Context): void {
  membersCommand(orgs, context);
  roleCommand(orgs, context);
  removeCommand(orgs, context);
  inviteCommand(orgs, context);
  invitesCommand(orgs, context);
  uninviteCommand(orgs, context);
}

/** These act in `org_default` unless told otherwise, the only organization of most instances. */
function inOrganization(command: Command): Command {
  return command.addOption(
    new Option('--org <organization>', 'the organization, by id or name').default('org_default'),
  );
}

function membersCommand(orgs: Command, context: () => Context): void {
  inOrganization(orgs.command('members').description('who is in it, and as what')).action(({ org }: InOrganization) =>
    context().withApi(async (api) => {
      const { terminal, parts } = context();
      const data = await listMembers(api, await organizationIdOf(api, org));
      const rows = data.map(({ userId, email, name, role, disabled, since }) => [
        userId,
        email,
        name,
        disabled ? `${role}, disabled` : role,
        ago(since, Date.now()),
      ]);
      const none = `No members. Invite somebody: ${parts.command} orgs invite EMAIL --role owner --org ${org}`;
      const ids = data.map(({ userId }) => userId).join('\n');
      terminal.result(
        data,
        () => (rows.length === 0 ? none : table(['USER', 'EMAIL', 'NAME', 'ROLE', 'SINCE'], rows)),
        ids,
      );
    }),
  );
}

function roleCommand(orgs: Command, context: () => Context): void {
  inOrganization(
    orgs
      .command('role')
      .description('give a member another role')
      .argument('<member>', 'user id or address')
      .addArgument(roleArgument(orgs)),
  ).action((idOrEmail: string, role: string, { org }: InOrganization) =>
    context().withApi(async (api) => {
      const organizationId = await organizationIdOf(api, org);
      const { userId } = await memberOf(api, organizationId, idOrEmail);
      const { member } = await api.call('changeRole', { params: { organizationId, userId }, body: { role } });
      context().terminal.result(member, () => `${oneLine(member.email)} is ${member.role} now.`, member.userId);
    }),
  );
}

function roleArgument(orgs: Command) {
  return orgs.createArgument('<role>', 'what they become').choices(GrantedRole.options);
}

function removeCommand(orgs: Command, context: () => Context): void {
  inOrganization(
    orgs
      .command('remove')
      .description('end a membership now; keys the member made stay')
      .argument('<member>', 'user id or address'),
  )
    .option('-y, --yes', 'do not ask')
    .action((idOrEmail: string, { org, yes }: InOrganization & { yes?: boolean }) =>
      context().withApi(async (api) => {
        const { terminal } = context();
        const organizationId = await organizationIdOf(api, org);
        const { userId, email, role } = await memberOf(api, organizationId, idOrEmail);
        if (yes !== true)
          await terminal.confirm(`${oneLine(email)} is ${role}. Type the address to end the membership:`, email);
        const ended = await api.call('removeMember', { params: { organizationId, userId } });
        terminal.result(ended, () => `${oneLine(email)} is no member any more.`, userId);
      }),
    );
}

function inviteCommand(orgs: Command, context: () => Context): void {
  inOrganization(
    orgs
      .command('invite')
      .description('make a link that lets an address in; it is printed once and good for seven days')
      .argument('<email>')
      .addOption(new Option('--role <role>', 'what they become').choices(GrantedRole.options).default('member')),
  ).action((email: string, { org, role }: InOrganization & { role: string }) =>
    context().withApi(async (api) => {
      const { terminal } = context();
      const organizationId = await organizationIdOf(api, org);
      const made = await api.call('createInvite', { params: { organizationId }, body: { email, role } });
      const link = made.url ?? `${localUrl(context().config())}${made.path}`;
      terminal.result(made, () => link, link);
      terminal.say(
        `${made.mailed ? 'The link was mailed.' : 'No mail was sent: pass the link on yourself.'} It is shown this once and good for seven days.`,
      );
    }),
  );
}

function invitesCommand(orgs: Command, context: () => Context): void {
  inOrganization(orgs.command('invites').description('invites that nobody accepted yet')).action(
    ({ org }: InOrganization) =>
      context().withApi(async (api) => {
        const data = await listInvites(api, await organizationIdOf(api, org));
        const rows = data.map(({ id, email, role, createdBy, expiresAt }) => [
          id,
          email,
          role,
          createdBy,
          ago(expiresAt, Date.now()),
        ]);
        const ids = data.map(({ id }) => id).join('\n');
        context().terminal.result(
          data,
          () => (rows.length === 0 ? 'No open invites.' : table(['INVITE', 'EMAIL', 'ROLE', 'MADE BY', 'ENDS'], rows)),
          ids,
        );
      }),
  );
}

function uninviteCommand(orgs: Command, context: () => Context): void {
  inOrganization(
    orgs.command('uninvite').description('make an open invite worthless').argument('<invite>', 'id or address'),
  ).action((idOrEmail: string, { org }: InOrganization) =>
    context().withApi(async (api) => {
      const organizationId = await organizationIdOf(api, org);
      const wanted = idOrEmail.toLowerCase();
      const found = (await listInvites(api, organizationId)).find(
        ({ id, email }) => id === idOrEmail || email === wanted,
      );
      if (found === undefined)
        throw new CommandError(EXIT.notFound, `No open invite is for ${idOrEmail}. \`orgs invites\` shows them.`);
      const answer = await api.call('withdrawInvite', { params: { organizationId, inviteId: found.id } });
      context().terminal.result(answer, () => `The invite of ${oneLine(found.email)} is worthless now.`, found.id);
    }),
  );
}

function listInvites(api: Api, organizationId: string) {
  return allPages((cursor) => api.call('listInvites', { params: { organizationId }, query: { limit: 200, cursor } }));
}
