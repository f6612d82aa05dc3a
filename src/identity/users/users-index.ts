import type { Collection } from '../../store/collection.js';
import type { UserRecord } from './record.js';

/** Finds people: by id, by the one spelling of their address, by a one-time link or a passkey of theirs. */
export class UsersIndex {
  readonly #records: Collection<UserRecord>;
  readonly #byEmail = new Map<string, string>();
  /** Digest of a link or an invite to user id. */
  readonly #byLink = new Map<string, string>();
  /** What an authenticator calls a passkey, to user id. */
  readonly #byCredential = new Map<string, string>();

  constructor(records: Collection<UserRecord>) {
    this.#records = records;
    for (const record of records.values()) this.#learn(record);
    records.subscribe((changes) => {
      // All removals first: by hand, an address may move from one record to another in one edit.
      for (const { before } of changes) this.#forget(before);
      for (const { after } of changes) this.#learn(after);
    });
  }

  get(id: string): UserRecord | undefined {
    return this.#records.get(id);
  }

  /** @param emailKey - as `parseEmail` spells it */
  byEmail(emailKey: string): UserRecord | undefined {
    return this.#of(this.#byEmail, emailKey);
  }

  /** Whose reset link, confirmation or invite it is; whether it is still good is not looked at. */
  byLink(digest: string): UserRecord | undefined {
    return this.#of(this.#byLink, digest);
  }

  /** Whose passkey it is. */
  byCredential(credentialId: string): UserRecord | undefined {
    return this.#of(this.#byCredential, credentialId);
  }

  #of(index: ReadonlyMap<string, string>, name: string): UserRecord | undefined {
    const id = index.get(name);
    return id === undefined ? undefined : this.#records.get(id);
  }

  #learn(record: UserRecord | undefined): void {
    if (record === undefined) return;
    this.#byEmail.set(record.emailKey, record.id);
    for (const { digest } of [...record.links, ...record.invites]) this.#byLink.set(digest, record.id);
    for (const { credentialId } of record.passkeys ?? []) this.#byCredential.set(credentialId, record.id);
  }

  #forget(record: UserRecord | undefined): void {
    if (record === undefined) return;
    if (this.#byEmail.get(record.emailKey) === record.id) this.#byEmail.delete(record.emailKey);
    for (const { digest } of [...record.links, ...record.invites]) this.#byLink.delete(digest);
    for (const { credentialId } of record.passkeys ?? []) this.#byCredential.delete(credentialId);
  }
}
