import { join } from 'node:path';
import type { AuditLine, AuditVerification } from '../contract/audit.js';
import type { PageOf } from '../contract/fields.js';
import { type Clock, toIso } from '../kernel/clock.js';
import { type Announce, UNHEARD } from '../kernel/happening.js';
import type { Logger } from '../kernel/logger.js';
import type { Seal } from '../seal/instance-key.js';
import type { DataFolder } from '../store/data-folder.js';
import { openChainKey } from './chain-key.js';
import { type AuditEvent, type DraftLine, draftLine } from './line.js';
import { type AuditQuery, listLines } from './list.js';
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
  const writer = new AuditWriter({ ...options, path, chainKey: chainKey.key });
  const append = async (draft: DraftLine) => {
    await writer.append(draft);
    announce({ event: { type: 'audit.appended', id: null, organizationId: draft.organizationId ?? null } });
  };
  const refusals = new RefusalLog({ clock, append, waiting: () => writer.waiting });
  await writer.start();
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
    verify: () => writer.reading((state) => verifyLog(path, state, chainKey)),
    async close() {
      refusals.flush();
      await writer.close();
    },
  };
}
