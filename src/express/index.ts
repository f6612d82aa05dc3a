import { guardRoute, policyOf } from './guard-route.js';
import type { gatehouse as declared, EmbeddedOptions, GuardOptions, RemoteOptions } from './types.js';

/** Gatehouse for Express apps: `import { gatehouse } from 'gatehouse-server/express'`. What it promises is in types.ts. */
export { callerOf } from './guard-route.js';
export type * from './types.js';

export const gatehouse: typeof declared = async (options) => {
  // Each half is loaded when it is asked for: who asks another Gatehouse needs no store.
  const { guard, close } = 'url' in options ? await openRemote(options) : await openFolder(options);
  let made = 0;
  return {
    guard(route: GuardOptions = {}) {
      made += 1;
      return guardRoute(guard, policyOf(route, `express ${made}`));
    },
    close,
  };
};

async function openFolder(options: EmbeddedOptions) {
  const { openEmbedded } = await import('./embedded.js');
  const opened = await openEmbedded(options);
  return { guard: opened.guard, close: () => opened.close() };
}

async function openRemote(options: RemoteOptions) {
  const { remoteGuard } = await import('./remote.js');
  return { guard: remoteGuard(options), close: async () => {} };
}
