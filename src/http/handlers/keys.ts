import type { Gatehouse } from '../../gatehouse.js';
import type { Handlers } from '../handler.js';

type KeyRoutes = Pick<
  Handlers,
  | 'listKeys'
  | 'createKey'
  | 'verifyKey'
  | 'showKey'
  | 'updateKey'
  | 'rotateKey'
  | 'revokeKey'
  | 'deleteKey'
  | 'listEnvKeys'
  | 'adoptEnvKey'
>;

export function keyHandlers({ keys }: Gatehouse): KeyRoutes {
  return {
    listKeys: ({ caller, query }) => keys.list(caller.bounds, query),
    createKey: ({ caller, body }) => keys.create(caller, body),
    verifyKey: ({ caller, body }) => keys.verify(caller.bounds, body),
    showKey: ({ caller, params }) => ({ key: keys.show(caller.bounds, params['id'] ?? '') }),
    updateKey: async ({ caller, params, body }) => ({ key: await keys.update(caller, params['id'] ?? '', body) }),
    rotateKey: ({ caller, params, body }) => keys.rotate(caller, params['id'] ?? '', body.graceSeconds),
    revokeKey: async ({ caller, params, body }) => ({
      key: await keys.revoke(caller, params['id'] ?? '', body.reason),
    }),
    deleteKey: async ({ caller, params }) => ({ key: await keys.revoke(caller, params['id'] ?? '', undefined) }),
    listEnvKeys: () => ({ data: keys.listEnvKeys(), nextCursor: null }),
    adoptEnvKey: async ({ caller, params, body }) => ({
      key: await keys.adopt(caller, params['fingerprint'] ?? '', body),
    }),
  };
}
