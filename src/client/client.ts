import { type Query, segment } from './address.js';
import { type Auth, authOf } from './auth.js';
import { type Caller, callAsKey, callAsUser } from './caller.js';
import { GatehouseError } from './errors.js';
import { eventsOf } from './events.js';
import { type Keys, keysOf } from './keys.js';
import { requireKey } from './secret-key.js';
import { Session } from './session.js';
import { openStore, type RefreshStorage } from './storage.js';
import { type CallOptions, Transport, type TransportOptions } from './transport.js';
import type { AccessToken, Ask, AskAnswer, AskEvent, Principal, TradeKey } from './types.js';

export interface AppOptions extends TransportOptions {
  /** Default: `memory`. */
  refreshStorage?: RefreshStorage | undefined;
}

export interface RequestOptions extends CallOptions {
  query?: Query | undefined;
  /** Sent as JSON. */
  body?: unknown;
}

export interface EndpointCall extends RequestOptions {
  /** Default: POST with a body, else GET. */
  method?: string | undefined;
}

export interface Client {
  /** Who this client speaks for, as the server sees it. */
  whoami(options?: CallOptions): Promise<Principal>;
  /** Asks a question about the files of a workspace. */
  ask(question: Ask, options?: CallOptions): Promise<AskAnswer>;
  /**
   * The same, told while it is made: `citations`, then `delta` by `delta`, at last `done` with the whole. Leaving the
   * loop ends the work. `timeoutMs` is for the beginning.
   */
  askStream(question: Ask, options?: CallOptions): AsyncGenerator<AskEvent>;
  readonly keys: Keys;
  readonly endpoints: {
    /**
     * Calls a workspace's own endpoint, `/run/<workspace>/<path>`. Answers its JSON; its text, where it is of another
     * type; `null` for an empty answer.
     * @param path - as it stands in a URL: encode what users typed
     */
    call<T = unknown>(workspace: string, path: string, request?: EndpointCall): Promise<T>;
  };
  /** Any other route of the API: `client.request('GET', '/api/workspaces')`. */
  request<T = unknown>(method: string, path: string, request?: RequestOptions): Promise<T>;
}

/** For pages and apps: speaks for the user who signs in with it. */
export interface AppClient extends Client {
  readonly auth: Auth;
}

/** For servers: speaks for its key. */
export interface ServerClient extends Client {
  readonly token: {
    /** Trades the key for a JWT of at most 15 minutes, for work that must not hold the key itself. */
    trade(request?: TradeKey, options?: CallOptions): Promise<AccessToken>;
  };
}

/** For apps. @throws GatehouseError `BAD_OPTIONS` for an address or a storage that cannot be. */
export function createClient(url: string | undefined): AppClient;
export function createClient(url: string | undefined, options: AppOptions): AppClient;
/**
 * For servers.
 * @throws GatehouseError `SECRET_KEY_IN_BROWSER` where its users could read the key; `BAD_OPTIONS` without one
 */
export function createClient(
  url: string | undefined,
  apiKey: string | undefined,
  options?: TransportOptions,
): ServerClient;
export function createClient(url: string | undefined, ...rest: unknown[]): AppClient | ServerClient {
  const [second, third = {}] = rest as [AppOptions | string | undefined, TransportOptions?];
  return rest.length === 0 || (typeof second === 'object' && second !== null)
    ? appClient(url, (second ?? {}) as AppOptions)
    : serverClient(url, second as string | undefined, third);
}

function appClient(url: string | undefined, { refreshStorage = 'memory', ...options }: AppOptions): AppClient {
  requireKnown(options);
  const transport = new Transport(url, options);
  const session = new Session(transport, openStore(refreshStorage, `gatehouse:${transport.url}`));
  const call = callAsUser(transport, session);
  return { ...clientOf(call), auth: authOf(transport, session, call) };
}

function serverClient(url: string | undefined, key: string | undefined, options: TransportOptions): ServerClient {
  requireKnown(options);
  const call = callAsKey(new Transport(url, options), requireKey(key));
  return {
    ...clientOf(call),
    token: { trade: (request = {}, callOptions) => call('POST', '/api/auth/token', { ...callOptions, body: request }) },
  };
}

/** An option that is silently without effect (a key given as one, say) would be looked for in the answers. */
function requireKnown({ timeoutMs, retries, fetch, ...others }: TransportOptions): void {
  const [unknown] = Object.keys(others);
  if (unknown !== undefined)
    throw new GatehouseError(
      'BAD_OPTIONS',
      `${unknown}: there is no such option here. A server's key is the second argument: createClient(url, apiKey).`,
    );
}

function clientOf(call: Caller): Client {
  return {
    async whoami(options) {
      return (await call<{ principal: Principal }>('GET', '/api/auth/whoami', options)).principal;
    },
    ask: (question, options) => call('POST', '/api/ask', { ...options, body: question }),
    async *askStream(question, options) {
      const answer = await call<Response>('POST', '/api/ask', { ...options, body: question, events: true });
      yield* eventsOf(answer, options?.signal);
    },
    keys: keysOf(call),
    endpoints: {
      async call(workspace, path, { method, ...request } = {}) {
        const route = `/run/${segment(workspace, 'workspace')}/${path.replace(/^\//, '')}`;
        const verb = method?.toUpperCase() ?? (request.body === undefined ? 'GET' : 'POST');
        return call(verb, route, { ...request, anyAnswer: true });
      },
    },
    request: (method, path, request) => call(method.toUpperCase(), path, request),
  };
}
