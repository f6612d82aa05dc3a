import { API_KEY_TYPES } from '../../contract/keys.js';
import { KEYS_EXPIRING_DAYS, KEYS_UNUSED_DAYS } from '../../contract/overview.js';
import { type Bounds, modesOf } from '../../kernel/principal.js';
import type { Collection } from '../../store/collection.js';
import { isVisible } from './authority.js';
import { type KeyRecord, lateUntil, statusOf } from './record.js';
import type { LastUses } from './view.js';

const DAY_MS = 86_400_000;
const MAX_NAMED = 5;

/** How many, on which lists of the dashboard, and the first few of them. */
export interface Some {
  count: number;
  readonly lists: Set<string>;
  readonly subjects: { readonly id: string; readonly name: string; readonly link: string }[];
}

/** The keys that work now, in numbers. */
export interface KeySurvey {
  active: number;
  /** Used by nobody for 90 days, and as old. */
  readonly unused: Some;
  readonly withoutExpiry: Some;
  /** In at most 14 days. */
  readonly expiring: Some;
  /** A rotation is nearly over and the old secret is still used. */
  readonly late: Some;
}

/**
 * Counts the keys of every family that an asker may list; one walk over the records, which makes no views of them.
 * @param only - of one organization; `null`: all that are theirs to see
 */
export function surveyKeys(
  records: Pick<Collection<KeyRecord>, 'newestFirst'>,
  uses: LastUses,
  by: Bounds,
  only: string | null,
  nowMs: number,
): KeySurvey {
  const { principal } = by;
  const seesTrusted = modesOf(principal).some((mode) => mode === 'jwt' || mode === 'service_role');
  const survey: KeySurvey = { active: 0, unused: none(), withoutExpiry: none(), expiring: none(), late: none() };
  for (const record of records.newestFirst()) {
    if (only !== null && record.organizationId !== only) continue;
    if (!isVisible(principal, record) || !(seesTrusted || isApiKey(record))) continue;
    const status = statusOf(record, nowMs);
    if (status === 'revoked' || status === 'expired') continue;
    survey.active += 1;
    if (record.expiresAt === null) add(survey.withoutExpiry, record);
    else if (Date.parse(record.expiresAt) - nowMs <= KEYS_EXPIRING_DAYS * DAY_MS) add(survey.expiring, record);
    if (lateUntil(record, (secret) => uses.lastUse(secret)?.atMs, nowMs) !== null) add(survey.late, record);
    if (lastSign(record, uses) <= nowMs - KEYS_UNUSED_DAYS * DAY_MS) add(survey.unused, record);
  }
  return survey;
}

/** When it was made or used last. */
function lastSign({ createdAt, secrets }: KeyRecord, uses: LastUses): number {
  return secrets.reduce(
    (lastMs, { digest }) => Math.max(lastMs, uses.lastUse(digest)?.atMs ?? 0),
    Date.parse(createdAt),
  );
}

function isApiKey({ type }: KeyRecord): boolean {
  return (API_KEY_TYPES as readonly string[]).includes(type);
}

function none(): Some {
  return { count: 0, lists: new Set(), subjects: [] };
}

function add(some: Some, record: KeyRecord): void {
  const list = listOf(record);
  some.count += 1;
  some.lists.add(list);
  const { id, name } = record;
  if (some.subjects.length < MAX_NAMED) some.subjects.push({ id, name, link: `${list}/${id}` });
}

/** The page of the dashboard that lists it. */
function listOf({ type, organizationId }: KeyRecord): string {
  if (type === 'mcp') return `/${organizationId}/mcp/tokens`;
  return type === 'svc' ? '/settings/service-keys' : '/settings/api-keys';
}
