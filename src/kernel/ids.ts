import { randomInt } from 'node:crypto';
import { randomBase62 } from './base62.js';

/** Prefixes of ids that Gatehouse makes. */
export type IdPrefix = 'key' | 'cred' | 'job' | 'own' | 'ins' | 'jti' | 'usr' | 'org' | 'ses' | 'inv' | 'prm' | 'pky';

/** A new id such as `key_` and 22 base62 characters (128 random bits). */
export function newId(prefix: IdPrefix): string {
  return `${prefix}_${randomBase62(16)}`;
}

const COUNTER_CHARACTERS = 8;
/** Every byte as two characters: four look-ups are a fifth of the price of formatting a number. */
const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

/** How far a series of request ids is: a random beginning, and a number that goes through all of 32 bits once. */
let series = { beginning: '', number: 0, left: 0 };

/**
 * A new id of a request: `req_` and 22 letters and digits. It names and grants nothing, so it need not be as hard to
 * guess as other ids: only its beginning is random, and nothing is drawn for most requests. Its end does not count up
 * visibly, so that nobody reads off two answers how many others there were.
 */
export function newRequestId(): string {
  if (series.left === 0) {
    const beginning = `req_${randomBase62(16).slice(0, 22 - COUNTER_CHARACTERS)}`;
    series = { beginning, number: randomInt(2 ** 32), left: 2 ** 32 };
  }
  series.left -= 1;
  // An odd step visits every number of 32 bits before one comes again.
  const number = (series.number + 0x9e3779b1) >>> 0;
  series.number = number;
  const end = `${HEX[number >>> 24]}${HEX[(number >>> 16) & 255]}${HEX[(number >>> 8) & 255]}${HEX[number & 255]}`;
  return series.beginning + end;
}
