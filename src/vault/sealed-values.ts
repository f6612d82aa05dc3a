import type { Resealed } from '../seal/instance-key.js';
import type { Collection, Draft } from '../store/collection.js';
import type { CredentialStore } from './credential-store.js';
import { openCredential, type Stored, sealCredential } from './record.js';
import { openSecret, type SecretRecord, sealSecret } from './secrets.js';
import type { SealedValue, WorkspaceKeys } from './workspace-keys.js';

export interface SealedValuesOptions {
  readonly keys: WorkspaceKeys;
  readonly credentials: CredentialStore;
  readonly secrets: Collection<Stored>;
  readonly readSecret: (stored: Stored) => SecretRecord | null;
}

/** One value as the operators' lists name it. */
export interface NamedValue {
  readonly kind: 'credentials' | 'secrets';
  /** A credential's id, a secret's name. */
  readonly name: string;
  readonly workspaceId: string;
  readonly keyId: string;
}

/** Everything that is sealed under keys of workspaces, whatever it is. */
export class SealedValues {
  readonly #o: SealedValuesOptions;

  constructor(options: SealedValuesOptions) {
    this.#o = options;
  }

  *all(): Iterable<NamedValue> {
    for (const { id, workspaceId, sealed } of this.#o.credentials.readable())
      yield { kind: 'credentials', name: id, workspaceId, keyId: sealed.keyId };
    for (const stored of this.#o.secrets.values()) {
      const record = this.#o.readSecret(stored);
      if (record === null) continue;
      yield { kind: 'secrets', name: record.name, workspaceId: record.workspaceId, keyId: record.sealed.keyId };
    }
  }

  keyIdsIn(workspaceId: string): string[] {
    return [...this.all()].filter((value) => value.workspaceId === workspaceId).map(({ keyId }) => keyId);
  }

  /** Seals what opens under the workspace's newest key; each file in one change. What does not open stays as it is. */
  async renewSeals(workspaceId: string): Promise<Resealed> {
    const { keys, credentials, secrets, readSecret } = this.#o;
    const newest = keys.sealing(workspaceId)?.id;
    const sealedAnew = <T extends { workspaceId: string; sealed: SealedValue }>(
      draft: Draft<Stored>,
      read: (stored: Stored) => T | null,
      seal: (record: T) => SealedValue,
    ): Resealed => {
      let renewed = 0;
      let unreadable = 0;
      for (const stored of [...draft.values()]) {
        const record = read(stored);
        if (record === null || record.workspaceId !== workspaceId || record.sealed.keyId === newest) continue;
        try {
          draft.put({ ...stored, sealed: seal(record) });
          renewed += 1;
        } catch {
          unreadable += 1;
        }
      }
      return { renewed, unreadable };
    };
    const first = await credentials.records.change((draft) =>
      sealedAnew(draft, credentials.read, (record) => sealCredential(keys, record, openCredential(keys, record))),
    );
    const second = await secrets.change((draft) =>
      sealedAnew(draft, readSecret, (record) => sealSecret(keys, record, openSecret(keys, record))),
    );
    return { renewed: first.renewed + second.renewed, unreadable: first.unreadable + second.unreadable };
  }
}
