import { isDeepStrictEqual } from 'node:util';
import type { AuditChange } from '../contract/audit.js';

/** What stands for a value that the log does not keep: secrets, and what people may call their own. */
export const NOT_KEPT = '•••';

/**
 * What differs between two views of one thing, field by field. Give it only what is shown to anybody who may read
 * the thing: a log that cannot be rewritten is the wrong place for anything else.
 * @param before - `null`: it is new, and every field of it is a change
 * @param notKept - names of fields that changed and whose values are not kept
 */
export function changesOf(before: object | null, after: object, notKept: readonly string[] = []): AuditChange[] {
  const changes = [...fieldsOf('', before ?? {}, after)];
  return [...changes, ...notKept.map((field) => ({ field, before: NOT_KEPT, after: NOT_KEPT }))];
}

/** Makes changes safe to keep: bounded in number and length. @returns also how many did not fit */
export function boundChanges(changes: readonly AuditChange[]): { kept: AuditChange[]; leftOut: number } {
  const kept: AuditChange[] = [];
  let room = MAX_CHARACTERS;
  for (const change of changes.slice(0, MAX_CHANGES)) {
    const cut = { field: clip(change.field, 0), ...clipBoth(change.before, change.after) };
    room -= JSON.stringify(cut).length;
    if (room < 0) break;
    kept.push(cut);
  }
  return { kept, leftOut: changes.length - kept.length };
}

const MAX_CHANGES = 50;
const MAX_TEXT_CHARACTERS = 200;
/** Of a long text, what is shown of its beginning before the first difference. */
const LEAD_CHARACTERS = 40;
/** As a line of the log sees it, escapes and all. */
const MAX_CHARACTERS = 6_000;

function* fieldsOf(path: string, before: object, after: object): Generator<AuditChange> {
  const left = new Map<string, unknown>(Object.entries(before));
  const right = new Map<string, unknown>(Object.entries(after));
  for (const name of new Set([...left.keys(), ...right.keys()]))
    yield* valuesOf(path === '' ? name : `${path}.${name}`, left.get(name) ?? null, right.get(name) ?? null);
}

function* valuesOf(field: string, before: unknown, after: unknown): Generator<AuditChange> {
  if (isDeepStrictEqual(before, after)) return;
  if (isPlain(before) && isPlain(after)) yield* fieldsOf(field, before, after);
  else if (Array.isArray(before) && Array.isArray(after)) yield* entriesOf(field, before, after);
  else yield { field, before: textOf(before), after: textOf(after) };
}

/** Short lists as they are; of long ones, and of those whose entries have fields, the entries that came and went. */
function* entriesOf(field: string, before: readonly unknown[], after: readonly unknown[]): Generator<AuditChange> {
  const whole = { field, before: textOf(before), after: textOf(after) };
  const isShort = [whole.before, whole.after].every((text) => (text ?? '').length <= MAX_TEXT_CHARACTERS);
  const gone = without(before, after);
  const come = without(after, before);
  const isFlat = [...before, ...after].every((entry) => !isPlain(entry));
  if ((isFlat && isShort) || gone.length + come.length === 0) yield whole;
  else if (isFlat) yield { field, before: textOf(gone), after: textOf(come) };
  else {
    for (const entry of gone) yield { field, before: textOf(entry), after: null };
    for (const entry of come) yield { field, before: null, after: textOf(entry) };
  }
}

function without(entries: readonly unknown[], others: readonly unknown[]): unknown[] {
  const known = new Set(others.map((other) => JSON.stringify(other)));
  return entries.filter((entry) => !known.has(JSON.stringify(entry)));
}

function textOf(value: unknown): string | null {
  if (value === null || value === undefined) return null;
  if (Array.isArray(value) && value.every((entry) => typeof entry === 'string')) return value.join(', ');
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function isPlain(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function clipBoth(before: string | null, after: string | null): Pick<AuditChange, 'before' | 'after'> {
  const isLong = [before, after].some((text) => (text ?? '').length > MAX_TEXT_CHARACTERS);
  const from = isLong && before !== null && after !== null ? Math.max(0, firstDifference(before, after)) : 0;
  const start = from > MAX_TEXT_CHARACTERS / 2 ? from - LEAD_CHARACTERS : 0;
  return {
    before: before === null ? null : clip(before, start),
    after: after === null ? null : clip(after, start),
  };
}

function clip(text: string, start: number): string {
  const end = start + MAX_TEXT_CHARACTERS;
  // Whole characters only: half of a pair is no text.
  const shown = text.slice(start, end).replace(/^[\udc00-\udfff]|[\ud800-\udbff]$/g, '');
  return `${start > 0 ? '…' : ''}${shown}${text.length > end ? '…' : ''}`;
}

function firstDifference(left: string, right: string): number {
  let at = 0;
  while (at < left.length && left[at] === right[at]) at += 1;
  return at;
}
