import { join } from 'node:path';
import type { AuditLine } from '../contract/audit.js';
import type { PageOf } from '../contract/fields.js';
import { GatehouseError } from '../kernel/errors.js';
import { decodeLine } from './line.js';
import { byAge, type Part } from './parts.js';
import { linesBackward } from './read-lines.js';

export interface AuditQuery {
  readonly limit: number;
  /** `nextCursor` of the page before. */
  readonly cursor?: string | undefined;
  /** An action, or all that begin alike: `key.*`. */
  readonly action?: string | undefined;
  /** Only lines of who has this id. */
  readonly actor?: string | undefined;
  /** Only lines about this thing. */
  readonly target?: string | undefined;
  readonly outcome?: AuditLine['outcome'] | undefined;
  /** Only lines written then or later; ISO 8601 in UTC, as lines have it. */
  readonly from?: string | undefined;
  /** Only lines written before. */
  readonly to?: string | undefined;
  /** Only lines of this organization. */
  readonly organizationId?: string | undefined;
}

/**
 * A page of lines, newest first, read from the end of the files. One call looks at 16 MB at most: for a rare action a
 * page may hold fewer lines than asked, or none, while `nextCursor` still says where to go on.
 * Lines that cannot be read are left out; `verify` names them.
 * @throws GatehouseError `BAD_REQUEST` for a cursor that this list did not give
 */
export async function listLines(folder: string, parts: readonly Part[], asked: AuditQuery): Promise<PageOf<AuditLine>> {
  const query = { ...asked, from: asUtc(asked.from), to: asUtc(asked.to) };
  const start = query.cursor === undefined ? null : parseCursor(query.cursor);
  const data: AuditLine[] = [];
  let budget = SCAN_BYTES;
  const from = query.from === undefined ? null : new Date(Date.parse(query.from) - CLOCK_TURNS_MS).toISOString();
  for (const [age, part] of parts.toReversed().entries()) {
    const isOldest = age === parts.length - 1;
    if (start !== null && byAge(part.name, start.part) > 0) continue;
    const end = part.name === start?.part ? Math.min(start.offset, part.bytes) : part.bytes;
    for await (const { bytes, offset } of linesBackward(join(folder, part.name), end)) {
      // Far enough back that none is older because a clock was put right.
      if (from !== null && timeOf(bytes) < from) return { data, nextCursor: null };
      const line = mayMatch(bytes, query) ? decodeLine(bytes)?.line : undefined;
      if (line !== undefined && matches(line, query)) data.push(line);
      budget -= bytes.length + 1;
      if (data.length >= query.limit || budget <= 0) {
        return { data, nextCursor: offset === 0 && isOldest ? null : `${part.name}:${offset}` };
      }
    }
  }
  return { data, nextCursor: null };
}

const asUtc = (time: string | undefined) => (time === undefined ? undefined : new Date(time).toISOString());

const SCAN_BYTES = 16 * 1024 * 1024;
/** How far a clock may have gone back between two lines. */
const CLOCK_TURNS_MS = 86_400_000;

function parseCursor(cursor: string): { part: string; offset: number } {
  const [, part, offset] = /^(\d{4}-\d{2}(?:\.part\d{4,8})?\.jsonl):(\d{1,15})$/.exec(cursor) ?? [];
  if (part === undefined || offset === undefined) {
    throw new GatehouseError('BAD_REQUEST', 'The cursor is not one of this list: leave it out to begin anew.');
  }
  return { part, offset: Number(offset) };
}

function matches(line: AuditLine, { action, actor, target, outcome, organizationId, from, to }: AuditQuery): boolean {
  if (target !== undefined && line.target !== target) return false;
  if (actor !== undefined && line.actor !== actor) return false;
  if (outcome !== undefined && line.outcome !== outcome) return false;
  if ((from !== undefined && line.at < from) || (to !== undefined && line.at >= to)) return false;
  if (organizationId !== undefined && line.organizationId !== organizationId) return false;
  return (
    action === undefined || (isFamily(action) ? line.action.startsWith(action.slice(0, -1)) : line.action === action)
  );
}

const isFamily = (action: string) => action.endsWith('.*');

/** Looks at the bytes first: parsing every line to drop it would cost ten times as much. */
function mayMatch(bytes: Buffer, { action, actor, target, outcome, organizationId, to }: AuditQuery): boolean {
  if (to !== undefined && timeOf(bytes) >= to) return false;
  if (outcome !== undefined && !bytes.includes(`,"outcome":"${outcome}"`)) return false;
  if (actor !== undefined && !bytes.includes(`,"actor":${JSON.stringify(actor)}`)) return false;
  if (target !== undefined && !bytes.includes(`,"target":${JSON.stringify(target)}`)) return false;
  if (organizationId !== undefined && !bytes.includes(`,"organizationId":${JSON.stringify(organizationId)}`))
    return false;
  if (action === undefined) return true;
  const text = JSON.stringify(isFamily(action) ? action.slice(0, -1) : action);
  return bytes.includes(`,"action":${isFamily(action) ? text.slice(0, -1) : text}`);
}

/** When a line was written, as it stands in its second member. */
function timeOf(bytes: Buffer): string {
  const begin = bytes.indexOf(TIME_MEMBER) + TIME_MEMBER.length;
  return bytes.toString('latin1', begin, begin + '2026-11-26T00:00:00.000Z'.length);
}

const TIME_MEMBER = ',"at":"';
