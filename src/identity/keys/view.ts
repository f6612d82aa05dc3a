import type { KeyView } from '../../contract/keys.js';
import { toIso } from '../../kernel/clock.js';
import { type KeyRecord, newestSecret, statusOf } from './record.js';

/** When and from where a secret was used; `usage` fits it. */
export interface LastUses {
  lastUse(secret: string): { readonly atMs: number; readonly address: string } | undefined;
}

/** A key as it is shown: everything but the digests. */
export function viewOf(record: KeyRecord, uses: LastUses, nowMs: number): KeyView {
  const { start, last4 } = newestSecret(record);
  const secrets = record.secrets.map((secret) => {
    const use = uses.lastUse(secret.digest);
    return {
      start: secret.start,
      last4: secret.last4,
      createdAt: secret.createdAt,
      expiresAt: secret.expiresAt,
      lastUsedAt: use === undefined ? null : toIso(use.atMs),
      lastUsedIp: use?.address ?? null,
    };
  });
  // ISO times in UTC sort as text.
  const latest = secrets.reduce((best, secret) =>
    (secret.lastUsedAt ?? '') > (best.lastUsedAt ?? '') ? secret : best,
  );
  return {
    id: record.id,
    name: record.name,
    type: record.type,
    environment: record.environment,
    organizationId: record.organizationId,
    workspaceIds: record.workspaceIds,
    credentialIds: record.credentialIds,
    scopes: record.scopes,
    allowedIps: record.allowedIps,
    rateLimit: record.rateLimit,
    note: record.note,
    start,
    last4,
    createdAt: record.createdAt,
    createdBy: record.createdBy,
    expiresAt: record.expiresAt,
    revokedAt: record.revokedAt,
    status: statusOf(record, nowMs),
    lastUsedAt: latest.lastUsedAt,
    lastUsedIp: latest.lastUsedIp,
    secrets,
    ...record.mcp,
  };
}

/** What of a key can be changed and may be known: no digest is among it. */
export function changeableOf({ name, note, scopes, allowedIps, rateLimit, ...record }: KeyRecord): object {
  const { workspaceIds, credentialIds, expiresAt, revokedAt, mcp } = record;
  // Older secrets by the ends that they were given: how long a grace still is.
  const secrets = record.secrets.map(({ start, expiresAt: endsAt }) => `${start} ${endsAt ?? ''}`.trimEnd());
  const bounds = { scopes, allowedIps, rateLimit, workspaceIds, credentialIds, expiresAt };
  return { name, note, ...bounds, ...mcp, revokedAt, secrets };
}
