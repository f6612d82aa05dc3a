import { segment } from './address.js';
import type { Caller } from './caller.js';
import type { CreateKey, Key, KeyWithToken, ListKeys, Page, UpdateKey, VerifyAnswer, VerifyKey } from './key-types.js';
import type { CallOptions } from './transport.js';

/** `/api/keys`. */
export interface Keys {
  /** One page, newest first. */
  list(query?: ListKeys, options?: CallOptions): Promise<Page<Key>>;
  /** All of them, fetched page by page as they are walked: `for await (const key of client.keys.listAll())`. */
  listAll(query?: Omit<ListKeys, 'cursor'>, options?: CallOptions): AsyncGenerator<Key, void>;
  /** The token is in this answer and nowhere else: keep it now. */
  create(key: CreateKey, options?: CallOptions): Promise<KeyWithToken>;
  get(id: string, options?: CallOptions): Promise<Key>;
  update(id: string, changes: UpdateKey, options?: CallOptions): Promise<Key>;
  /** A new secret for the same key. The old one works through the grace: a day when left out, 0 ends it now. */
  rotate(id: string, grace?: { graceSeconds?: number | undefined }, options?: CallOptions): Promise<KeyWithToken>;
  /** Refused from the next request on. */
  revoke(id: string, why?: { reason?: string | undefined }, options?: CallOptions): Promise<Key>;
  /** Whether a token is valid and, if not, why; counts for nobody. An invalid one is an answer, not an error. */
  verify(presented: VerifyKey, options?: CallOptions): Promise<VerifyAnswer>;
}

const PATH = '/api/keys';
const item = (id: string) => `${PATH}/${segment(id, 'id')}`;

export function keysOf(call: Caller): Keys {
  const list: Keys['list'] = (query, options) => call('GET', PATH, { ...options, query });
  const one = async (method: string, path: string, options: CallOptions & { body?: object }) =>
    (await call<{ key: Key }>(method, path, options)).key;
  return {
    list,
    async *listAll(query, options) {
      let cursor: string | undefined;
      do {
        const page = await list({ ...query, cursor }, options);
        yield* page.data;
        cursor = page.nextCursor ?? undefined;
      } while (cursor !== undefined);
    },
    create: (key, options) => call('POST', PATH, { ...options, body: key }),
    get: async (id, options = {}) => one('GET', item(id), options),
    update: async (id, changes, options) => one('PATCH', item(id), { ...options, body: changes }),
    rotate: async (id, grace = {}, options) => call('POST', `${item(id)}/rotate`, { ...options, body: grace }),
    revoke: async (id, why = {}, options) => one('POST', `${item(id)}/revoke`, { ...options, body: why }),
    verify: (presented, options) => call('POST', `${PATH}/verify`, { ...options, body: presented }),
  };
}
