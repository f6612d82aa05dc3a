import type { KeyUsageQuery } from '../../contract/usage.js';
import type { Gatehouse } from '../../gatehouse.js';
import type { Handlers, Input } from '../handler.js';

type UsageRoutes = Pick<
  Handlers,
  'showUsage' | 'showKeysUsage' | 'showKeyUsage' | 'showServiceKeyUsage' | 'showMcpTokenUsage'
>;

export function usageHandlers({ usageReports, keys, serviceKeys, mcpTokens }: Gatehouse): UsageRoutes {
  const ofKey =
    (family: Gatehouse['keys']) =>
    ({ caller, params, query }: Pick<Input<'showKeyUsage'>, 'caller' | 'params'> & { query: KeyUsageQuery }) => {
      const { id, lastUsedAt, lastUsedIp } = family.show(caller.bounds, params['id'] ?? '');
      return { ...usageReports.report(caller.bounds, { ...query, keyId: id }), lastUsedAt, lastUsedIp };
    };
  return {
    showUsage: ({ caller, query }) => usageReports.report(caller.bounds, query),
    showKeysUsage: ({ caller, query }) => usageReports.ofKeys(caller.bounds, query),
    showKeyUsage: ofKey(keys),
    showServiceKeyUsage: ofKey(serviceKeys),
    showMcpTokenUsage: ofKey(mcpTokens),
  };
}
