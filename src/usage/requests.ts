import type { ExplainFacts, ListRequests, RecentRequest, RequestList } from '../contract/requests.js';
import { ROUTES, type RouteId } from '../contract/routes.js';
import type { KeyUsage } from '../contract/usage.js';
import { toIso } from '../kernel/clock.js';
import { GatehouseError } from '../kernel/errors.js';
import { type Bounds, knowsOf, type Principal } from '../kernel/principal.js';
import type { RecentRequests, Seen } from './recent.js';
import type { KeyNames } from './reports.js';

const MAX_ADDRESSES = 50;

type AddressUse = KeyUsage['addresses']['data'][number];

/** Requests that were answered lately, as far as whoever asks may see them. */
export class RequestReports {
  readonly #recent: RecentRequests;
  readonly #keys: KeyNames;

  constructor(recent: RecentRequests, keys: KeyNames) {
    this.#recent = recent;
    this.#keys = keys;
  }

  /**
   * Newest first. The cursor is the last one of the page before; where it is overwritten by now, the list is at its end.
   * @throws GatehouseError `FORBIDDEN` for a foreign organization; `NOT_FOUND` for a key that is foreign or not there,
   *   alike; `BAD_REQUEST` for a cursor that is none
   */
  list(by: Bounds, { organizationId: named, keyId, outcome, limit, cursor }: ListRequests): RequestList {
    const asker = by.principal;
    const { organizationId } = by.require({ organizationId: named });
    const only = asker.operator && named === undefined ? null : organizationId;
    if (keyId !== undefined && !asker.operator && keyId !== asker.id) {
      const key = this.#keys.named(keyId);
      if (key === undefined || !knowsOf(asker, key))
        throw new GatehouseError('NOT_FOUND', 'keyId: there is no such key. GET /api/keys lists them.');
    }
    if (cursor !== undefined && !/^\d{1,15}$/.test(cursor))
      throw new GatehouseError('BAD_REQUEST', 'cursor: it names no request. Begin again without it.');
    const before = cursor === undefined ? Number.POSITIVE_INFINITY : Number(cursor);
    const data: RecentRequest[] = [];
    let last = 0;
    for (const seen of this.#recent.newestFirst(keyId)) {
      if (seen.seq >= before || !this.#sees(asker, only, seen)) continue;
      if (!fits(seen, outcome)) continue;
      if (data.length === limit) return { data, nextCursor: String(last) };
      data.push(this.view(seen));
      last = seen.seq;
    }
    return { data, nextCursor: null };
  }

  /**
   * From where one key was used since then, out of the requests that are kept: nothing is counted for it while requests
   * are decided. Whoever asks may see the key.
   */
  addressesOf(keyId: string, sinceMs: number): KeyUsage['addresses'] {
    const found = new Map<string, { -readonly [Field in keyof AddressUse]: AddressUse[Field] }>();
    const rotatedAtMs = this.#keys.rotatedAtMs(keyId);
    const sinceRotation = { requests: 0, oldSecret: 0 };
    let requests = 0;
    for (const { atMs, address, outcome, secret } of this.#recent.newestFirst(keyId)) {
      if (atMs < sinceMs || address === null) continue;
      let one = found.get(address);
      if (one === undefined) {
        one = { address, requests: 0, allowed: 0, oldSecret: 0, lastAt: toIso(Math.floor(atMs)) };
        found.set(address, one);
      }
      requests += 1;
      one.requests += 1;
      if (outcome === 'ALLOWED') one.allowed += 1;
      if (rotatedAtMs === null || atMs < rotatedAtMs) continue;
      sinceRotation.requests += 1;
      if (secret === null || this.#keys.secretOf(keyId, secret)?.newest !== false) continue;
      sinceRotation.oldSecret += 1;
      one.oldSecret += 1;
    }
    const data = [...found.values()].slice(0, MAX_ADDRESSES);
    return { data, count: found.size, requests, sinceRotation: rotatedAtMs === null ? null : sinceRotation };
  }

  view(seen: Seen): RecentRequest {
    const { atMs, requestId, method, route, outcome, status, kind, keyId, organizationId, address, secret } = seen;
    return {
      at: toIso(Math.floor(atMs)),
      requestId,
      method,
      route,
      path: patternOf(route)?.path ?? null,
      outcome,
      status,
      organizationId,
      principal: { kind, id: seen.principalId === '' ? null : seen.principalId },
      keyId,
      keyName: keyId === null ? null : (this.#keys.named(keyId)?.name ?? null),
      secret: keyId === null || secret === null ? null : (this.#keys.secretOf(keyId, secret) ?? null),
      address,
      durationMs: Math.round(seen.durationMs * 100) / 100,
      explain: explainOf(seen, this.#originOf(seen)),
    };
  }

  /** Whoever was not refused for it came from a page of the key's list. */
  #originOf({ keyId, outcome }: Seen): string | undefined {
    if (keyId === null || outcome === 'ORIGIN_NOT_ALLOWED') return undefined;
    return this.#keys.named(keyId)?.allowedOrigins[0];
  }

  /** The same rule as for keys in lists; what nobody knows who sent it belongs to no organization. */
  #sees(asker: Principal, only: string | null, { principalId: id, kind, organizationId }: Seen): boolean {
    if (only !== null && organizationId !== only) return false;
    if (asker.operator || id === asker.id) return true;
    const key = this.#keys.named(id);
    return key !== undefined && kind !== 'unknown' && knowsOf(asker, key);
  }
}

function fits({ outcome }: Seen, wanted: ListRequests['outcome']): boolean {
  return wanted === undefined || (wanted === 'REFUSED' ? outcome !== 'ALLOWED' : outcome === wanted);
}

interface Pattern {
  readonly door: ExplainFacts['door'];
  readonly path: string;
  readonly host: string | null;
}

/** The pattern behind the id of a route: of our own table, or of `routes.json`, whose ids hold theirs. */
function patternOf(route: string): Pattern | null {
  if (route in ROUTES) return { door: 'api', path: ROUTES[route as RouteId].path, host: null };
  const upstream = /^upstream [A-Z,-]+ ([^/]*)(\/.*)$/.exec(route);
  if (upstream === null) return null;
  return { door: 'upstream', path: upstream[2] as string, host: upstream[1] === '' ? null : (upstream[1] as string) };
}

/** Policies of `routes.json` for whatever none of its routes names. */
const UNROUTED: ReadonlySet<string> = new Set(['upstream default', 'upstream no route', 'upstream no routes.json']);
/** The path itself is not kept; any that no route names is judged alike. */
const ANY_OTHER: Pattern = { door: 'upstream', path: '/any-path-without-a-route', host: null };

/** What can be asked again: of a key or of nobody, on a route whose pattern may stand for what was asked for. */
function explainOf({ method, route, keyId, kind, address }: Seen, origin: string | undefined): ExplainFacts | null {
  const pattern = UNROUTED.has(route) ? ANY_OTHER : patternOf(route);
  // Which workspace or organization was named decides, and is not kept.
  if (pattern === null || (keyId === null && kind !== 'unknown' && kind !== 'anonymous')) return null;
  if (pattern.door === 'api' && /:(workspaceId|organizationId)\b/.test(pattern.path)) return null;
  const headers = {
    ...(pattern.host === null ? {} : { host: pattern.host }),
    ...(origin === undefined ? {} : { origin }),
  };
  return {
    method,
    path: pattern.path,
    door: pattern.door,
    ...(address === null || address === 'socket' ? {} : { ip: address }),
    ...(keyId === null ? { token: null } : { keyId }),
    ...(Object.keys(headers).length === 0 ? {} : { headers }),
  };
}
