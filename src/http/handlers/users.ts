import type { Gatehouse } from '../../gatehouse.js';
import type { Handlers } from '../handler.js';

type UserRoutes = Pick<
  Handlers,
  | 'listUsers'
  | 'createUser'
  | 'showUser'
  | 'updateUser'
  | 'deleteUser'
  | 'makeResetLink'
  | 'listUserSessions'
  | 'endUserSessions'
  | 'endUserSession'
  | 'prepareSetup'
>;

export function userHandlers({ users, firstRun }: Gatehouse): UserRoutes {
  return {
    listUsers: ({ query }) => users.list(query),
    createUser: ({ caller, body }) => users.create(caller, body),
    showUser: ({ params }) => ({ user: users.show(params['id'] ?? '') }),
    updateUser: async ({ caller, params, body }) => ({ user: await users.update(caller, params['id'] ?? '', body) }),
    deleteUser: async ({ caller, params }) => ({ user: await users.remove(caller, params['id'] ?? '') }),
    makeResetLink: ({ caller, params }) => users.makeResetLink(caller, params['id'] ?? ''),
    listUserSessions: ({ params }) => ({ data: users.sessionsOf(params['id'] ?? '') }),
    async endUserSession({ caller, params }) {
      await users.endSession(caller, params['id'] ?? '', params['sessionId'] ?? '');
      return { ended: 1 };
    },
    endUserSessions: async ({ caller, params }) => ({ ended: await users.endSessions(caller, params['id'] ?? '') }),
    async prepareSetup({ caller, body: { email, password, name } }) {
      if (email === undefined || password === undefined) return { user: null, link: await firstRun.makeLink(caller) };
      return { user: users.view(await firstRun.makeAdmin(caller, { email, password, name })), link: null };
    },
  };
}
