import { OUTCOMES } from '../contract/codes.js';
import type { CallerKind } from '../contract/usage.js';
import { addHistogram, emptyHistogram, type Histogram, observe } from './histogram.js';
import { OUTCOME_INDEX, type Period } from './period.js';

/** Bounds of one period, whoever calls: beyond them a caller is one of the `others`, and a route too. */
const MAX_CALLERS = 1000;
const MAX_ROUTES = 300;
/** Pairs of caller and route; as many again for the others of organizations. */
const MAX_CELLS = 4000;
export const OTHERS = 'others';

interface Cell {
  /** One number an outcome. */
  readonly counts: number[];
  /** Of the route in the caller's organization, shared by its callers. */
  readonly latency: Histogram;
}

interface Caller {
  readonly kind: CallerKind;
  readonly cells: Map<string, Cell>;
}

interface Organization {
  readonly callers: Map<string, Caller>;
  readonly latency: Map<string, Histogram>;
}

const ALLOWED = OUTCOME_INDEX.get('ALLOWED') as number;

/** Counts of one period by organization, caller, route and outcome. Counting what is known already allocates nothing. */
export class Tally {
  readonly #organizations = new Map<string, Organization>();
  readonly #routes = new Set<string>();
  #callers = 0;
  #cells = 0;

  /** @param organization - empty: none. @param outcome - its place in `OUTCOMES` */
  count(organization: string, id: string, kind: CallerKind, route: string, outcome: number, durationMs: number): void {
    const cell =
      this.#organizations.get(organization)?.callers.get(id)?.cells.get(route) ??
      this.#cell(organization, id, kind, route);
    cell.counts[outcome] = (cell.counts[outcome] as number) + 1;
    // How fast a refusal is says nothing about the route.
    if (outcome === ALLOWED) observe(cell.latency, durationMs);
  }

  add({ callers, routes, outcomes, counts, latency }: Period): void {
    for (let at = 0; at < counts.length; at += 4) {
      const [organization, id, kind] = callers[counts[at] as number] as Period['callers'][number];
      const outcome = OUTCOME_INDEX.get(outcomes[counts[at + 2] as number] as string);
      // A code that this version does not know any more.
      if (outcome === undefined) continue;
      const cell = this.#cell(organization, id, kind, routes[counts[at + 1] as number] as string);
      cell.counts[outcome] = (cell.counts[outcome] as number) + (counts[at + 3] as number);
    }
    for (const [organization, route, sum, classes] of latency)
      addHistogram(this.#latency(this.#organization(organization), routes[route] as string), classes, sum);
  }

  toPeriod(id: string, through: string | null = null): Period {
    const callers: Period['callers'] = [];
    const counts: number[] = [];
    const latency: Period['latency'] = [];
    const routes = [...this.#routes];
    const places = new Map(routes.map((route, index) => [route, index]));
    for (const [organization, { callers: ofIt, latency: itsLatency }] of this.#organizations) {
      for (const [caller, { kind, cells }] of ofIt) {
        const place = callers.push([organization, caller, kind]) - 1;
        for (const [route, cell] of cells) {
          for (const [outcome, count] of cell.counts.entries())
            if (count > 0) counts.push(place, places.get(route) as number, outcome, count);
        }
      }
      for (const [route, { counts: classes, sumMicroseconds }] of itsLatency)
        if (classes.some((count) => count > 0))
          latency.push([organization, places.get(route) as number, sumMicroseconds, [...classes]]);
    }
    return { id, callers, routes, counts, outcomes: [...OUTCOMES], latency, through };
  }

  /** Finds or makes the cell; what is beyond the bounds becomes one of the others. */
  #cell(organization: string, id: string, kind: CallerKind, route: string): Cell {
    const ofIt = this.#organization(organization);
    let caller = ofIt.callers.get(id);
    if (caller === undefined) {
      if (this.#callers >= MAX_CALLERS && id !== OTHERS) return this.#cell(organization, OTHERS, OTHERS, route);
      caller = { kind, cells: new Map() };
      ofIt.callers.set(id, caller);
      this.#callers += 1;
    }
    const name = this.#route(route);
    let cell = caller.cells.get(name);
    if (cell === undefined) {
      if (this.#cells >= MAX_CELLS && id !== OTHERS) return this.#cell(organization, OTHERS, OTHERS, route);
      // Others of many organizations on many routes: what is left is one cell, which is nobody's.
      if (this.#cells >= 2 * MAX_CELLS && name !== OTHERS) return this.#cell('', OTHERS, OTHERS, OTHERS);
      cell = { counts: new Array<number>(OUTCOMES.length).fill(0), latency: this.#latency(ofIt, name) };
      caller.cells.set(name, cell);
      this.#cells += 1;
    }
    return cell;
  }

  #organization(id: string): Organization {
    let organization = this.#organizations.get(id);
    if (organization === undefined) {
      // Counted with nobody's then, which operators see.
      if (this.#organizations.size >= MAX_CALLERS && id !== '') return this.#organization('');
      organization = { callers: new Map(), latency: new Map() };
      this.#organizations.set(id, organization);
    }
    return organization;
  }

  #latency({ latency }: Organization, route: string): Histogram {
    const name = this.#route(route);
    let histogram = latency.get(name);
    if (histogram === undefined) {
      histogram = emptyHistogram();
      latency.set(name, histogram);
    }
    return histogram;
  }

  #route(route: string): string {
    if (this.#routes.has(route)) return route;
    const name = this.#routes.size < MAX_ROUTES ? route : OTHERS;
    this.#routes.add(name);
    return name;
  }
}

export function merged(id: string, periods: readonly Period[], through: string | null = null): Period {
  const tally = new Tally();
  for (const period of periods) tally.add(period);
  return tally.toPeriod(id, through);
}
