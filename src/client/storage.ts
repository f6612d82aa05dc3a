import { GatehouseError } from './errors.js';
import { here, isPage, type Locks, type StorageChange, type WebStorage } from './surroundings.js';

/** A place of your own for the refresh token. What it holds signs the user in: keep it like a password. */
export interface TokenStore {
  get(): MaybeLater<string | null | undefined>;
  set(token: string): MaybeLater<unknown>;
  remove(): MaybeLater<unknown>;
}
type MaybeLater<T> = T | Promise<T>;

/**
 * Where the refresh token is kept. The access token is in memory, whatever is chosen.
 * - `memory`: nowhere else; a reload signs out. Nothing is left for a later script to read.
 * - `session`: in `sessionStorage`; survives a reload, ends with the tab.
 * - `local`: in `localStorage`; survives closing the browser, all tabs share it.
 *
 * Scripts of the page's origin can read the last two. Where they do not exist (Node, blocked by the browser), `memory`
 * stands in.
 */
export type RefreshStorage = 'memory' | 'session' | 'local' | TokenStore;

/** A store together with what sharing it asks for. */
export interface SharedStore extends TokenStore {
  /** Runs acts one after the other, in all tabs that share the store. */
  exclusive<T>(act: () => Promise<T>): Promise<T>;
  /** Tells what another tab did to the stored token. */
  onForeignChange(listener: (token: string | null) => void): void;
}

/** How long a reload may take to let go of what the page before it held. */
const TAKEOVER_MS = 1000;

/** @param name - tells instances apart that one origin uses */
export function openStore(choice: RefreshStorage, name: string): SharedStore {
  if (typeof choice === 'object') return { ...sharing(isPage(), name), ...bound(choice) };
  if (!['memory', 'session', 'local'].includes(choice))
    throw new GatehouseError(
      'BAD_OPTIONS',
      "refreshStorage: 'memory', 'session', 'local', or an object with get, set and remove.",
    );
  const area = choice === 'memory' ? null : areaOf(choice);
  if (area === null) return { ...sharing(false, name), ...memory() };
  const claimed = () => (choice === 'session' ? claimTab(area, name) : undefined);
  return {
    ...sharing(true, name),
    async get() {
      await claimed();
      return area.getItem(name);
    },
    async set(token) {
      await claimed();
      area.setItem(name, token);
    },
    remove: () => area.removeItem(name),
    onForeignChange(listener) {
      if (choice !== 'local') return;
      here.addEventListener?.('storage', ({ storageArea, key, newValue }: StorageChange) => {
        if (storageArea === area && (key === name || key === null)) listener(key === null ? null : newValue);
      });
    },
  };
}

function bound(store: TokenStore): TokenStore {
  return { get: () => store.get(), set: (token) => store.set(token), remove: () => store.remove() };
}

function memory(): TokenStore {
  let held: string | null = null;
  return {
    get: () => held,
    set(token) {
      held = token;
    },
    remove() {
      held = null;
    },
  };
}

/** Reading the property alone throws where the browser blocks storage. */
function areaOf(choice: 'session' | 'local'): WebStorage | null {
  try {
    return (isPage() && here[`${choice}Storage`]) || null;
  } catch {
    return null;
  }
}

/** One after the other: in this client alone, or, where the browser has locks, in all tabs of the origin. */
function sharing(acrossTabs: boolean, name: string): Pick<SharedStore, 'exclusive' | 'onForeignChange'> {
  const locks = acrossTabs ? here.navigator?.locks : undefined;
  let last: Promise<unknown> = Promise.resolve();
  return {
    exclusive(act) {
      if (locks !== undefined) return locks.request(name, act);
      const next = last.then(act, act);
      last = next;
      return next;
    },
    onForeignChange() {},
  };
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
  const own = crypto.randomUUID();
  area.setItem(tab, own);
  if (known !== null) area.removeItem(name);
  await hold(locks, `${tab}:${own}`);
}

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
