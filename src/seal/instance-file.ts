import * as z from 'zod';
import { Timestamp } from '../contract/fields.js';
import { type Clock, toIso } from '../kernel/clock.js';
import { newId } from '../kernel/ids.js';
import type { Logger } from '../kernel/logger.js';
import type { DataFolder } from '../store/data-folder.js';
import { openStateFile, type StateFile } from '../store/state-file.js';

const Fingerprint = z.string().regex(/^[0-9a-f]{16}$/);

/** A key that only opens any more, sealed under the one after it. */
const OldKey = z.strictObject({ fingerprint: Fingerprint, sealed: z.string() });
export type OldKey = z.infer<typeof OldKey>;

/** `.gatehouse/instance.json`. It holds no key in the open. */
const Instance = z.strictObject({
  schemaVersion: z.literal(1),
  /** Made on first run, the same ever after. */
  instanceId: z.string().regex(/^ins_[0-9A-Za-z]{22}$/),
  keyFingerprint: Fingerprint.nullable(),
  createdAt: Timestamp,
  /** While a rotation is not through: what some values are still sealed under. */
  oldKeys: z.array(OldKey).min(1).optional(),
  /** The next key: it counts from the start on that finds it in `master.key` or `MASTER_KEY`. */
  next: z.strictObject({ fingerprint: Fingerprint, oldKeys: z.array(OldKey) }).optional(),
});
export type Instance = z.infer<typeof Instance>;

/** @throws whatever `openStateFile` throws for a file that is there but not readable */
export function openInstanceFile(options: {
  readonly folder: DataFolder;
  readonly clock: Clock;
  readonly log: Logger;
}): Promise<StateFile<Instance>> {
  return openStateFile<Instance>({
    folder: options.folder,
    file: '.gatehouse/instance.json',
    parse: (value) => Instance.parse(value),
    initial: () => ({
      schemaVersion: 1,
      instanceId: newId('ins'),
      keyFingerprint: null,
      createdAt: toIso(options.clock.nowMs()),
    }),
    log: options.log,
  });
}

/** The file once the key with this fingerprint counts; `oldKeys` open besides it. */
export function withKey(instance: Instance, keyFingerprint: string, oldKeys: readonly OldKey[]): Instance {
  const { schemaVersion, instanceId, createdAt } = instance;
  const kept = oldKeys.length === 0 ? {} : { oldKeys: [...oldKeys] };
  return { schemaVersion, instanceId, keyFingerprint, createdAt, ...kept };
}
