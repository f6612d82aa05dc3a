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
  readonly localStorage?: WebStorage;
  readonly sessionStorage?: WebStorage;
  addEventListener?(type: 'storage', listener: (event: StorageChange) => void): void;
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

export interface StorageChange {
  readonly storageArea: unknown;
  /** `null`: everything was cleared. */
  readonly key: string | null;
  readonly newValue: string | null;
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
