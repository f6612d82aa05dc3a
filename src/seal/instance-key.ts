import { join } from 'node:path';
import type { Clock } from '../kernel/clock.js';
import { describeError, type Logger } from '../kernel/logger.js';
import type { DataFolder } from '../store/data-folder.js';
import type { StateFile } from '../store/state-file.js';
import { newFernetKey } from './fernet.js';
import { type Instance, openInstanceFile, withKey } from './instance-file.js';
import { type InstanceKeys, instanceKeys, openOldKeys } from './instance-keys.js';
import { KeyRing } from './key-ring.js';
import { type MasterKeyFile, readMasterKey, writeMasterKey } from './master-key.js';
import { fingerprintOf, lockedSeal, type Seal, type SealLock } from './seal.js';

export type { InstanceKeys } from './instance-keys.js';
export type { Resealed, Seal, SealLock } from './seal.js';

export interface InstanceFacts {
  /** `ins_…`: made on first run, the same ever after. */
  readonly instanceId: string;
}

/**
 * Finds the instance key and opens the seal over it. A wrong, lost or damaged key never stops the start: the seal is
 * locked, nothing on disk is changed, and the log says which fingerprint is wanted.
 * `master.key` is made only when no key is given, no file is there and no fingerprint was ever recorded.
 * @param options.masterKey - the parsed `MASTER_KEY`; null: the file in the data folder decides
 * @throws whatever `openStateFile` throws for an `instance.json` that is there but not readable
 */
export async function openSeal(options: {
  readonly folder: DataFolder;
  readonly masterKey: Buffer | null;
  readonly clock: Clock;
  readonly log: Logger;
}): Promise<{ seal: Seal; instance: InstanceFacts; keys: InstanceKeys }> {
  const { folder, masterKey, clock, log } = options;
  const file = await openInstanceFile({ folder, clock, log });
  const path = join(folder.statePath, 'master.key');
  const found = await readMasterKey(path);
  if (found.kind === 'key' && found.exposedMode !== null) {
    const mode = found.exposedMode.toString(8).padStart(4, '0');
    log.warn('master.key can be read by others; run: chmod 600 on it', { path, mode });
  }
  const choice = chooseKey(file.value, masterKey, found);
  const usable = choice.kind === 'locked' ? choice.lock : await settle(choice, { path, file, log });
  if (!Buffer.isBuffer(usable)) {
    // The id has to stay the same from the first start on, also when that one found no usable key.
    if (file.value.keyFingerprint === null) await file.save(file.value).catch(() => undefined);
    log.error('the vault is locked', { wanted: usable.wanted, found: usable.found, remedy: usable.remedy });
  }
  const at = { file, masterKeyPath: path, source: masterKey === null ? 'master.key' : 'MASTER_KEY', folder } as const;
  const instance = { instanceId: file.value.instanceId };
  if (!Buffer.isBuffer(usable)) return { seal: lockedSeal(usable), instance, keys: instanceKeys({ ...at, usable }) };
  const ring = ringOf(usable, file.value, clock, log);
  return { seal: ring, instance, keys: instanceKeys({ ...at, usable: ring }) };
}

function ringOf(key: Buffer, { oldKeys = [] }: Instance, clock: Clock, log: Logger): KeyRing {
  const old = openOldKeys(key, oldKeys);
  if (old.length < oldKeys.length)
    log.error('instance.json names an old key that does not open', { count: oldKeys.length - old.length });
  return new KeyRing(key, old, clock);
}

type Choice =
  | { readonly kind: 'use'; readonly key: Buffer }
  /** First use of this key: its fingerprint has to be recorded before anything is sealed under it. */
  | { readonly kind: 'record'; readonly key: Buffer }
  | { readonly kind: 'make'; readonly over: 'missing' | 'empty' }
  | { readonly kind: 'locked'; readonly lock: SealLock };

/** Which key counts. Pure: every combination of recorded, given and found has its line here. */
function chooseKey(instance: Instance, given: Buffer | null, file: MasterKeyFile): Choice {
  const recorded = instance.keyFingerprint;
  const key = given ?? (file.kind === 'key' ? file.key : null);
  if (key !== null) {
    const fingerprint = fingerprintOf(key);
    // None recorded although master.key exists: the first run ended between the two writes. It is finished now.
    if (recorded === null) return { kind: 'record', key };
    if (recorded === fingerprint) return { kind: 'use', key };
    // A rotation had come so far, or waited for this start: the rest of it follows from `oldKeys`.
    if (instance.next?.fingerprint === fingerprint) return { kind: 'record', key };
    return { kind: 'locked', lock: { wanted: recorded, found: fingerprint, remedy: otherKey(recorded, given, file) } };
  }
  if (recorded === null && (file.kind === 'missing' || file.kind === 'empty')) return { kind: 'make', over: file.kind };
  return { kind: 'locked', lock: { wanted: recorded ?? 'unknown', found: null, remedy: noKey(file) } };
}

function otherKey(wanted: string, given: Buffer | null, file: MasterKeyFile): string {
  if (given === null)
    return 'master.key holds another key: put the right one back, or set MASTER_KEY to it, and restart';
  return file.kind === 'key' && fingerprintOf(file.key) === wanted
    ? 'MASTER_KEY holds another key, while master.key is the right one: take MASTER_KEY away and restart'
    : 'MASTER_KEY holds another key: set it to the one with the wanted fingerprint and restart';
}

function noKey(file: MasterKeyFile): string {
  if (file.kind === 'unreadable')
    return `master.key cannot be read (${file.errno}): mend its owner or mode and restart`;
  if (file.kind === 'missing')
    return 'no key is given: set MASTER_KEY, or put master.key back from a backup, and restart';
  return 'master.key is damaged: put it back from a backup, or set MASTER_KEY, and restart';
}

/** Makes the key when there is none, and records its fingerprint when there is none; then it may be used. */
async function settle(
  choice: Exclude<Choice, { kind: 'locked' }>,
  at: { readonly path: string; readonly file: StateFile<Instance>; readonly log: Logger },
): Promise<Buffer | SealLock> {
  if (choice.kind === 'use') return choice.key;
  const key = choice.kind === 'make' ? newFernetKey() : choice.key;
  const keyFingerprint = fingerprintOf(key);
  try {
    if (choice.kind === 'make') {
      await writeMasterKey(at.path, key, choice.over);
      at.log.info('master.key was made: keep a copy of it, apart from the backups of this folder', { path: at.path });
    }
    const { next, oldKeys } = at.file.value;
    await at.file.save(withKey(at.file.value, keyFingerprint, next?.oldKeys ?? oldKeys ?? []));
    return key;
  } catch (error) {
    // Sealing under a key that is not recorded could lose data at the next start; the gate goes on without.
    at.log.error('the instance key could not be recorded', describeError(error));
    const remedy = 'the data folder cannot be written: mend its owner, mode or free space and restart';
    return { wanted: keyFingerprint, found: keyFingerprint, remedy };
  }
}
