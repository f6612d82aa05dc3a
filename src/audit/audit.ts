import { join } from 'node:path';
import type { AuditLine, AuditSummary, AuditVerification, SummarizeAudit } from '../contract/audit.js';
import type { PageOf } from '../contract/fields.js';
import { type Clock, toIso } from '../kernel/clock.js';
import { type Announce, UNHEARD } from '../kernel/happening.js';
import type { Logger } from '../kernel/logger.js';
import type { Seal } from '../seal/instance-key.js';
import type { DataFolder } from '../store/data-folder.js';
import { openChainKey } from './chain-key.js';
import { DayCounts } from './days.js';
import { type AuditEvent, type DraftLine, decodeLine, draftLine } from './line.js';
import { type AuditQuery, listLines } from './list.js';
import type { LogSnapshot } from './open-log.js';
import type { Part } from './parts.js';
import { linesForward } from './read-lines.js';
import { type Refusal, RefusalLog } from './refusals.js';
import { verifyLog } from './verify.js';
import { AuditWriter } from './writer.js';

export type { AuditEvent } from './line.js';
export type { AuditQuery } from './list.js';
export type { Refusal } from './refusals.js';

/** Who did what to which thing, and when: append-only and chained, so that a change is found. */
export interface Audit {
  /**
   * On disk when it resolves. Call it before answering a change; order is kept.
   * @throws GatehouseError `AUDIT_UNAVAILABLE`; then no part of the line is kept
   */
  record(event: AuditEvent): Promise<void>;
  /** Counts a refused request. Never throws, never waits; see `RefusalLog` for what becomes a line. */
  refuse(refusal: Refusal): void;
  /** false after a write that failed, until one succeeds; the next `record` tries again. */
  readonly writable: boolean;
  /** Lines that wait for the disk. */
  readonly waiting: number;
  /**
   * Newest first.
   * @throws GatehouseError `BAD_REQUEST` for a foreign cursor; `AUDIT_UNAVAILABLE` when the log does not open
   */
  list(query: AuditQuery): Promise<PageOf<AuditLine>>;
  /**
   * @param whole - whether the asker may know of the log itself
   * @throws GatehouseError `AUDIT_UNAVAILABLE` when the log does not open
   */
  summary(query: SummarizeAudit, whole?: boolean): Promise<AuditSummary>;
  /** @throws GatehouseError `AUDIT_UNAVAILABLE` when the log does not open */
  verify(): Promise<AuditVerification>;
  /** Writes open counts and the head; afterwards `record` is refused. */
  close(): Promise<void>;
}

/**
 * Opens `<state>/audit`. A log that cannot be opened or written stops nothing here: `writable` is false, every `record`
 * is refused and tries again. A log that another hand changed goes on behind a line `audit.broken`; nothing that
 * stands in it is rewritten.
 * @param options.maxBytes - bound for all parts together; the oldest eighth goes when it is passed
 */
export async function openAudit(options: {
  readonly folder: DataFolder;
  readonly seal: Seal;
  readonly clock: Clock;
  readonly log: Logger;
  readonly maxBytes: number;
  /** Left out: nobody is told. */
  readonly announce?: Announce;
}): Promise<Audit> {
  const { clock, announce = UNHEARD } = options;
  const path = join(options.folder.statePath, 'audit');
  const chainKey = await openChainKey(options);
  const days: DayCounts = new DayCounts({ ...options, path, reading: (read) => writer.reading(read) });
  const written = days.add.bind(days);
  const writer = new AuditWriter({ ...options, path, chainKey: chainKey.key, written });
  const append = async (draft: DraftLine) => {
    await writer.append(draft);
    announce({ event: { type: 'audit.appended', id: null, organizationId: draft.organizationId ?? null } });
  };
  const refusals = new RefusalLog({ clock, append, waiting: () => writer.waiting });
  await writer.start();
  void days.fill();
  let lastCheck: NonNullable<AuditSummary['log']>['lastCheck'] = null;
  return {
    record: (event) => append(draftLine(event, toIso(clock.nowMs()))),
    refuse: (refusal) => refusals.add(refusal),
    get writable() {
      return writer.writable;
    },
    get waiting() {
      return writer.waiting;
    },
    list: (query) => writer.reading(({ parts }) => listLines(path, parts, query)),
    async summary({ days: count, organizationId }, whole = true) {
      const counted = await days.list(count, organizationId);
      return writer.reading(async (log) => ({
        days: counted.days,
        countedSince: counted.since,
        keptSince: log.first.seq > 1 ? await oldestAt(path, log.parts) : null,
        log: whole ? { ...standingOf(log), maxBytes: options.maxBytes, lastCheck } : null,
      }));
    },
    async verify() {
      const at = toIso(clock.nowMs());
      const found = await writer.reading((state) => verifyLog(path, state, chainKey));
      lastCheck = { at, ...found };
      return found;
    },
    async close() {
      refusals.flush();
      await writer.close();
      await days.close();
    },
  };
}

function standingOf({ first, last, parts, broken }: LogSnapshot) {
  return {
    firstSeq: first.seq,
    lastSeq: last.seq,
    bytes: parts.reduce((sum, part) => sum + part.bytes, 0),
    broken,
  };
}

/** When the oldest line was written that is kept. */
async function oldestAt(folder: string, parts: readonly Part[]): Promise<string | null> {
  for (const { name, bytes } of parts)
    for await (const line of linesForward(join(folder, name), bytes)) return decodeLine(line.bytes)?.line.at ?? null;
  return null;
}
