import type { Explain } from '../../contract/explain.js';
import { findRoute, GUARDED_PREFIXES } from '../../contract/find-route.js';
import { HEADER } from '../../contract/headers.js';
import { ROUTES } from '../../contract/routes.js';
import { GatehouseError } from '../../kernel/errors.js';
import type { NamedIds } from '../../kernel/principal.js';
import { organizationInQuery } from '../adapters/facts.js';
import { POLICIES, type Policy } from '../policy.js';

/** The policies of routes behind Gatehouse; `routes.json` fits it. */
export interface UpstreamPolicies {
  /** @param target - path and query as they came */
  match(method: string, target: string, host?: string): Policy;
}

/** Which route is asked for, what it asks, and what becomes of the request behind the gate. */
export interface Asked {
  readonly policy: Policy;
  readonly words: string;
  readonly named: NamedIds | null;
  /** What answers whoever is let in, where that is a refusal too. */
  readonly behind: GatehouseError | null;
  readonly status: number;
}

/** The route that a request would meet at the doors of Gatehouse itself. */
export function askedOfApi({ method, path }: Explain, basePath: string): Asked {
  const mark = path.indexOf('?');
  const whole = mark < 0 ? path : path.slice(0, mark);
  const inside = basePath === '' || whole === basePath || whole.startsWith(`${basePath}/`);
  const bare = inside ? whole.slice(basePath.length) || '/' : whole;
  const found = findRoute(method, bare);
  if (found.kind === 'route') {
    const policy = POLICIES[found.id];
    const { workspaceId } = found.params;
    const organizationId = found.params['organizationId'] ?? organizationInQuery(path);
    const named = workspaceId === undefined && organizationId === undefined ? null : { workspaceId, organizationId };
    return { policy, words: `it is the route ${found.id}`, named, behind: null, status: ROUTES[found.id].status };
  }
  const isGuarded = GUARDED_PREFIXES.some((prefix) => bare === prefix || bare.startsWith(`${prefix}/`));
  const refused = (policy: Policy, words: string, behind: GatehouseError): Asked => ({
    policy,
    words,
    named: null,
    behind,
    status: behind.status,
  });
  switch (found.kind) {
    case 'malformed':
      return refused(
        POLICIES.open,
        'the path cannot be decoded',
        new GatehouseError('BAD_REQUEST', 'The path holds a % that begins no character.'),
      );
    case 'methods':
      return refused(
        POLICIES.unknown,
        `the path does not answer ${method}`,
        new GatehouseError('METHOD_NOT_ALLOWED', `This path answers ${found.allowed.join(', ')}.`),
      );
    case 'none':
      if (bare === '/' && (method === 'GET' || method === 'HEAD'))
        return { policy: POLICIES.open, words: 'it is the start page', named: null, behind: null, status: 200 };
      return refused(
        isGuarded ? POLICIES.unknown : POLICIES.open,
        'no route has this path',
        new GatehouseError('NOT_FOUND', 'There is nothing at this path.'),
      );
  }
}

/** The policy of `routes.json` that decides about a request to an app behind Gatehouse. */
export function askedOfUpstream({ method, path, headers }: Explain, upstream: UpstreamPolicies): Asked {
  const host = Object.entries(headers ?? {}).find(([name]) => name.toLowerCase() === HEADER.host)?.[1];
  const policy = upstream.match(method, path, [host].flat()[0]);
  return { policy, words: `it is decided by ${policy.id}`, named: null, behind: null, status: 200 };
}

/** Headers as a socket would bring them, with the token in the first slot that the route reads. */
export function rawHeadersOf({ headers = {}, token }: Explain, { slots }: Policy): string[] {
  const raw = Object.entries(headers).flatMap(([name, value]) => [value].flat().flatMap((one) => [name, one]));
  if (typeof token !== 'string') return raw;
  return slots.includes('x-api-key')
    ? [...raw, HEADER.apiKey, token]
    : [...raw, HEADER.authorization, `Bearer ${token}`];
}
