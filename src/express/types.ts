import type { IncomingMessage, ServerResponse } from 'node:http';

// Everything that users of the middleware see. It imports nothing of ours, so that its declarations stand alone.

/** Who a route lets in. `public`: everybody; a caller with a key is known all the same. */
export type AuthMode = 'public' | 'jwt' | 'api_key' | 'service_role' | 'mcp';

/** Where in the request a credential may be. */
export type Slot = 'x-api-key' | 'bearer' | 'session';

/** What one route asks of its callers. */
export interface GuardOptions {
  /** Left out: `['api_key', 'service_role']`. */
  readonly authModes?: readonly AuthMode[];
  /** All are needed. Left out: none. */
  readonly scopes?: readonly string[];
  /** Left out: all of them. */
  readonly slots?: readonly Slot[];
  /** For each caller, in a fixed window. Left out: the key's own limit, or none. */
  readonly rateLimit?: { readonly requests: number; readonly windowSeconds: number };
  /** Names the route in the audit log and in counters. Left out: `express 1`, `express 2` … in the order they are made. */
  readonly name?: string;
}

/** Who is calling: set as `request.gatehouse` for everything behind a guard. */
export interface Caller {
  readonly kind: 'user' | 'api_key' | 'service_key' | 'mcp_token' | 'env_admin' | 'env_client' | 'anonymous' | 'local';
  /** The key's or user's id; `anonymous` for callers of a public route without a key. */
  readonly id: string;
  readonly keyId: string | null;
  /** `null`: every organization (operators), or none (anonymous). */
  readonly organizationId: string | null;
  readonly scopes: readonly string[];
  /** `null`: all of the organization's. */
  readonly workspaceIds: readonly string[] | null;
  readonly environment: 'development' | 'staging' | 'production' | null;
  /** The client's address, behind trusted proxies as they tell it. */
  readonly address: string;
  /** The one that a refusal of this request would have carried. */
  readonly requestId: string;
}

/** Fits `app.use` and route methods of Express 4 and 5, and every server that works with (request, response, next). */
export type Middleware = (request: IncomingMessage, response: ServerResponse, next: (error?: unknown) => void) => void;

export interface GatehouseMiddleware {
  /**
   * A middleware that lets in whom the route admits, and answers everybody else itself. It decides from the request's
   * head alone, so it may stand before or behind body parsers.
   */
  guard(options?: GuardOptions): Middleware;
  /** Gives back the folder, or the connections. */
  close(): Promise<void>;
}

/** In this process, on a folder of its own. */
export interface EmbeddedOptions {
  /** The workspaces folder; one process owns it at a time. */
  readonly folder: string;
  /** Settings by their names in `.env.local.example`, such as `{ ALLOWED_IPS: '10.0.0.0/8' }`. The environment is not read. */
  readonly settings?: Readonly<Record<string, string | undefined>>;
}

/** Asks a Gatehouse that runs elsewhere. */
export interface RemoteOptions {
  /** Such as `http://127.0.0.1:3000`, with its `BASE_PATH` if it has one. */
  readonly url: string;
  /** A service key with the scope `keys:read`: only keys that it may see are let in. */
  readonly serviceKey: string;
  /** As the setting `TRUST_PROXY`: whose `X-Forwarded-For` is believed. Left out: nobody's. */
  readonly trustProxy?: string;
  /** As the setting `ALLOWED_IPS`. Left out: every address may call. */
  readonly allowedIps?: string;
  /** How long Gatehouse may take to answer. Left out: 5000. */
  readonly timeoutMs?: number;
}

/**
 * The guard for an app of your own: on a folder of its own in this process, or asking a Gatehouse that runs elsewhere.
 * Rejects with an Error that has `code` and `detail`: for options that cannot be, and when another process owns the folder.
 */
export declare function gatehouse(options: EmbeddedOptions | RemoteOptions): Promise<GatehouseMiddleware>;

/** The checked caller of a request, also where nothing types `request.gatehouse`. Throws where no guard stands before. */
export declare function callerOf(request: object): Caller;

declare global {
  namespace Express {
    interface Request {
      /** Who is calling; there for everything behind `guard()`. */
      gatehouse?: Caller;
    }
  }
}
