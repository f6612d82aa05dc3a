import type { RateLimit } from '../../contract/fields.js';
import type { Headroom, KeyUsageQuery } from '../../contract/usage.js';
import type { Gatehouse } from '../../gatehouse.js';
import { toIso } from '../../kernel/clock.js';
import type { Handlers, Input } from '../handler.js';

type UsageRoutes = Pick<
  Handlers,
  'showUsage' | 'showKeysUsage' | 'showKeyUsage' | 'showServiceKeyUsage' | 'showMcpTokenUsage'
>;

const DAY_MS = 86_400_000;

export function usageHandlers(gatehouse: Gatehouse): UsageRoutes {
  const { usageReports, requestReports, keys, serviceKeys, mcpTokens, guard, clock } = gatehouse;
  const headroomOf = (id: string, own: RateLimit | null): Headroom | null => {
    const state = guard.headroomOf(id, own);
    if (state === null) return null;
    const { limit, remaining, resetSeconds } = state;
    return { limit, remaining, resetsAt: resetSeconds === 0 ? null : toIso(clock.nowMs() + resetSeconds * 1000) };
  };
  const ofKey =
    (family: Gatehouse['keys']) =>
    ({ caller, params, query }: Pick<Input<'showKeyUsage'>, 'caller' | 'params'> & { query: KeyUsageQuery }) => {
      const { id, rateLimit, lastUsedAt, lastUsedIp } = family.show(caller.bounds, params['id'] ?? '');
      const report = usageReports.report(caller.bounds, { ...query, keyId: id });
      const addresses = requestReports.addressesOf(id, clock.nowMs() - DAY_MS);
      return { ...report, headroom: headroomOf(id, rateLimit), addresses, lastUsedAt, lastUsedIp };
    };
  return {
    showUsage: ({ caller, query }) => usageReports.report(caller.bounds, query),
    showKeysUsage: ({ caller, query }) => usageReports.ofKeys(caller.bounds, query),
    showKeyUsage: ofKey(keys),
    showServiceKeyUsage: ofKey(serviceKeys),
    showMcpTokenUsage: ofKey(mcpTokens),
  };
}
