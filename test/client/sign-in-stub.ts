import type { User } from '../../src/client/index.js';
import { json, problem, type Stub, startStub } from './stub.js';

export const ADA: User = {
  id: 'usr_ada',
  email: 'ada@example.com',
  name: 'Ada',
  instanceOperator: false,
  totp: false,
  createdAt: '2026-11-22T12:00:00.000Z',
  memberships: [],
};

/** The sign-in routes of one user, whose answers a test can hold back or replace. Refresh tokens work once. */
export interface SignInStub extends Stub {
  /** Calls so far, by path. */
  count(path: string): number;
  /** No access token given so far is good any longer. */
  expireAccess(): void;
  /** From now on none is, not even a new one. */
  refuseAccess: boolean;
  /** Waited for before a refresh is answered. */
  holdRefresh: Promise<unknown>;
  /** Answered to refreshes instead of tokens. */
  refuseRefresh: { status: number; code: string } | null;
  user: User;
  /** Whether a refresh token came twice. */
  replayed: boolean;
}

export async function startSignInStub(expiresIn = 900): Promise<SignInStub> {
  let given = 0;
  let oldestGood = 1;
  const spent = new Set<string>();
  const tokens = () => {
    given += 1;
    return {
      user: state.user,
      access_token: `access-${given}`,
      token_type: 'Bearer',
      expires_in: expiresIn,
      scope: '',
      refresh_token: `refresh-${given}`,
    };
  };
  const stub = await startStub(async ({ url, headers, body }, response) => {
    if (url === '/api/auth/login') return json(response, 200, tokens());
    if (url === '/api/auth/refresh') {
      await state.holdRefresh;
      if (state.refuseRefresh !== null) return problem(response, state.refuseRefresh.status, state.refuseRefresh.code);
      const { refresh_token } = JSON.parse(body);
      state.replayed ||= spent.has(refresh_token);
      if (spent.has(refresh_token)) return problem(response, 401, 'UNAUTHORIZED');
      spent.add(refresh_token);
      return json(response, 200, tokens());
    }
    if (headers.authorization === undefined) return json(response, 200, { principal: { kind: 'anonymous' } });
    const nth = Number(headers.authorization.replace('Bearer access-', ''));
    if (nth < oldestGood || state.refuseAccess) return problem(response, 401, 'UNAUTHORIZED');
    if (url === '/api/auth/logout') return json(response, 200, { ended: 1 });
    return json(response, 200, { principal: { kind: 'user', id: state.user.id } });
  });
  const state: SignInStub = Object.assign(stub, {
    count: (path: string) => stub.seen.filter(({ url }) => url === path).length,
    expireAccess() {
      oldestGood = given + 1;
    },
    refuseAccess: false,
    holdRefresh: Promise.resolve(),
    refuseRefresh: null,
    user: ADA,
    replayed: false,
  });
  return state;
}
