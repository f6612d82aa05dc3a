import { type Clock, toIso } from '../kernel/clock.js';
import type { Logger } from '../kernel/logger.js';
import type { DataFolder } from '../store/data-folder.js';
import { ensureFolder } from './append-file.js';
import { type FirstKept, type Head, openHead } from './head.js';
import { type AuditEvent, type ChainPoint, type DraftLine, draftLine } from './line.js';
import { listParts, type Part } from './parts.js';
import { cutTornEnd, examineTail } from './tail.js';
import { finishTrim, firstKept } from './trim.js';

/** The log as far as it is on disk. */
export interface LogState {
  /** Oldest first; the last one is written to. */
  readonly parts: Part[];
  readonly head: Head;
  last: ChainPoint;
  first: FirstKept;
  /** What was found wrong when it was opened. */
  readonly broken: string | null;
}

/** The state between two writes, as a reader gets it. */
export interface LogSnapshot extends LogState {
  /** What the folder held at that moment, whoever put it there; the last part without a failed write's leftovers. */
  readonly onDisk: readonly Part[];
}

export interface LogOptions {
  readonly folder: DataFolder;
  /** `<state>/audit` */
  readonly path: string;
  readonly chainKey: Buffer | null;
  readonly clock: Clock;
  readonly log: Logger;
  /** Bound for all parts together. */
  readonly maxBytes: number;
}

/**
 * Finds where the log ends and what a crash or another hand did to it.
 * @returns `notes`: what the log has to say about that before its next line
 */
export async function openLog(options: LogOptions): Promise<{ state: LogState; notes: DraftLine[] }> {
  const { folder, path, chainKey, clock, log } = options;
  const note = (action: string, outcome: 'ok' | 'failed', detail: AuditEvent['detail'] = {}) =>
    draftLine({ action, outcome, actor: 'gatehouse', detail }, toIso(clock.nowMs()));
  await folder.assertOwned();
  await ensureFolder(path);
  const parts = await listParts(path);
  const newest = parts.at(-1);
  const bytesCut = newest === undefined ? 0 : await cutTornEnd(path, newest);
  const head = await openHead({ folder, chainKey, log });
  const tail = await examineTail(path, parts, head, chainKey);
  const notes: DraftLine[] = [];
  if (newest !== undefined && bytesCut > 0) {
    log.warn('the last audit line was torn by a crash and is cut', { part: newest.name, bytes: bytesCut });
    notes.push(note('audit.repaired', 'ok', { part: newest.name, bytesCut, lastSeq: tail.last.seq }));
  }
  if (tail.broken !== null) {
    log.error('the audit log was changed: run audit verify', { reason: tail.broken });
    notes.push(note('audit.broken', 'failed', { reason: tail.broken, lastSeq: tail.last.seq }));
  }
  // A keyed line covers the unkeyed ones before it: the sooner, the shorter they can be rewritten.
  if (tail.unkeyed && chainKey !== null) notes.push(note('audit.keyed', 'ok', { throughSeq: tail.last.seq }));
  const first = await firstKept(path, parts, head);
  if (head.fault === null) await finishTrim(path, parts, first.seq);
  // Before any line: from now on a log without a head means that somebody took it away.
  if (!head.existed && parts.length === 0) await head.save(tail.last, first);
  return { state: { parts, head, last: tail.last, first, broken: tail.broken }, notes };
}
