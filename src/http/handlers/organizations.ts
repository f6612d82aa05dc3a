import type { Gatehouse } from '../../gatehouse.js';
import type { Handlers } from '../handler.js';

type OrganizationRoutes = Pick<
  Handlers,
  | 'listOrganizations'
  | 'createOrganization'
  | 'showOrganization'
  | 'renameOrganization'
  | 'showEntitlements'
  | 'setEntitlements'
  | 'listMembers'
  | 'changeRole'
  | 'removeMember'
  | 'leaveOrganization'
  | 'listInvites'
  | 'createInvite'
  | 'withdrawInvite'
>;

export function organizationHandlers({ organizations, members, invitations }: Gatehouse): OrganizationRoutes {
  const idIn = (params: Readonly<Record<string, string>>) => params['organizationId'] ?? '';
  return {
    listOrganizations: ({ caller, query }) => organizations.list(caller.bounds, query),
    createOrganization: async ({ caller, body }) => ({ organization: await organizations.create(caller, body.name) }),
    showOrganization: ({ caller, params }) => ({ organization: organizations.show(caller.bounds, idIn(params)) }),
    renameOrganization: async ({ caller, params, body }) => ({
      organization: await organizations.rename(caller, idIn(params), body.name),
    }),
    showEntitlements: ({ caller, params }) => organizations.entitlements(caller.bounds, idIn(params)),
    setEntitlements: ({ caller, params, body }) => organizations.setEntitlements(caller, idIn(params), body),

    listMembers: ({ caller, params, query }) => members.list(caller.bounds, idIn(params), query),
    changeRole: async ({ caller, params, body }) => ({
      member: await members.changeRole(caller, idIn(params), params['userId'] ?? '', body.role),
    }),
    async removeMember({ caller, params }) {
      await members.remove(caller, idIn(params), params['userId'] ?? '');
      return { status: 'ended' };
    },
    async leaveOrganization({ caller, params }) {
      await members.leave(caller, idIn(params));
      return { status: 'ended' };
    },

    listInvites: ({ caller, params, query }) => invitations.list(caller.bounds, idIn(params), query),
    createInvite: ({ caller, params, body }) => invitations.create(caller, idIn(params), body),
    async withdrawInvite({ caller, params }) {
      await invitations.withdraw(caller, idIn(params), params['inviteId'] ?? '');
      return { status: 'withdrawn' };
    },
  };
}
