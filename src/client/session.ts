import { GatehouseError } from './errors.js';
import type { SharedStore } from './storage.js';
import type { Transport } from './transport.js';
import type { SignedIn, User } from './types.js';

/** Who is signed in has changed. */
export interface AuthChange {
  /** `null`: nobody. */
  readonly user: User | null;
  /** `expired`: the server has ended the session. `signed-in` also after a reload that found a refresh token. */
  readonly reason: 'signed-in' | 'signed-out' | 'expired';
}

interface Access {
  readonly token: string;
  /** From then on it is renewed before it is used. */
  readonly renewAtMs: number;
}

/** So long before its end an access token is renewed, that a call on its way does not meet the end. */
const MARGIN_SECONDS = 30;

/** The tokens of one user: access in memory, refresh in the chosen store, each renewal made once for all who wait. */
export class Session {
  readonly #transport: Transport;
  readonly #store: SharedStore;
  readonly #listeners = new Set<(change: AuthChange) => void>();
  #access: Access | null = null;
  #user: User | null = null;
  #renewal: Promise<string | null> | null = null;

  constructor(transport: Transport, store: SharedStore) {
    this.#transport = transport;
    this.#store = store;
    store.onForeignChange((token) => {
      if (token === null) this.#forget('signed-out');
      else if (this.#user === null) this.renew().catch(() => {});
    });
  }

  /** As far as this client knows without asking. */
  get user(): User | null {
    return this.#user;
  }

  onChange(listener: (change: AuthChange) => void): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  /** An access token that is good for a while; `null`: nobody is signed in. */
  async token(): Promise<string | null> {
    if (!this.#isFresh() && this.#renewal === null && (await this.#stored()) === null) return null;
    // Asked again: the store may have taken its time.
    return this.#isFresh() ? (this.#access?.token ?? null) : this.renew();
  }

  /**
   * A new access token; `null`: nobody is signed in.
   * @param refused - the token that was not accepted: when there is another one by now, a parallel call has renewed it
   */
  renew(refused?: string): Promise<string | null> {
    if (refused !== undefined && this.#access !== null && this.#access.token !== refused)
      return Promise.resolve(this.#access.token);
    this.#renewal ??= this.#store
      .exclusive(() => this.#renewNow())
      .finally(() => {
        this.#renewal = null;
      });
    return this.#renewal;
  }

  /** Takes over what a sign-in answered. */
  begin(answer: SignedIn): Promise<User> {
    return this.#store.exclusive(async () => {
      await this.#take(answer);
      return answer.user;
    });
  }

  /** Nobody is signed in from here on, whatever the server answers; then its session is ended too. */
  async end(): Promise<void> {
    // Waits for a renewal on its way, in whatever tab: its new tokens would bring the session back.
    const { token, refresh } = await this.#store.exclusive(async () => {
      const held = { token: this.#access?.token ?? null, refresh: await this.#stored() };
      await this.#store.remove();
      this.#forget('signed-out', held.refresh !== null);
      return held;
    });
    if (token !== null && (await this.#logOut(token))) return;
    if (refresh === null) return;
    const { access_token } = (await unlessEnded(this.#refresh(refresh))) ?? {};
    if (access_token !== undefined) await this.#logOut(access_token);
  }

  /** @returns false when the token was over before it could be used */
  async #logOut(token: string): Promise<boolean> {
    const call = { method: 'POST', path: '/api/auth/logout' };
    return (await unlessEnded(this.#transport.send(call, { authorization: `Bearer ${token}` }))) !== null;
  }

  async #renewNow(): Promise<string | null> {
    const refresh = await this.#stored();
    if (refresh === null) {
      this.#forget('signed-out');
      return null;
    }
    try {
      return await this.#take(await this.#refresh(refresh));
    } catch (error) {
      if (!isEnded(error)) throw error;
      // Without locks (plain http) another tab may have spent this token and left its successor.
      const now = await this.#stored();
      if (now !== null && now !== refresh) return this.#renewNow();
      await this.#store.remove();
      this.#forget('expired', true);
      throw error;
    }
  }

  async #take({ user, access_token, refresh_token, expires_in = 0 }: SignedIn): Promise<string> {
    if (access_token === undefined || refresh_token === undefined)
      throw new GatehouseError('BAD_ANSWER', 'The sign-in was answered without tokens.');
    const lifeSeconds = Math.max(expires_in - MARGIN_SECONDS, expires_in / 2);
    await this.#store.set(refresh_token);
    this.#access = { token: access_token, renewAtMs: Date.now() + lifeSeconds * 1000 };
    const isOther = this.#user?.id !== user.id;
    this.#user = user;
    if (isOther) this.#announce({ user, reason: 'signed-in' });
    return access_token;
  }

  #isFresh(): boolean {
    return this.#access !== null && Date.now() < this.#access.renewAtMs;
  }

  #forget(reason: 'signed-out' | 'expired', wasSignedIn = this.#user !== null): void {
    this.#access = null;
    this.#user = null;
    if (wasSignedIn) this.#announce({ user: null, reason });
  }

  /** Each on its own, so that a listener that throws is heard of and stops nothing. */
  #announce(change: AuthChange): void {
    for (const listener of this.#listeners) queueMicrotask(() => listener(change));
  }

  #refresh(refresh_token: string): Promise<SignedIn> {
    const call = { method: 'POST', path: '/api/auth/refresh', body: { refresh_token } };
    return this.#transport.send(call) as Promise<SignedIn>;
  }

  async #stored(): Promise<string | null> {
    return (await this.#store.get()) || null;
  }
}

/** The server knows the session or the token no more. Anything else (no network, a limit) says nothing about it. */
export function isEnded(error: unknown): error is GatehouseError {
  return error instanceof GatehouseError && error.code === 'UNAUTHORIZED';
}

async function unlessEnded<T>(work: Promise<T>): Promise<T | null> {
  try {
    return await work;
  } catch (error) {
    if (isEnded(error)) return null;
    throw error;
  }
}
