/** The few things of a browser that the client looks for. Everything may be missing: in Node most of it is. */
interface Surroundings {
  readonly window?: object;
  readonly document?: object;
  readonly WorkerGlobalScope?: object;
  readonly location?: { readonly origin: string };
  readonly navigator?: {
    readonly userAgent?: string;
    readonly product?: string;
    readonly locks?: Locks;
  };
  readonly sessionStorage?: WebStorage;
  readonly indexedDB?: DatabaseFactory;
  readonly BroadcastChannel?: new (name: string) => Channel;
}

export interface Locks {
  request<T>(name: string, act: () => Promise<T>): Promise<T>;
  request<T>(name: string, options: { signal: AbortSignal }, act: () => Promise<T>): Promise<T>;
}

export interface WebStorage {
  getItem(name: string): string | null;
  setItem(name: string, value: string): void;
  removeItem(name: string): void;
}

export interface Channel {
  postMessage(message: string): void;
  onmessage: (() => void) | null;
}

/** Of IndexedDB. */
export interface DatabaseFactory {
  open(name: string): DatabaseRequest<Database> & { onupgradeneeded: (() => void) | null };
}
export interface DatabaseRequest<T> {
  readonly result: T;
  readonly error: unknown;
  onsuccess: (() => void) | null;
  onerror: (() => void) | null;
}
export interface Database {
  createObjectStore(name: string): unknown;
  transaction(
    names: string,
    mode: 'readonly' | 'readwrite',
  ): {
    readonly error: unknown;
    objectStore(name: string): ObjectStore;
    oncomplete: (() => void) | null;
    onabort: (() => void) | null;
  };
  close(): void;
}
export interface ObjectStore {
  get(key: string): DatabaseRequest<string | undefined>;
  put(value: string, key: string): DatabaseRequest<unknown>;
  delete(key: string): DatabaseRequest<unknown>;
}

export const here = globalThis as unknown as Surroundings;

export const isPage = (): boolean => here.window !== undefined && here.document !== undefined;

/**
 * Whether this code runs where its user can read it: a page, a worker of a page, a mobile app. Workers of servers
 * (Cloudflare, Deno) have a `WorkerGlobalScope` too, but no browser's name.
 */
export function isInUsersHands(): boolean {
  const { userAgent = '', product } = here.navigator ?? {};
  return (
    isPage() || (here.WorkerGlobalScope !== undefined && userAgent.startsWith('Mozilla/')) || product === 'ReactNative'
  );
}
