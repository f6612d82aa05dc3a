import {
  DAYS_KEPT,
  HOURS_KEPT,
  type KeysUsage,
  type KeysUsageQuery,
  type KeyUsageQuery,
  type UsageQuery,
  type UsageReport,
} from '../contract/usage.js';
import { type Clock, toIso } from '../kernel/clock.js';
import { GatehouseError } from '../kernel/errors.js';
import { type Bounds, knowsOf, type Principal } from '../kernel/principal.js';
import { hourLines, reportOf, type Sees } from './report.js';
import { DAY_MS, HOUR_MS, startOf, type Traffic } from './traffic.js';

/** What tells one key from another; `identity` fits it. */
export interface KeyNames {
  /** @param digest - as last-used records name a secret */
  secretOf(id: string, digest: string): { readonly last4: string; readonly newest: boolean } | undefined;
  /** When the secret that is the newest was made, where there are older ones; else `null`. */
  rotatedAtMs(id: string): number | null;
  named(id: string):
    | (Pick<Principal, 'kind' | 'id' | 'organizationId' | 'workspaceIds' | 'allowedOrigins'> & {
        readonly name: string;
      })
    | undefined;
}

export interface UsageReportsOptions {
  readonly traffic: Traffic;
  readonly keys: KeyNames;
  readonly clock: Clock;
}

/** Who sent how much, as far as whoever asks may see it. */
export class UsageReports {
  readonly #o: UsageReportsOptions;

  constructor(options: UsageReportsOptions) {
    this.#o = options;
  }

  /**
   * @throws GatehouseError `BAD_REQUEST` for times that are not kept; `FORBIDDEN` for a foreign organization;
   *   `NOT_FOUND` for a key that is foreign or not there, alike
   */
  report(by: Bounds, query: UsageQuery): UsageReport {
    const asker = by.principal;
    const { organizationId } = by.require({ organizationId: query.organizationId });
    // Operators see every organization, and what belongs to none, unless they name one.
    const only = asker.operator && query.organizationId === undefined ? null : organizationId;
    if (query.keyId !== undefined && !asker.operator && query.keyId !== asker.id) {
      const key = this.#o.keys.named(query.keyId);
      if (key === undefined || !knowsOf(asker, key))
        throw new GatehouseError('NOT_FOUND', 'keyId: there is no such key. GET /api/keys lists them.');
    }
    const { fromMs, toMs, slotMs } = this.#range(query);
    return reportOf(this.#periods(slotMs), {
      fromMs,
      toMs,
      slotMs,
      groupBy: query.groupBy,
      sees: this.#seenBy(asker, only),
      seesLatency: (organization) =>
        (only === null || organization === only) && (asker.operator || asker.workspaceIds === null),
      route: query.route,
      keyId: query.keyId,
      nameOf: (id) => this.#o.keys.named(id)?.name ?? null,
    });
  }

  /** The last 24 hours of each of these keys, as far as the asker may see it. */
  ofKeys(by: Bounds, { ids, organizationId }: KeysUsageQuery): KeysUsage {
    const asker = by.principal;
    const own = by.require({ organizationId }).organizationId;
    const sees = this.#seenBy(asker, asker.operator && organizationId === undefined ? null : own);
    const { fromMs, toMs, slotMs } = this.#range({ groupBy: 'hour' });
    const visible = ids.filter((id) => {
      const key = this.#o.keys.named(id);
      return key !== undefined && (asker.operator || id === asker.id || knowsOf(asker, key));
    });
    const lines = hourLines(this.#o.traffic.hours(), { fromMs, toMs, slotMs, sees, ids: new Set(visible) });
    return { from: toIso(fromMs), to: toIso(toMs), data: lines };
  }

  /** @throws GatehouseError `BAD_REQUEST` */
  #range({ from, to, groupBy }: KeyUsageQuery): { fromMs: number; toMs: number; slotMs: number } {
    const nowMs = this.#o.clock.nowMs();
    const [slotMs, kept, usual] = groupBy === 'hour' ? [HOUR_MS, HOURS_KEPT, 24] : [DAY_MS, DAYS_KEPT, 30];
    // The slot that `to` falls into is shown whole, as far as it has come.
    const last = to === undefined ? nowMs : Math.min(Date.parse(to) - 1, nowMs);
    const toMs = startOf(last, slotMs) + slotMs;
    const fromMs = from === undefined ? toMs - usual * slotMs : startOf(Date.parse(from), slotMs);
    if (fromMs >= toMs) throw new GatehouseError('BAD_REQUEST', 'from: is not before to.');
    if (fromMs < startOf(nowMs, slotMs) - kept * slotMs)
      throw new GatehouseError(
        'BAD_REQUEST',
        groupBy === 'hour'
          ? `from: hours are kept for ${HOURS_KEPT} hours. Ask with groupBy=day, which is kept for ${DAYS_KEPT} days.`
          : `from: days are kept for ${DAYS_KEPT} days.`,
      );
    return { fromMs, toMs, slotMs };
  }

  *#periods(slotMs: number) {
    if (slotMs === DAY_MS) yield* this.#o.traffic.days();
    yield* this.#o.traffic.hours();
  }

  /**
   * Keys that the asker may list show by their id. The rest of its organization is `others`, and nothing at all to an
   * asker who is bounded to some workspaces: what such a key does elsewhere is not its business.
   */
  #seenBy(asker: Principal, only: string | null): Sees {
    return (organization, id, kind) => {
      if (only !== null && organization !== only) return null;
      if (asker.operator || id === asker.id) return { id, kind };
      const key = this.#o.keys.named(id);
      if (key !== undefined && knowsOf(asker, key)) return { id, kind };
      if (asker.workspaceIds !== null) return null;
      return key === undefined && kind === 'user' ? { id, kind } : { id: 'others', kind: 'others' };
    };
  }
}
