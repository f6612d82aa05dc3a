import { GatehouseError } from '../kernel/errors.js';
import type { DataFolder } from '../store/data-folder.js';
import type { StateFile } from '../store/state-file.js';
import { newFernetKey } from './fernet.js';
import { type Instance, type OldKey, withKey } from './instance-file.js';
import { KeyRing } from './key-ring.js';
import { replaceMasterKey, setMasterKeyAside } from './master-key.js';
import { fingerprintOf, refuseLocked, type SealLock } from './seal.js';

/** What operators do with the instance key. Every step leaves a state that the next start understands. */
export interface InstanceKeys {
  /** Where the key comes from, and where the next one has to be. */
  readonly source: 'MASTER_KEY' | 'master.key';
  /** Fingerprints of the keys that only open any more; empty when everything is sealed under the newest. */
  readonly old: readonly string[];
  /** Fingerprint of the key that counts from the next start on; `null`: none waits. */
  readonly staged: string | null;
  /**
   * Seals under another key from now on; the one before it opens until `forgetOld`. A key in `MASTER_KEY` cannot be
   * changed from here: the new one is prepared (`staged`), and counts once a start finds it there.
   * @throws GatehouseError `VAULT_LOCKED`, `CONFLICT`, `STORE_UNAVAILABLE`
   */
  rotate(key: Buffer): Promise<'current' | 'staged'>;
  /** Lets another key open. @returns its fingerprint @throws GatehouseError `VAULT_LOCKED`, `STORE_UNAVAILABLE` */
  addOld(key: Buffer): Promise<string>;
  /** Only when nothing is sealed under the old keys any more. */
  forgetOld(): Promise<void>;
  /**
   * For a key that is lost for good: from the next start on another one counts, the one in MASTER_KEY or one that is made.
   * What was sealed before stays as it is, and closed. A `master.key` that is there is set aside, never overwritten.
   * @param wanted - the fingerprint that the locked vault asks for, so that nobody does this by accident
   * @returns the fingerprint of the key that will count
   * @throws GatehouseError `CONFLICT` when the vault is open, or wants another key; `STORE_UNAVAILABLE`
   */
  startOver(wanted: string): Promise<string>;
}

/** @param options.usable - the keys, or why the vault is locked: then every act is refused */
export function instanceKeys(options: {
  readonly usable: KeyRing | SealLock;
  readonly file: StateFile<Instance>;
  readonly masterKeyPath: string;
  readonly source: InstanceKeys['source'];
  readonly folder: DataFolder;
}): InstanceKeys {
  const { usable, file, masterKeyPath, source, folder } = options;
  const current = (): KeyRing => (usable instanceof KeyRing ? usable : refuseLocked(usable));
  /** Other old keys beside the same newest one; a next key that waits goes on waiting. */
  const save = (oldKeys: readonly OldKey[]): Promise<void> => {
    const kept = withKey(file.value, current().fingerprint, oldKeys);
    return file.save(file.value.next === undefined ? kept : { ...kept, next: file.value.next });
  };
  return {
    source,
    get old() {
      return usable instanceof KeyRing ? usable.keys.slice(1).map(fingerprintOf) : [];
    },
    get staged() {
      // With a file, a next key that is still announced is one that a crash kept from being written: it is nowhere.
      return source === 'MASTER_KEY' ? (file.value.next?.fingerprint ?? null) : null;
    },
    async rotate(key) {
      const keys = current();
      const fingerprint = fingerprintOf(key);
      if (keys.keys.some((known) => known.equals(key)))
        throw new GatehouseError('CONFLICT', `newKey: ${fingerprint} is a key that is in use already.`);
      // Before the key counts anywhere, its own file says how everything else is opened with it.
      const oldKeys = sealedUnder(key, keys.keys);
      await file.save({ ...file.value, next: { fingerprint, oldKeys } });
      if (source === 'MASTER_KEY') return 'staged';
      await replaceMasterKey(masterKeyPath, key, folder);
      await file.save(withKey(file.value, fingerprint, oldKeys));
      keys.promote(key);
      return 'current';
    },
    async addOld(key) {
      const keys = current();
      const fingerprint = fingerprintOf(key);
      if (keys.keys.some((known) => known.equals(key))) return fingerprint;
      const [newest = key, ...old] = keys.keys;
      await save(sealedUnder(newest, [...old, key]));
      keys.addOld(key);
      return fingerprint;
    },
    async startOver(wanted) {
      if (usable instanceof KeyRing)
        throw new GatehouseError('CONFLICT', 'The vault is open. Its key is changed with secret-key rotate.');
      if (wanted !== usable.wanted)
        throw new GatehouseError('CONFLICT', `wanted: the vault asks for ${usable.wanted}. Name that, if it is lost.`);
      let fingerprint = usable.found;
      if (source === 'master.key' || fingerprint === null) {
        const key = newFernetKey();
        fingerprint = fingerprintOf(key);
        await setMasterKeyAside(masterKeyPath, key);
      }
      await file.save(withKey(file.value, fingerprint, []));
      return fingerprint;
    },
    async forgetOld() {
      const keys = current();
      if (keys.keys.length === 1) return;
      await save([]);
      keys.forgetOld();
    },
  };
}

/** Opens the old keys that stand beside the current one. @returns those that open */
export function openOldKeys(key: Buffer, oldKeys: readonly OldKey[]): Buffer[] {
  const ring = new KeyRing(key, [], NEVER);
  return oldKeys.flatMap(({ fingerprint, sealed }) => {
    try {
      return [ring.open(contextOf(fingerprint), sealed)];
    } catch {
      return [];
    }
  });
}

function sealedUnder(key: Buffer, others: readonly Buffer[]): OldKey[] {
  const ring = new KeyRing(key, [], NEVER);
  return others
    .filter((other) => !other.equals(key))
    .map((other) => {
      const fingerprint = fingerprintOf(other);
      return { fingerprint, sealed: ring.seal(contextOf(fingerprint), other) };
    });
}

function contextOf(fingerprint: string): string {
  return `instance-key/${fingerprint}`;
}

/** The time in these tokens says nothing to anybody. */
const NEVER = { nowMs: () => 0 };
