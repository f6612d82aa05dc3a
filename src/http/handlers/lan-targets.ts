import type { Gatehouse } from '../../gatehouse.js';
import type { Handlers } from '../handler.js';

export function lanTargetHandlers({ lanTargets }: Gatehouse): Pick<Handlers, 'listLanTargets' | 'setLanTargets'> {
  return {
    listLanTargets: () => ({ data: lanTargets.list(), nextCursor: null }),
    setLanTargets: async ({ caller, params, body }) => ({
      lanTargets: await lanTargets.set(caller, params['workspaceId'] ?? '', body.targets),
    }),
  };
}
