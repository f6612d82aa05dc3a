import { databaseStore } from './database-store.js';
import { GatehouseError } from './errors.js';
import { here, isPage } from './surroundings.js';
import { tabStore } from './tab-store.js';
import { memoryStore, type TokenStore } from './token-store.js';

/**
 * Where the refresh token is kept. The access token is in memory, whatever is chosen.
 * - `memory`: nowhere else; a reload signs out. Nothing is left for a later script to read.
 * - `session`: in `sessionStorage`; survives a reload, ends with the tab.
 * - `local`: in IndexedDB; survives closing the browser, all tabs share it.
 *
 * Scripts of the page's origin can read the last two. Where they do not exist (Node, blocked by the browser), `memory`
 * stands in.
 */
export type RefreshStorage = 'memory' | 'session' | 'local' | TokenStore;

/** A store together with what sharing it with other tabs asks for. */
export interface SharedStore extends TokenStore {
  /** Runs acts one after the other, in all tabs that share the store. */
  exclusive<T>(act: () => Promise<T>): Promise<T>;
  /** Tells the other tabs that somebody has signed in or out. */
  tell(): void;
  onTold(listener: () => void): void;
}

/** @param name - tells apart the instances that one origin uses */
export function openStore(choice: RefreshStorage, name: string): SharedStore {
  const store = storeOf(choice, name);
  const { navigator, BroadcastChannel } = store !== null && isPage() ? here : {};
  const locks = navigator?.locks;
  // Each tab has a `sessionStorage` of its own: there is nothing to tell.
  const channel = BroadcastChannel === undefined || choice === 'session' ? null : new BroadcastChannel(name);
  const tokens = store ?? memoryStore();
  return {
    get: () => tokens.get(),
    set: (token) => tokens.set(token),
    remove: () => tokens.remove(),
    exclusive: locks === undefined ? inTurn() : (act) => locks.request(name, act),
    tell: () => channel?.postMessage('changed'),
    onTold(listener) {
      if (channel !== null) channel.onmessage = listener;
    },
  };
}

/** `null`: in memory. */
function storeOf(choice: RefreshStorage, name: string): TokenStore | null {
  if (typeof choice === 'object') return choice;
  if (choice === 'session') return tabStore(name);
  if (choice === 'local') return databaseStore(name);
  if (choice === 'memory') return null;
  throw new GatehouseError(
    'BAD_OPTIONS',
    "refreshStorage: 'memory', 'session', 'local', or an object with get, set and remove.",
  );
}

/** One after the other in this client alone. */
function inTurn(): SharedStore['exclusive'] {
  let last: Promise<unknown> = Promise.resolve();
  return (act) => {
    const next = last.then(act, act);
    last = next;
    return next;
  };
}
