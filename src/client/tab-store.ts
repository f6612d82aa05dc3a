import { here, isPage, type Locks, type WebStorage } from './surroundings.js';
import type { TokenStore } from './token-store.js';

/** How long a reload may take to let go of what the page before it held. */
const TAKEOVER_MS = 1000;

/** In `sessionStorage`. `null`: there is none. */
export function tabStore(name: string): TokenStore | null {
  const area = areaOfTab();
  if (area === null) return null;
  return {
    async get() {
      await claimTab(area, name);
      return area.getItem(name);
    },
    async set(token) {
      await claimTab(area, name);
      area.setItem(name, token);
    },
    remove: () => area.removeItem(name),
  };
}

/** Reading the property alone throws where the browser blocks storage. */
function areaOfTab(): WebStorage | null {
  try {
    return (isPage() && here.sessionStorage) || null;
  } catch {
    return null;
  }
}

/** Of this page, so that two clients in it share one claim. */
const claims = new Map<string, Promise<void>>();

/**
 * A tab that was duplicated begins with a copy of the other's `sessionStorage`. Two tabs with one refresh token would
 * spend it twice, and the server, which takes that for theft, would end the session of both. So a tab holds a lock
 * under its own name for as long as it lives; who finds that lock taken is the copy, and begins signed out.
 */
function claimTab(area: WebStorage, name: string): Promise<void> {
  const locks = here.navigator?.locks;
  if (locks === undefined) return Promise.resolve();
  let claim = claims.get(name);
  if (claim === undefined) {
    claim = takeTab(locks, area, name);
    claims.set(name, claim);
  }
  return claim;
}

async function takeTab(locks: Locks, area: WebStorage, name: string): Promise<void> {
  const tab = `${name}:tab`;
  const known = area.getItem(tab);
  if (known !== null && (await hold(locks, `${tab}:${known}`))) return;
  if (known !== null) area.removeItem(name);
  const own = crypto.randomUUID();
  area.setItem(tab, own);
  await hold(locks, `${tab}:${own}`);
}

/** Takes a lock and keeps it until the page is gone. @returns whether it was free */
function hold(locks: Locks, name: string): Promise<boolean> {
  return new Promise((resolve) => {
    locks
      .request(name, { signal: AbortSignal.timeout(TAKEOVER_MS) }, () => {
        resolve(true);
        return new Promise<never>(() => {});
      })
      .catch(() => resolve(false));
  });
}
