import * as z from 'zod';
import { Timestamp } from '../contract/fields.js';
import { type Clock, toIso } from '../kernel/clock.js';
import { GatehouseError } from '../kernel/errors.js';
import { FernetError, newFernetKey, openFernet, sealFernet } from '../seal/fernet.js';
import type { Resealed, Seal } from '../seal/instance-key.js';
import { fingerprintOf } from '../seal/seal.js';
import type { Collection } from '../store/collection.js';

const Fingerprint = z.string().regex(/^[0-9a-f]{16}$/);

/** One line of `.gatehouse/workspace-keys.json`: a Fernet key of one workspace, wrapped by the instance key. */
export const WorkspaceKeyRecord = z.strictObject({
  /** Fingerprint of the key: it stands beside every token that the key sealed. */
  id: Fingerprint,
  workspaceId: z.string(),
  wrapped: z.string(),
  /** Fingerprint of the instance key that wraps it. */
  wrappedBy: Fingerprint,
  createdAt: Timestamp,
  /** From then on it only opens. */
  retiredAt: Timestamp.nullable(),
});
export type WorkspaceKeyRecord = z.infer<typeof WorkspaceKeyRecord>;

/** A Fernet token, and the fingerprint of the workspace key that opens it. */
export const SealedValue = z.strictObject({ keyId: Fingerprint, token: z.string() });
export type SealedValue = z.infer<typeof SealedValue>;

/** Whether a sealed value could be opened now, as far as keys decide; `wants`: fingerprint of the key that is not here. */
export type KeyState =
  | { readonly state: 'ready'; readonly wants: null }
  | { readonly state: 'locked' | 'key_missing'; readonly wants: string };

/** The keys that the values of each workspace are sealed under: the newest seals, the others open. */
export class WorkspaceKeys {
  readonly #records: Collection<WorkspaceKeyRecord>;
  readonly #seal: Seal;
  readonly #clock: Clock;

  constructor(records: Collection<WorkspaceKeyRecord>, seal: Seal, clock: Clock) {
    this.#records = records;
    this.#seal = seal;
    this.#clock = clock;
  }

  of(workspaceId: string): WorkspaceKeyRecord[] {
    return [...this.#records.values()].filter((record) => record.workspaceId === workspaceId);
  }

  all(): Iterable<WorkspaceKeyRecord> {
    return this.#records.values();
  }

  /** Makes sure that there is a key to seal with. @throws GatehouseError `VAULT_LOCKED`, `STORE_UNAVAILABLE` */
  async ensure(workspaceId: string): Promise<void> {
    if (this.sealing(workspaceId) === null) await this.add(workspaceId, newFernetKey());
  }

  /** The key that seals; `null`: none was made yet, or the instance key that wraps it is not here. */
  sealing(workspaceId: string): WorkspaceKeyRecord | null {
    return (
      this.of(workspaceId).findLast((record) => record.retiredAt === null && this.#unwrap(record) !== null) ?? null
    );
  }

  /** Whether it is a key of this workspace that only opens any more, and can. */
  isRetired(workspaceId: string, keyId: string): boolean {
    const record = this.#records.get(keyId);
    return record?.workspaceId === workspaceId && record.retiredAt !== null && this.#unwrap(record) !== null;
  }

  /** Adds a key that seals from now on; those before it only open. @returns its fingerprint */
  async add(workspaceId: string, key: Buffer): Promise<string> {
    const record = this.#wrap(workspaceId, key, null);
    await this.#records.change((draft) => {
      for (const other of [...draft.values()])
        if (other.workspaceId === workspaceId && other.retiredAt === null)
          draft.put({ ...other, retiredAt: record.createdAt });
      draft.put(record);
    });
    return record.id;
  }

  /** Adds a key that only opens. @returns its fingerprint */
  async addOld(workspaceId: string, key: Buffer): Promise<string> {
    const record = this.#wrap(workspaceId, key, toIso(this.#clock.nowMs()));
    await this.#records.change((draft) => {
      const known = draft.get(record.id);
      if (known !== undefined && known.workspaceId !== workspaceId)
        throw new GatehouseError('CONFLICT', `key: ${record.id} is the key of another workspace.`);
      draft.put(known === undefined ? record : { ...record, createdAt: known.createdAt, retiredAt: known.retiredAt });
    });
    return record.id;
  }

  /** Forgets retired keys of a workspace that seal nothing any more. */
  async forget(workspaceId: string, isUsed: (keyId: string) => boolean): Promise<void> {
    const idle = this.of(workspaceId).filter(({ id, retiredAt }) => retiredAt !== null && !isUsed(id));
    if (idle.length === 0) return;
    await this.#records.change((draft) => {
      for (const { id } of idle) draft.remove(id);
    });
  }

  /**
   * Seals a JSON document under the workspace's newest key. Fernet has no associated data: whatever the document must
   * not be separated from stands inside it, and is compared after opening.
   * @throws GatehouseError `VAULT_LOCKED`; Error when `ensure` was not called
   */
  seal(workspaceId: string, document: unknown): SealedValue {
    const record = this.sealing(workspaceId);
    const key = record === null ? null : this.#unwrap(record);
    if (record === null || key === null) {
      // Locked vaults say what they want; everything else is a mistake of ours.
      this.#seal.seal('', Buffer.alloc(0));
      throw new Error('a workspace key is made before anything is sealed');
    }
    return { keyId: record.id, token: sealFernet(key, Buffer.from(JSON.stringify(document)), this.#clock.nowMs()) };
  }

  /**
   * @throws GatehouseError `VAULT_LOCKED` naming the wanted key when one is missing; `CREDENTIAL_UNREADABLE` for a token
   *   that was changed or sealed under a key of another workspace
   */
  open(workspaceId: string, { keyId, token }: SealedValue): unknown {
    const state = this.stateOf(workspaceId, keyId);
    if (state.state !== 'ready')
      throw new GatehouseError(
        'VAULT_LOCKED',
        `The key with fingerprint ${state.wants} is wanted. An operator can give it (secret-key add-old), or the value is entered again.`,
      );
    const record = this.#records.get(keyId);
    const key = record === undefined ? null : this.#unwrap(record);
    if (key === null) throw unreadable();
    try {
      const options = { nowMs: this.#clock.nowMs(), maxAgeSeconds: null };
      return JSON.parse(openFernet(key, token, options).toString('utf8')) as unknown;
    } catch (error) {
      if (error instanceof FernetError || error instanceof SyntaxError) throw unreadable();
      throw error;
    }
  }

  stateOf(workspaceId: string, keyId: string): KeyState {
    if (this.#seal.locked !== null) return { state: 'locked', wants: this.#seal.locked.wanted };
    const record = this.#records.get(keyId);
    if (record === undefined || record.workspaceId !== workspaceId) return { state: 'key_missing', wants: keyId };
    return this.#unwrap(record) === null
      ? { state: 'key_missing', wants: record.wrappedBy }
      : { state: 'ready', wants: null };
  }

  /** Wraps every key by the instance key that seals now. */
  renewSeals(): Promise<Resealed> {
    return this.#records.change((draft) => {
      let unreadable = 0;
      let renewed = 0;
      for (const record of [...draft.values()]) {
        const key = this.#unwrap(record);
        if (key === null) unreadable += 1;
        else if (record.wrappedBy !== this.#seal.fingerprint) {
          draft.put({ ...this.#wrap(record.workspaceId, key, record.retiredAt), createdAt: record.createdAt });
          renewed += 1;
        }
      }
      return { renewed, unreadable };
    });
  }

  #wrap(workspaceId: string, key: Buffer, retiredAt: string | null): WorkspaceKeyRecord {
    const id = fingerprintOf(key);
    const wrapped = this.#seal.seal(contextOf(workspaceId, id), key);
    const createdAt = toIso(this.#clock.nowMs());
    return { id, workspaceId, wrapped, wrappedBy: this.#seal.fingerprint ?? '', createdAt, retiredAt };
  }

  /** `null`: the instance key that wraps it is not here, or the line was changed. */
  #unwrap({ id, workspaceId, wrapped }: WorkspaceKeyRecord): Buffer | null {
    try {
      return this.#seal.open(contextOf(workspaceId, id), wrapped);
    } catch {
      return null;
    }
  }
}

function contextOf(workspaceId: string, id: string): string {
  return `workspace-key/${workspaceId}/${id}`;
}

export function unreadable(): GatehouseError {
  return new GatehouseError(
    'CREDENTIAL_UNREADABLE',
    'What is sealed does not fit the record it stands in: one of them was changed or moved by hand. Enter it again, or restore a backup.',
  );
}
