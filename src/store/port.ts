import type { Clock } from '../kernel/clock.js';
import type { Logger } from '../kernel/logger.js';
import type { DataFolder } from './data-folder.js';
import type { Change } from './differences.js';
import type { Draft } from './draft.js';
import type { Files } from './durable-file.js';

/** Records of one kind: read from memory, changed through the disk. */
export interface Collection<T extends { readonly id: string }> {
  readonly size: number;
  get(id: string): T | undefined;
  /** In the order of the file, which is the order of insertion. */
  values(): Iterable<T>;
  /** In reverse order, beginning in front of the record `beforeId`: a page of a long list, without a copy of the list. */
  newestFirst(beforeId?: string): Iterable<T>;
  /**
   * Runs `mutate` on a draft, after all changes asked for before it; resolves with its result once that is on disk.
   * `mutate` is synchronous and changes the draft alone: it runs again when the file was edited by hand meanwhile.
   * @throws what `mutate` or the collection's `parse` throws: then only this change is dropped
   * @throws GatehouseError `STORE_UNAVAILABLE` when it cannot be saved: neither disk nor memory changed, except after
   *   a failed sync of the folder, when both did and only a power cut could undo it
   */
  change<R>(mutate: (draft: Draft<T>) => R): Promise<R>;
  /** Called after each commit, for own changes and edits by hand alike. @returns how to stop it */
  subscribe(listener: (changes: readonly Change<T>[]) => void): () => void;
  /** Why changes are refused now, for operators (it names file and place), or `null`. After a failed write the next change tries again. */
  readonly fault: string | null;
  /** Refuses new changes, waits for those in flight, stops watching. */
  close(): Promise<void>;
}

export interface CollectionOptions<T> {
  readonly folder: DataFolder;
  /** Relative to the folder, e.g. `api-keys.json` or `.gatehouse/users.json`. */
  readonly file: string;
  /** Name of the array in the file, e.g. `keys`. */
  readonly member: string;
  readonly schemaVersion: number;
  /** From version n to n+1, a record at a time. */
  readonly migrations?: Readonly<Record<number, (record: unknown) => unknown>>;
  /** Throws on a bad record; the message names the field and quotes no secret. Records are plain JSON. */
  readonly parse: (record: unknown) => T;
  readonly clock: Clock;
  readonly log: Logger;
  /** How often the file is looked at for edits by hand; default 500 ms. */
  readonly pollMs?: number;
  readonly files?: Files;
}
