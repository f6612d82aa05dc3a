import * as z from 'zod';
import { OUTCOMES } from '../contract/codes.js';
import { CALLER_KINDS } from '../contract/usage.js';
import { BOUNDS_MS } from './histogram.js';

const count = z.int().min(0);

/** What was counted in one hour or day, as it is kept: names once, and positions in their lists after that. */
const Period = z.strictObject({
  /** When it begins, ISO 8601. */
  id: z.iso.datetime(),
  /** Organization (empty: none), id, kind. */
  callers: z.array(z.tuple([z.string(), z.string(), z.enum(CALLER_KINDS)])),
  routes: z.array(z.string()),
  /** Four numbers a cell: caller, route, outcome, how often. */
  counts: z.array(count),
  /** Names of outcomes, so that the file outlives a change of the list. */
  outcomes: z.array(z.string()),
  /** Organization, route, sum in microseconds, one count a class. */
  latency: z.array(z.tuple([z.string(), count, count, z.array(count).length(BOUNDS_MS.length + 1)])),
  /** Days: the last hour that was folded in. */
  through: z.iso.datetime().nullable(),
});
export type Period = z.infer<typeof Period>;

/** @throws when it is none, or names what is not in its lists */
export function parsePeriod(record: unknown): Period {
  const period = Period.parse(record);
  const { callers, routes, outcomes, counts, latency } = period;
  if (counts.length % 4 !== 0) throw new Error('counts: is not a list of fours');
  const ends = [callers.length, routes.length, outcomes.length, Number.POSITIVE_INFINITY];
  if (counts.some((value, index) => value >= (ends[index % 4] as number)))
    throw new Error('counts: names something that is not in its list');
  if (latency.some(([, route]) => route >= routes.length)) throw new Error('latency: names a route that is not there');
  return period;
}

/** Where each outcome stands in the counts of a cell. */
export const OUTCOME_INDEX: ReadonlyMap<string, number> = new Map(OUTCOMES.map((outcome, index) => [outcome, index]));
