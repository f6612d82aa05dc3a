import { Damage } from './damage.js';

const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const BACKSLASH = 0x5c;
const OPEN_LIST = 0x5b;
const CLOSE_LIST = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

export const BYTE = { COMMA, COLON, OPEN_LIST, CLOSE_LIST, OPEN_OBJECT, CLOSE_OBJECT, NEWLINE: 0x0a } as const;

/** Position of the next byte that is not JSON white space; the length of `bytes` when there is none. */
export function skipSpace(bytes: Buffer, from: number): number {
  let at = from;
  for (let byte = bytes[at]; byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09; byte = bytes[at])
    at += 1;
  return at;
}

/**
 * Position behind the value that starts at `from`. Only brackets and quotes are looked at, since that finds the end
 * at about a byte a nanosecond; whether the inside is JSON is for `JSON.parse` to say.
 * @throws Damage when the file ends inside the value
 */
export function endOfValue(bytes: Buffer, from: number): number {
  const { length } = bytes;
  let depth = 0;
  let at = from;
  while (at < length) {
    const byte = bytes[at];
    if (byte === QUOTE) {
      at += 1;
      while (at < length && bytes[at] !== QUOTE) at += bytes[at] === BACKSLASH ? 2 : 1;
      if (at >= length) break;
      if (depth === 0) return at + 1;
    } else if (byte === OPEN_OBJECT || byte === OPEN_LIST) depth += 1;
    else if (byte === CLOSE_OBJECT || byte === CLOSE_LIST) {
      // At depth 0 this bracket belongs to what is around a bare number or word.
      if (depth === 0) return at;
      depth -= 1;
      if (depth === 0) return at + 1;
    } else if (depth === 0 && (byte === COMMA || byte === COLON)) return at;
    at += 1;
  }
  if (depth === 0 && bytes[from] !== QUOTE) return length;
  throw new Damage('the file ends in the middle of this value: it was cut off', from);
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** The JSON value in `bytes[from, to)`. @throws Damage when it is not UTF-8 or not JSON */
export function parseSlice(bytes: Buffer, from: number, to: number): unknown {
  const text = decodeSlice(bytes, from, to);
  try {
    return JSON.parse(text);
  } catch {
    // The message of JSON.parse quotes the file, which may hold what a log must not.
    throw new Damage(`not valid JSON${text.includes('\0') ? ': it holds NUL bytes, as after a crash' : ''}`, from);
  }
}

/** @throws Damage when it is not UTF-8 */
export function decodeSlice(bytes: Buffer, from: number, to: number): string {
  try {
    return utf8.decode(bytes.subarray(from, to));
  } catch {
    throw new Damage('not valid UTF-8', from);
  }
}

/** Whether a text can spell `__proto__`, plainly or by escapes; without either there is nothing to walk for. */
export function mayHoldProto(text: string): boolean {
  return text.includes('__proto__') || text.includes('\\u');
}

/**
 * Whether there is a member `__proto__` anywhere in a parsed value. `JSON.parse` keeps it as an own member,
 * and the first `Object.assign` turns it into the prototype.
 */
export function holdsProto(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (Array.isArray(value)) return value.some(holdsProto);
  return Object.hasOwn(value, '__proto__') || Object.values(value).some(holdsProto);
}

/** Refuses what no JSON document begins with. @throws Damage */
export function checkBeginning(bytes: Buffer): void {
  if (bytes.length === 0) throw new Damage('the file is empty (0 bytes)', 0);
  if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) {
    throw new Damage('the file begins with a byte order mark; save it as UTF-8 without one', 0);
  }
  if (bytes[0] === 0) throw new Damage('the file begins with NUL bytes, as after a crash', 0);
}

export function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Where lines begin between two places, the first one included. */
export function lineStarts(bytes: Buffer, from: number, to: number): number[] {
  const starts = [from];
  for (let at = bytes.indexOf(BYTE.NEWLINE, from); at !== -1 && at < to; at = bytes.indexOf(BYTE.NEWLINE, at + 1)) {
    starts.push(at + 1);
  }
  return starts;
}
