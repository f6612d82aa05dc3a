import type { Gatehouse } from '../../gatehouse.js';
import type { Handlers } from '../handler.js';
import { passkeySiteOf } from './passkeys.js';

type AccountRoutes = Pick<
  Handlers,
  | 'confirmIdentity'
  | 'confirmOptions'
  | 'logout'
  | 'listSessions'
  | 'endSessions'
  | 'endSession'
  | 'showProfile'
  | 'updateProfile'
  | 'changePassword'
  | 'startTotp'
  | 'confirmTotp'
  | 'stopTotp'
>;

export function accountHandlers(gatehouse: Gatehouse): AccountRoutes {
  const { account, secondFactor, freshProof, passkeyConfirm } = gatehouse;
  const siteOf = passkeySiteOf(gatehouse);
  return {
    confirmIdentity: ({ caller, arrived, body }) => freshProof.confirm(caller, siteOf(arrived), body),
    confirmOptions: ({ caller, arrived }) => passkeyConfirm.options(caller, siteOf(arrived)),
    async logout({ caller, cookie }) {
      await account.endSession(caller);
      cookie.clear();
      return { ended: 1 };
    },
    listSessions: ({ caller }) => ({ data: account.listSessions(caller), nextCursor: null }),
    async endSessions({ caller, cookie }) {
      const ended = await account.endSessions(caller);
      cookie.clear();
      return { ended };
    },
    async endSession({ caller, params, cookie }) {
      await account.endSession(caller, params['id'] ?? '');
      if (params['id'] === caller.principal.person?.sessionId) cookie.clear();
      return { ended: 1 };
    },
    showProfile: ({ caller }) => ({ user: account.show(caller) }),
    updateProfile: async ({ caller, body }) => ({ user: await account.update(caller, body) }),
    changePassword: async ({ caller, body }) => ({ ended: await account.changePassword(caller, body) }),
    startTotp: ({ caller, body }) => secondFactor.start(caller, body.password),
    confirmTotp: ({ caller, body }) => secondFactor.confirm(caller, body.code),
    async stopTotp({ caller, body }) {
      await secondFactor.stop(caller, body.password, body.code);
      return { status: 'accepted' };
    },
  };
}
