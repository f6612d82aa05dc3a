import type { Gatehouse } from '../../gatehouse.js';
import type { Handlers } from '../handler.js';

type SecretRoutes = Pick<
  Handlers,
  | 'listSecrets'
  | 'showSecret'
  | 'setSecret'
  | 'deleteSecret'
  | 'listVariables'
  | 'setVariable'
  | 'deleteVariable'
  | 'listSecretKeys'
  | 'rotateSecretKey'
  | 'addOldSecretKey'
  | 'startOverSecretKey'
>;

/** Secrets, variables, and the keys that values are sealed under. */
export function secretHandlers({ vault }: Gatehouse): SecretRoutes {
  const { secrets, variables, secretKeys } = vault;
  const at = (params: Readonly<Record<string, string>>) => [params['workspaceId'] ?? '', params['name'] ?? ''] as const;
  return {
    listSecrets: ({ caller, params, query }) => secrets.list(caller.bounds, params['workspaceId'] ?? '', query),
    showSecret: ({ caller, params }) => ({ secret: secrets.show(caller.bounds, ...at(params)) }),
    setSecret: async ({ caller, params, body }) => ({ secret: await secrets.set(caller, ...at(params), body) }),
    deleteSecret: async ({ caller, params }) => ({ secret: await secrets.remove(caller, ...at(params)) }),
    listVariables: ({ caller, params, query }) => variables.list(caller.bounds, params['workspaceId'] ?? '', query),
    setVariable: async ({ caller, params, body }) => ({
      variable: await variables.set(caller, ...at(params), body.value),
    }),
    deleteVariable: async ({ caller, params }) => ({ variable: await variables.remove(caller, ...at(params)) }),
    listSecretKeys: () => secretKeys.show(),
    rotateSecretKey: ({ caller, body }) => secretKeys.rotate(caller, body),
    addOldSecretKey: ({ caller, body }) => secretKeys.addOld(caller, body),
    startOverSecretKey: ({ caller, body }) => secretKeys.startOver(caller, body),
  };
}
