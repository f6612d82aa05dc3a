import type { CallerKind, UsageReport } from '../contract/usage.js';
import { toIso } from '../kernel/clock.js';
import { addHistogram, emptyHistogram, quantile } from './histogram.js';
import type { Period } from './period.js';
import { startOf } from './traffic.js';

const TOP = 20;

/** Under which name a caller shows to whoever asks; `null`: not at all. */
export type Sees = (organization: string, id: string, kind: CallerKind) => { id: string; kind: CallerKind } | null;

export interface ReportOptions {
  readonly fromMs: number;
  readonly toMs: number;
  readonly slotMs: number;
  readonly groupBy: UsageReport['groupBy'];
  readonly sees: Sees;
  /** Whether the durations of an organization may be shown whole. */
  readonly seesLatency: (organization: string) => boolean;
  readonly route: string | undefined;
  readonly keyId: string | undefined;
  readonly nameOf: (id: string) => string | null;
}

/** Adds up what the asker may see of these periods, by slot, caller and route. */
export function reportOf(periods: Iterable<Period>, options: ReportOptions): UsageReport {
  const { fromMs, toMs, slotMs, groupBy, nameOf } = options;
  const totals = new Sum();
  const slots = new Map<number, Sum>();
  for (let atMs = fromMs; atMs < toMs; atMs += slotMs) slots.set(atMs, new Sum());
  const keys = new Map<string, { kind: CallerKind; sum: Sum }>();
  const routes = new Map<string, Sum>();
  for (const period of periods) {
    const slot = slots.get(startOf(Date.parse(period.id), slotMs));
    if (slot === undefined) continue;
    for (const { id, kind, route, outcome, count } of cellsOf(period, options)) {
      const key = keys.get(id) ?? { kind, sum: new Sum() };
      keys.set(id, key);
      const ofRoute = routes.get(route) ?? new Sum();
      routes.set(route, ofRoute);
      for (const sum of [totals, slot, key.sum, ofRoute]) sum.add(outcome, count);
    }
    for (const classes of latenciesOf(period, options)) for (const sum of [totals, slot]) sum.addLatency(classes);
  }
  return {
    from: toIso(fromMs),
    to: toIso(toMs),
    groupBy,
    totals: totals.shown(),
    series: [...slots].map(([atMs, sum]) => ({ at: toIso(atMs), ...sum.shown() })),
    keys: busiest([...keys], ([, { sum }]) => sum).map(([id, { kind, sum }]) => ({
      id,
      kind,
      name: nameOf(id),
      requests: sum.requests,
      allowed: sum.allowed,
    })),
    routes: busiest([...routes], ([, sum]) => sum).map(([route, sum]) => ({
      route,
      requests: sum.requests,
      allowed: sum.allowed,
    })),
  };
}

/** What each of `ids` sent in each slot. */
export function hourLines(
  periods: Iterable<Period>,
  options: Pick<ReportOptions, 'fromMs' | 'toMs' | 'slotMs' | 'sees'> & { readonly ids: ReadonlySet<string> },
): { id: string; requests: number[] }[] {
  const { fromMs, toMs, slotMs, sees, ids } = options;
  const lines = new Map([...ids].map((id) => [id, new Array<number>((toMs - fromMs) / slotMs).fill(0)]));
  for (const period of periods) {
    const place = (startOf(Date.parse(period.id), slotMs) - fromMs) / slotMs;
    const { callers, counts } = period;
    const shown = callers.map(([organization, id, kind]) =>
      ids.has(id) ? lines.get(sees(organization, id, kind)?.id ?? '') : undefined,
    );
    for (let at = 0; at < counts.length; at += 4) {
      const line = shown[counts[at] as number];
      if (line?.[place] !== undefined) line[place] += counts[at + 3] as number;
    }
  }
  return [...lines].map(([id, requests]) => ({ id, requests }));
}

class Sum {
  requests = 0;
  allowed = 0;
  readonly #byOutcome = new Map<string, number>();
  readonly #latency = emptyHistogram();

  add(outcome: string, count: number): void {
    this.requests += count;
    if (outcome === 'ALLOWED') this.allowed += count;
    this.#byOutcome.set(outcome, (this.#byOutcome.get(outcome) ?? 0) + count);
  }

  addLatency(classes: readonly number[]): void {
    addHistogram(this.#latency, classes, 0);
  }

  shown(): UsageReport['totals'] {
    const [p50Ms, p95Ms, p99Ms] = [0.5, 0.95, 0.99].map((share) => quantile(this.#latency.counts, share));
    const latency = p50Ms == null || p95Ms == null || p99Ms == null ? null : { p50Ms, p95Ms, p99Ms };
    const byOutcome = Object.fromEntries([...this.#byOutcome].sort(([a], [b]) => (a < b ? -1 : 1)));
    return { requests: this.requests, allowed: this.allowed, byOutcome, latency };
  }
}

function* cellsOf({ callers, routes, outcomes, counts }: Period, { sees, route, keyId }: ReportOptions) {
  const shown = callers.map(([organization, id, kind]) => sees(organization, id, kind));
  for (let at = 0; at < counts.length; at += 4) {
    const caller = shown[counts[at] as number] ?? null;
    const name = routes[counts[at + 1] as number] as string;
    if (caller === null || (keyId !== undefined && caller.id !== keyId)) continue;
    if (route !== undefined && name !== route) continue;
    yield {
      ...caller,
      route: name,
      outcome: outcomes[counts[at + 2] as number] as string,
      count: counts[at + 3] as number,
    };
  }
}

/** Durations are kept by route, not by caller. */
function* latenciesOf({ routes, latency }: Period, { seesLatency, route, keyId }: ReportOptions) {
  if (keyId !== undefined) return;
  for (const [organization, place, , classes] of latency)
    if (seesLatency(organization) && (route === undefined || routes[place] === route)) yield classes;
}

function busiest<T>(entries: readonly T[], sumOf: (entry: T) => Sum): T[] {
  return [...entries].sort((a, b) => sumOf(b).requests - sumOf(a).requests).slice(0, TOP);
}
