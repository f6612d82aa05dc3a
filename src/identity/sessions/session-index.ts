import type { Collection } from '../../store/collection.js';
import type { SessionRecord } from './record.js';

/** Finds sessions by what a cookie holds, and all of one user. */
export class SessionIndex {
  readonly #records: Collection<SessionRecord>;
  readonly #byCookie = new Map<string, string>();
  readonly #byUser = new Map<string, Set<string>>();

  constructor(records: Collection<SessionRecord>) {
    this.#records = records;
    for (const record of records.values()) this.#learn(record);
    records.subscribe((changes) => {
      for (const { before } of changes) this.#forget(before);
      for (const { after } of changes) this.#learn(after);
    });
  }

  get(id: string): SessionRecord | undefined {
    return this.#records.get(id);
  }

  byCookie(digest: string): SessionRecord | undefined {
    const id = this.#byCookie.get(digest);
    return id === undefined ? undefined : this.#records.get(id);
  }

  ofUser(userId: string): SessionRecord[] {
    return [...(this.#byUser.get(userId) ?? [])].flatMap((id) => this.#records.get(id) ?? []);
  }

  #learn(record: SessionRecord | undefined): void {
    if (record === undefined) return;
    if (record.kind === 'cookie') this.#byCookie.set(record.digest, record.id);
    const ids = this.#byUser.get(record.userId);
    if (ids === undefined) this.#byUser.set(record.userId, new Set([record.id]));
    else ids.add(record.id);
  }

  #forget(record: SessionRecord | undefined): void {
    if (record === undefined) return;
    this.#byCookie.delete(record.digest);
    const ids = this.#byUser.get(record.userId);
    ids?.delete(record.id);
    if (ids?.size === 0) this.#byUser.delete(record.userId);
  }
}
