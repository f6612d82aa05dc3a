import { createHash, createHmac } from 'node:crypto';
import { type AuditChange, AuditLine } from '../contract/audit.js';
import { boundChanges } from './changes.js';

/** One thing that happened, as a room tells it. Values are facts, never secrets: keys by id or fingerprint. */
export interface AuditEvent {
  /** What was done, for example `key.create`. */
  action: string;
  /** Default `ok`. */
  outcome?: AuditLine['outcome'];
  /** Who: a principal's id. */
  actor: string;
  /** To which thing, by id. */
  target?: string | null;
  /** In which organization; left out and `null`: in none, and then operators alone see the line. */
  organizationId?: string | null;
  /** From which client address. */
  address?: string | null;
  requestId?: string | null;
  /** Flat facts; texts over 500 characters and lists over 50 entries are cut. */
  detail?: AuditLine['detail'];
  /** What `changesOf` tells of two views. */
  changes?: readonly AuditChange[];
}

/** A line that has its time but not yet its place in the chain. */
export type DraftLine = Omit<AuditLine, 'seq' | 'chain' | 'hash'>;

/** A place in the chain: the number of a line and its hash. */
export interface ChainPoint {
  readonly seq: number;
  readonly hash: string;
}

/** Before the first line ever. */
export const GENESIS: ChainPoint = { seq: 0, hash: 'genesis' };

/** Makes an event safe to keep: every text and list bounded, so that one caller cannot fill the log. */
export function draftLine(event: AuditEvent, at: string): DraftLine {
  const { kept, leftOut } = boundChanges(event.changes ?? []);
  const draft = {
    at,
    action: cut(event.action),
    outcome: event.outcome ?? 'ok',
    actor: cut(event.actor),
    target: cutOrNull(event.target),
    ...(event.organizationId == null ? {} : { organizationId: cut(event.organizationId) }),
    address: cutOrNull(event.address),
    requestId: cutOrNull(event.requestId),
    detail: boundDetail({ ...event.detail, ...(leftOut === 0 ? {} : { changesLeftOut: leftOut }) }),
    ...(kept.length === 0 ? {} : { changes: kept }),
  };
  const { length } = JSON.stringify(draft.detail);
  return length <= MAX_DETAIL_CHARACTERS ? draft : { ...draft, detail: { truncated: true, length } };
}

/**
 * Writes one line, ending in a line break, and the chain point it makes.
 * @param chainKey - null: chained by plain SHA-256 and marked so
 */
export function encodeLine(
  draft: DraftLine,
  previous: ChainPoint,
  chainKey: Buffer | null,
): { text: string; point: ChainPoint } {
  const seq = previous.seq + 1;
  // The order of the members is part of the format; `hash` comes last, so that the rest is what it covers.
  const json = JSON.stringify({ seq, ...draft, chain: chainKey === null ? 'sha256' : 'hmac' });
  const body = json.replace(RISKY, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
  const hash = hashOf(Buffer.from(body), previous.hash, chainKey);
  return { text: `${body.slice(0, -1)},"hash":"${hash}"}\n`, point: { seq, hash } };
}

/** A line as it stands on disk: its meaning, and the bytes that its hash covers. */
export interface DecodedLine {
  readonly line: AuditLine;
  readonly body: Buffer;
}

/** Reads one line without its line break; null when it is not an audit line. */
export function decodeLine(bytes: Buffer): DecodedLine | null {
  // The hash covers bytes, not meaning: other spacing or another order of members is a change too.
  const cutAt = bytes.length - HASH_SUFFIX_BYTES;
  if (cutAt <= 0 || !HASH_SUFFIX.test(bytes.toString('latin1', cutAt))) return null;
  try {
    const parsed = AuditLine.safeParse(JSON.parse(bytes.toString('utf8')));
    if (!parsed.success) return null;
    return { line: parsed.data, body: Buffer.concat([bytes.subarray(0, cutAt), Buffer.from('}')]) };
  } catch {
    return null;
  }
}

/** Whether the line follows `previousHash`; null when it is keyed and there is no key to tell. */
export function isLinked(decoded: DecodedLine, previousHash: string, chainKey: Buffer | null): boolean | null {
  const { chain, hash } = decoded.line;
  if (chain === 'hmac' && chainKey === null) return null;
  return hashOf(decoded.body, previousHash, chain === 'hmac' ? chainKey : null) === hash;
}

/** What JSON leaves as it is although it steers a terminal or breaks a line: DEL, C1 controls, line separators. */
const RISKY = /[\u007f-\u009f\u2028\u2029]/g;
const MAX_TEXT_CHARACTERS = 500;
const MAX_LIST_ENTRIES = 50;
const MAX_DETAIL_CHARACTERS = 8_000;
const HASH_SUFFIX = /^,"hash":"[A-Za-z0-9_-]{43}"\}$/;
const HASH_SUFFIX_BYTES = ',"hash":""}'.length + 43;

function hashOf(body: Buffer, previousHash: string, chainKey: Buffer | null): string {
  const hash = chainKey === null ? createHash('sha256') : createHmac('sha256', chainKey);
  // A hash holds no line break, so where it ends and the line begins cannot be moved.
  return hash.update(`${previousHash}\n`).update(body).digest('base64url');
}

function boundDetail(detail: AuditLine['detail']): AuditLine['detail'] {
  const bounded = Object.entries(detail).map(([name, value]) => [
    cut(name),
    typeof value === 'string' ? cut(value) : Array.isArray(value) ? value.slice(0, MAX_LIST_ENTRIES).map(cut) : value,
  ]);
  return Object.fromEntries(bounded) as AuditLine['detail'];
}

function cut(text: string): string {
  return text.length <= MAX_TEXT_CHARACTERS ? text : `${text.slice(0, MAX_TEXT_CHARACTERS)}…`;
}

function cutOrNull(text: string | null | undefined): string | null {
  return text === null || text === undefined ? null : cut(text);
}
