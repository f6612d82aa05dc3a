import type { z } from 'zod';
import type { Fresh } from './fresh.js';
import { Health } from './health.js';

/** Which kinds of caller a route accepts: the mode follows the principal, see docs/gate.md. */
export const AUTH_MODES = ['public', 'jwt', 'api_key', 'service_role', 'mcp'] as const;
export type AuthMode = (typeof AUTH_MODES)[number];

/** How often something may be tried where guessing pays, or where nobody is known yet who could be counted. */
export interface Throttle {
  /** The client's address; the account that the body names by its address or a link of it; or who is signed in. */
  readonly by: 'address' | 'account' | 'caller';
  readonly requests: number;
  readonly windowSeconds: number;
  /** Only what was refused counts; else every try. */
  readonly failuresOnly: boolean;
  /** Counts only requests whose body has this field. */
  readonly when?: string;
  /** Throttles of this name count together, on whatever routes they are. */
  readonly counter?: string;
}

/** A body that is not read whole before it is used. */
export interface StreamedBody {
  /** Of `Content-Type`; `null`: any, or none. */
  readonly types: readonly string[] | null;
  readonly limitBytes: number;
}

/** One row of the table that guard policies, handlers, docs and the access-matrix test derive from. */
export interface RouteSpec {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Segments that start with `:` are parameters. */
  readonly path: string;
  readonly summary: string;
  readonly authModes: readonly AuthMode[];
  /** All are needed. */
  readonly scopes: readonly string[];
  /** Whether a call counts against `API_RATE_LIMIT` or the key's own limit. */
  readonly counted: boolean;
  /** Whether an answered call leaves a line in the audit log. */
  readonly audited: boolean;
  /**
   * `instance`: for operators only. `either`: in an organization, and for operators everywhere, whether they belong to
   * it or not. `none`: belongs to no organization.
   */
  readonly reach: 'organization' | 'either' | 'instance' | 'none';
  /** Besides what is counted: each is looked at, and the first that is over answers 429. */
  readonly throttles?: readonly Throttle[];
  /** People are asked to prove anew who they are; keys never are. See docs/people.md. */
  readonly fresh?: Fresh;
  /** Its answer may set the session cookie: then it has to come from a page of ours. */
  readonly signsIn?: true;
  /** Health checks answer any address at any rate. */
  readonly health?: true;
  readonly query?: z.ZodType;
  readonly body?: z.ZodType;
  /** Left out: 64 KB. */
  readonly bodyLimitBytes?: number;
  /** The body is no JSON, and is handed on as it comes. */
  readonly stream?: StreamedBody;
  /** How long a shared cache may keep the answer; left out: not at all. */
  readonly cacheSeconds?: number;
  readonly status: 200 | 201 | 202;
  /** What is answered with 202 to `Prefer: respond-async`, where the work may be queued. */
  readonly queued?: z.ZodType;
  /** It answers `Accept: text/event-stream` with server-sent events, see `AskEvents`. */
  readonly streams?: true;
  /** The answer is a stream of server-sent events; `answer` is the shape of the last one. */
  readonly events?: true;
  readonly answer: z.ZodType;
}

/** `k` of the table in the documentation: users, API keys, service keys and operators. */
export const K = ['jwt', 'api_key', 'service_role'] as const;
/** People and trusted automation; no API key. */
export const TRUSTED = ['jwt', 'service_role'] as const;
export const ANYONE = ['jwt', 'api_key', 'service_role', 'mcp'] as const;

/** What most routes have in common. */
export const base = { scopes: [], counted: true, audited: false, reach: 'organization', status: 200 } as const;
/** What changes something. */
export const change = { ...base, audited: true } as const;
export const health = {
  ...base,
  authModes: ['public'],
  counted: false,
  reach: 'none',
  health: true,
  answer: Health,
} as const;
