import type { Command } from 'commander';
import type { Entitlements, EntitlementsView, OrganizationView } from '../../contract/organizations.js';
import type { Context } from '../context.js';
import { CommandError, EXIT } from '../exit-codes.js';
import { oneLine, table } from '../terminal.js';
import { memberCommands } from './members.js';
import { listOrganizations, organizationIdOf } from './organization-names.js';

export function organizationCommands(program: Command, context: () => Context): void {
  const orgs = program.command('orgs').description('organizations, their members, invites and limits');
  listCommand(orgs, context);
  createCommand(orgs, context);
  renameCommand(orgs, context);
  showCommand(orgs, context);
  limitsCommand(orgs, context);
  memberCommands(orgs, context);
}

function listCommand(orgs: Command, context: () => Context): void {
  orgs
    .command('list')
    .description('every organization of this instance')
    .action(() =>
      context().withApi(async (api) => {
        const data = await listOrganizations(api);
        const rows = data.map(({ id, name, createdAt }) => [id, name, createdAt]);
        const ids = data.map(({ id }) => id).join('\n');
        context().terminal.result(data, () => table(['ORGANIZATION', 'NAME', 'MADE'], rows), ids);
      }),
    );
}

function createCommand(orgs: Command, context: () => Context): void {
  orgs
    .command('create')
    .description('make an organization; invite its first owner afterwards')
    .argument('<name>')
    .action((name: string) =>
      context().withApi(async (api) => {
        const { terminal, parts } = context();
        const { organization } = await api.call('createOrganization', { body: { name } });
        terminal.result(organization, () => `Made ${organization.id}.`, organization.id);
        terminal.say(`Invite its owner: ${parts.command} orgs invite EMAIL --role owner --org ${organization.id}`);
      }),
    );
}

function renameCommand(orgs: Command, context: () => Context): void {
  orgs
    .command('rename')
    .description('give it another name')
    .argument('<organization>', 'id or name')
    .argument('<name>')
    .action((idOrName: string, name: string) =>
      context().withApi(async (api) => {
        const organizationId = await organizationIdOf(api, idOrName);
        const { organization } = await api.call('renameOrganization', { params: { organizationId }, body: { name } });
        context().terminal.result(
          organization,
          () => `${organization.id} is called ${oneLine(organization.name)} now.`,
          organization.id,
        );
      }),
    );
}

function showCommand(orgs: Command, context: () => Context): void {
  orgs
    .command('show')
    .description('one organization, what it may have and what it has')
    .argument('<organization>', 'id or name')
    .action((idOrName: string) =>
      context().withApi(async (api) => {
        const params = { organizationId: await organizationIdOf(api, idOrName) };
        const { organization } = await api.call('showOrganization', { params });
        const limits = await api.call('showEntitlements', { params });
        context().terminal.result(
          { organization, ...limits },
          () => `${describe(organization)}\n\n${describeLimits(limits)}`,
          organization.id,
        );
      }),
    );
}

interface LimitOptions {
  readonly keys?: string;
  readonly workspaces?: string;
  readonly members?: string;
  readonly requests?: string;
}

function limitsCommand(orgs: Command, context: () => Context): void {
  orgs
    .command('limits')
    .description('what it may have at most; without options, show it')
    .argument('<organization>', 'id or name')
    .option('--keys <count>', 'keys that were not revoked, or none for no limit')
    .option('--workspaces <count>', 'workspaces, or none')
    .option('--members <count>', 'members and open invites, or none')
    .option('--requests <count>', 'requests an hour of all its callers together, or none')
    .action((idOrName: string, options: LimitOptions) => {
      const asked = {
        ...limit('keys', '--keys', options.keys),
        ...limit('workspaces', '--workspaces', options.workspaces),
        ...limit('members', '--members', options.members),
        ...limit('requestsPerHour', '--requests', options.requests),
      };
      return context().withApi(async (api) => {
        const params = { organizationId: await organizationIdOf(api, idOrName) };
        const now = await api.call('showEntitlements', { params });
        const limits =
          Object.keys(asked).length === 0
            ? now
            : await api.call('setEntitlements', { params, body: { ...now.entitlements, ...asked } });
        context().terminal.result(limits, () => describeLimits(limits), params.organizationId);
      });
    });
}

function limit(field: keyof Entitlements, option: string, text: string | undefined): Partial<Entitlements> {
  if (text === undefined) return {};
  if (text === 'none') return { [field]: null };
  if (!/^\d{1,9}$/.test(text))
    throw new CommandError(EXIT.usage, `${option} ${JSON.stringify(text)}: a whole number, or none for no limit.`);
  return { [field]: Number(text) };
}

function describe({ id, name, createdAt, createdBy }: OrganizationView): string {
  return [`id       ${id}`, `name     ${oneLine(name)}`, `created  ${createdAt} by ${createdBy}`].join('\n');
}

function describeLimits({ entitlements, used }: EntitlementsView): string {
  const most = (limit: number | null) => (limit === null ? 'no limit' : String(limit));
  return table(
    ['', 'HAS', 'AT MOST'],
    [
      ['keys', String(used.keys), most(entitlements.keys)],
      ['workspaces', String(used.workspaces), most(entitlements.workspaces)],
      ['members', String(used.members), most(entitlements.members)],
      ['requests an hour', '', most(entitlements.requestsPerHour)],
    ],
  );
}
