import type { Gatehouse } from '../../gatehouse.js';
import type { Handlers } from '../handler.js';

type Act = 'create' | 'show' | 'update' | 'rotate' | 'revoke' | 'delete';
type TrustedRoutes = Pick<Handlers, 'listServiceKeys' | `${Act}ServiceKey` | 'listMcpTokens' | `${Act}McpToken`>;

/** Service keys and MCP tokens: the same acts as for API keys, on families of their own. */
export function trustedKeyHandlers({ serviceKeys, mcpTokens }: Gatehouse): TrustedRoutes {
  return {
    listServiceKeys: ({ caller, query }) => serviceKeys.list(caller.bounds, query),
    createServiceKey: ({ caller, body }) => serviceKeys.create(caller, { ...body, type: 'svc' }),
    showServiceKey: ({ caller, params }) => ({ key: serviceKeys.show(caller.bounds, params['id'] ?? '') }),
    updateServiceKey: async ({ caller, params, body }) => ({
      key: await serviceKeys.update(caller, params['id'] ?? '', body),
    }),
    rotateServiceKey: ({ caller, params, body }) => serviceKeys.rotate(caller, params['id'] ?? '', body.graceSeconds),
    revokeServiceKey: async ({ caller, params, body }) => ({
      key: await serviceKeys.revoke(caller, params['id'] ?? '', body.reason),
    }),
    deleteServiceKey: async ({ caller, params }) => ({
      key: await serviceKeys.revoke(caller, params['id'] ?? '', undefined),
    }),
    listMcpTokens: ({ caller, query }) => mcpTokens.list(caller.bounds, query),
    createMcpToken: ({ caller, body }) => mcpTokens.create(caller, { ...body, type: 'mcp' }),
    showMcpToken: ({ caller, params }) => ({ key: mcpTokens.show(caller.bounds, params['id'] ?? '') }),
    updateMcpToken: async ({ caller, params, body }) => ({
      key: await mcpTokens.update(caller, params['id'] ?? '', body),
    }),
    rotateMcpToken: ({ caller, params, body }) => mcpTokens.rotate(caller, params['id'] ?? '', body.graceSeconds),
    revokeMcpToken: async ({ caller, params, body }) => ({
      key: await mcpTokens.revoke(caller, params['id'] ?? '', body.reason),
    }),
    deleteMcpToken: async ({ caller, params }) => ({
      key: await mcpTokens.revoke(caller, params['id'] ?? '', undefined),
    }),
  };
}
