import type { SecretKeys, WantedKey } from '../contract/secret-keys.js';
import type { InstanceKeys, Seal } from '../seal/instance-key.js';
import type { SealedValues } from './sealed-values.js';
import type { WorkspaceKeys } from './workspace-keys.js';

/** Which keys there are, what stands under each, and which are wanted for what. Fingerprints only. */
export function secretKeysView(options: {
  readonly seal: Seal;
  readonly instanceKeys: InstanceKeys;
  readonly keys: WorkspaceKeys;
  readonly values: SealedValues;
}): SecretKeys {
  const { seal, instanceKeys, keys, values } = options;
  const counts = new Map<string, number>();
  const wanted = new Map<string, WantedKey>();
  for (const { kind, name, workspaceId, keyId } of values.all()) {
    counts.set(keyId, (counts.get(keyId) ?? 0) + 1);
    const { wants } = keys.stateOf(workspaceId, keyId);
    if (wants === null) continue;
    const at = `${wants} ${workspaceId}`;
    const entry = wanted.get(at) ?? {
      fingerprint: wants,
      level: wants === keyId ? 'workspace' : 'instance',
      workspaceId,
      credentials: [],
      secrets: [],
    };
    entry[kind].push(name);
    wanted.set(at, entry);
  }
  const workspaceIds = [...new Set([...keys.all()].map(({ workspaceId }) => workspaceId))].sort();
  return {
    instance: {
      fingerprint: seal.fingerprint,
      source: instanceKeys.source,
      locked: seal.locked === null ? null : { ...seal.locked },
      old: [...instanceKeys.old],
      staged: instanceKeys.staged,
    },
    workspaces: workspaceIds.map((workspaceId) => ({
      workspaceId,
      keys: keys.of(workspaceId).map(({ id, wrappedBy, createdAt, retiredAt }) => ({
        fingerprint: id,
        wrappedBy,
        state: keys.stateOf(workspaceId, id).state !== 'ready' ? 'missing' : retiredAt === null ? 'seals' : 'opens',
        createdAt,
        records: counts.get(id) ?? 0,
      })),
    })),
    wanted: [...wanted.values()].sort((left, right) => (left.workspaceId < right.workspaceId ? -1 : 1)),
  };
}
