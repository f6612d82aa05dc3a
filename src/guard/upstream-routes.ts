import type { UpstreamDefault, UpstreamRoute, UpstreamRoutes } from '../contract/upstream-routes.js';
import { FIRST_ROUTES_LINE } from '../contract/upstream-routes.js';
import { GatehouseError } from '../kernel/errors.js';
import { ALL_MODES, DEFAULT_SLOTS, type Policy } from './policy.js';
import { pathFault, pathSegments, readHost } from './request-path.js';

/** One route, ready to be compared. */
interface CompiledRoute {
  /** `null`: every method. */
  readonly methods: ReadonlySet<string> | null;
  /** `null`: every host. */
  readonly host: string | null;
  /** Decoded; `null` for a parameter. */
  readonly literals: readonly (string | null)[];
  /** The same in lower case: what an app that ignores case would take for it. */
  readonly folded: readonly (string | null)[];
  /** It ends in `*`: whatever follows fits. */
  readonly open: boolean;
  readonly policy: Policy;
}

/**
 * What the apps behind Gatehouse ask of their callers, ready to be asked. Every request gets a policy: where it is to
 * be refused whoever sends it (no route fits, an ambiguous path, no file), that is what the policy says (`closed`), so
 * that address, credential and limit are judged first, alike for all.
 */
export class UpstreamRouter {
  readonly #publicHost: string | null;
  #routes: readonly CompiledRoute[] = [];
  #default: Policy = NO_FILE;
  #hosts: ReadonlySet<string> = new Set();

  /** @param publicUrl - `PUBLIC_URL`, whose host assertions may be signed for too */
  constructor(publicUrl: string | null) {
    this.#publicHost = publicUrl === null ? null : new URL(publicUrl).hostname;
    this.use(null);
  }

  /** From now on these decide; `null`: there is no `routes.json`. */
  use(file: UpstreamRoutes | null): void {
    this.#routes = file?.routes.map(compile) ?? [];
    this.#default =
      file === null
        ? NO_FILE
        : file.default === undefined
          ? NO_ROUTE
          : upstreamPolicy('upstream default', file.default);
    this.#hosts = new Set([...(file?.hosts ?? []), ...(this.#publicHost === null ? [] : [this.#publicHost])]);
  }

  /**
   * @param target - the request target as it came (RFC 9112 §3.2)
   * @param host - as in `Host`; a route with a host of its own fits that one only
   */
  match(method: string, target: string, host?: string): Policy {
    const fault = pathFault(target);
    if (fault !== null) return closed('path', 'BAD_REQUEST', `This path is refused: ${fault}.`);
    if (!isMethod(method)) return closed('method', 'BAD_REQUEST', 'The method is not a word of capital letters.');
    if (this.#routes.length === 0) return this.#default;
    const segments = pathSegments(target);
    const name = readHost(host);
    for (const route of this.#routes) {
      if (route.methods !== null && !route.methods.has(method)) continue;
      if (route.host !== null && route.host !== name) continue;
      const fit = fits(route, segments);
      if (fit === 'yes') return route.policy;
      if (fit === 'but for case') return OTHER_CASE;
    }
    return this.#default;
  }

  /** Whether assertions may be signed for a host, as {@link readHost} spells it. */
  signsFor(host: string): boolean {
    return this.#hosts.has(host);
  }

  /** For sentences: every host that assertions may be signed for. */
  get hosts(): readonly string[] {
    return [...this.#hosts];
  }
}

/** What an app behind the guard asks on one of its routes. @param id - names it in counters, the audit and logs */
export function upstreamPolicy(id: string, { authModes, scopes, slots, rateLimit }: UpstreamDefault): Policy {
  return {
    id,
    authModes,
    scopes,
    slots: slots ?? DEFAULT_SLOTS,
    operatorOnly: false,
    // Nobody has to say in which organization they look at what is public.
    reach: authModes.includes('public') ? 'none' : 'organization',
    readsBody: false,
    counted: true,
    rateLimit: rateLimit ?? null,
    health: false,
    upstream: true,
  };
}

function closed(name: string, code: 'BAD_REQUEST' | 'FORBIDDEN', detail: string): Policy {
  const policy = upstreamPolicy(`upstream ${name}`, { authModes: [...ALL_MODES], scopes: [] });
  return { ...policy, closed: () => new GatehouseError(code, detail) };
}

const NO_FILE = closed(
  'no routes.json',
  'FORBIDDEN',
  `routes.json is missing, so no request to an app behind Gatehouse passes. Make it with the line ${FIRST_ROUTES_LINE}`,
);
const NO_ROUTE = closed(
  'no route',
  'FORBIDDEN',
  'No route of routes.json fits this method and path, and it has no default. `gatehouse routes test` says what fits.',
);
const OTHER_CASE = closed(
  'case',
  'BAD_REQUEST',
  'This path is written in another case than its route. Apps differ in whether they tell the two apart: write it as the route does.',
);

function compile(route: UpstreamRoute): CompiledRoute {
  const { methods, path, host } = route;
  const words = path === '/' ? [] : path.slice(1).split('/');
  const open = words[words.length - 1] === '*';
  const literals = (open ? words.slice(0, -1) : words).map((word) => (word.startsWith(':') ? null : word));
  return {
    // What answers GET answers HEAD, in most frameworks by the same code.
    methods: methods === undefined ? null : new Set(methods.includes('GET') ? [...methods, 'HEAD'] : methods),
    host: host ?? null,
    literals,
    folded: literals.map((word) => word?.toLowerCase() ?? null),
    open,
    policy: upstreamPolicy(`upstream ${methods?.join(',') ?? 'ANY'} ${host ?? ''}${path}`, route),
  };
}

function fits({ literals, folded, open }: CompiledRoute, segments: readonly string[]): 'yes' | 'but for case' | 'no' {
  if (open ? segments.length < literals.length : segments.length !== literals.length) return 'no';
  let sameCase = true;
  for (let index = 0; index < literals.length; index += 1) {
    const literal = literals[index] as string | null;
    const segment = segments[index] as string;
    if (literal === null || literal === segment) continue;
    if (folded[index] !== segment.toLowerCase()) return 'no';
    sameCase = false;
  }
  return sameCase ? 'yes' : 'but for case';
}

function isMethod(method: string): boolean {
  if (method.length === 0 || method.length > 32) return false;
  for (let at = 0; at < method.length; at += 1) {
    const code = method.charCodeAt(at);
    if ((code < 0x41 || code > 0x5a) && code !== 0x2d) return false;
  }
  return true;
}
