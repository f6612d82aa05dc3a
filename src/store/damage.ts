import { GatehouseError } from '../kernel/errors.js';
import type { FileIdentity } from './durable-file.js';

/** What is wrong with a file, and where; the reason holds no content of the file beyond names and ids. */
export class Damage extends Error {
  readonly reason: string;
  /** Byte the fault begins at, from 0; `undefined` when it is about the file as a whole. */
  readonly offset: number | undefined;
  /** The state of the file that is damaged, so that it is not read again before it changes. */
  readonly identity: FileIdentity | undefined;

  constructor(reason: string, offset?: number, identity?: FileIdentity) {
    super(reason);
    this.reason = reason;
    this.offset = offset;
    this.identity = identity;
  }
}

/** The fault as a sentence with its place, e.g. `/data/api-keys.json, line 3 (byte 412): record 2: …`. */
export function describeDamage(path: string, damage: Damage, bytes?: Buffer): string {
  if (damage.offset === undefined || bytes === undefined) return `${path}: ${damage.reason}`;
  return `${path}, line ${lineOf(bytes, damage.offset)} (byte ${damage.offset}): ${damage.reason}`;
}

/** What is said of a file that a later version has written. */
export function newerVersion(found: number, known: number): string {
  return (
    `it was written by a newer Gatehouse: its schemaVersion is ${found}, this one reads up to ${known}; ` +
    'start the newer Gatehouse, or restore the file from before the update'
  );
}

/** The error that stops a start: a damaged file is never overwritten and never taken for an empty one. */
export function damagedAtStart(description: string): GatehouseError {
  return new GatehouseError(
    'STORE_UNAVAILABLE',
    `${description}. Mend the file by hand or put a good copy in its place, then start again; nothing was overwritten.`,
  );
}

function lineOf(bytes: Buffer, offset: number): number {
  let line = 1;
  for (let at = bytes.indexOf(0x0a); at !== -1 && at < offset; at = bytes.indexOf(0x0a, at + 1)) line += 1;
  return line;
}
