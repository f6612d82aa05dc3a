/** A place of your own for the refresh token. What it holds signs the user in: keep it like a password. */
export interface TokenStore {
  get(): MaybeLater<string | null | undefined>;
  set(token: string): MaybeLater<unknown>;
  remove(): MaybeLater<unknown>;
}
type MaybeLater<T> = T | Promise<T>;

export function memoryStore(): TokenStore {
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
