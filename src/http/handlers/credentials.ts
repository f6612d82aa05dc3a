import type { Gatehouse } from '../../gatehouse.js';
import type { Handlers } from '../handler.js';

type Act = 'create' | 'try' | 'show' | 'replace' | 'update' | 'delete' | 'test';
type CredentialRoutes = Pick<
  Handlers,
  'listCredentialTypes' | 'listCredentials' | `${Act}Credential` | 'tryReplacement'
>;

export function credentialHandlers({ vault }: Gatehouse): CredentialRoutes {
  const { credentials, tester, trials } = vault;
  const at = (params: Readonly<Record<string, string>>) =>
    [params['workspaceId'] ?? '', params['credential'] ?? ''] as const;
  return {
    listCredentialTypes: ({ query }) => vault.listTypes(query),
    listCredentials: ({ caller, params, query }) => credentials.list(caller.bounds, params['workspaceId'] ?? '', query),
    createCredential: ({ caller, params, body }) => credentials.create(caller, params['workspaceId'] ?? '', body),
    tryCredential: ({ caller, params, body }) => trials.create(caller, params['workspaceId'] ?? '', body),
    tryReplacement: ({ caller, params, body }) => trials.replace(caller, ...at(params), body),
    showCredential: ({ caller, params }) => credentials.show(caller.bounds, ...at(params)),
    replaceCredential: ({ caller, params, body }) => credentials.replace(caller, ...at(params), body),
    updateCredential: async ({ caller, params, body }) => ({
      credential: await credentials.update(caller, ...at(params), body),
    }),
    deleteCredential: async ({ caller, params, query }) => ({
      credential: await credentials.remove(caller, ...at(params), query.force === 'true'),
    }),
    testCredential: ({ caller, params }) => tester.test(caller, ...at(params)),
  };
}
