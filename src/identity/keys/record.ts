import * as z from 'zod';
import { Environment, OrganizationId, RateLimit, Timestamp } from '../../contract/fields.js';
import { KeyId, KeyType } from '../../contract/keys.js';
import { parseNetwork } from '../../kernel/addresses.js';

/** One secret of a key, as `api-keys.json` keeps it: the digest, and what may be shown. */
export const KeySecret = z.strictObject({
  /** `sha256:` and the SHA-256 of the whole token in base64url. */
  digest: z.string().regex(/^sha256:[A-Za-z0-9_-]{43}$/),
  start: z.string().max(64),
  last4: z.string().max(4),
  createdAt: Timestamp,
  /** End of its rotation grace; `null`: as long as the key. */
  expiresAt: Timestamp.nullable(),
});
export type KeySecret = z.infer<typeof KeySecret>;

/** One line of `api-keys.json`. */
export const KeyRecord = z.strictObject({
  id: KeyId,
  name: z.string().min(1).max(100),
  type: KeyType,
  environment: Environment,
  organizationId: OrganizationId,
  workspaceIds: z.array(z.string()).nullable(),
  credentialIds: z.array(z.string()).nullable(),
  scopes: z.array(z.string()),
  /** Checked here too: an entry written by hand that is no address would else fail every look-up of the key. */
  allowedIps: z.array(z.string().refine(isNetwork, { error: 'is not an address or CIDR range' })),
  /** Left out: any, and none. */
  allowedOrigins: z.array(z.string()).optional(),
  rateLimit: RateLimit.nullable(),
  note: z.string(),
  createdAt: Timestamp,
  createdBy: z.string(),
  expiresAt: Timestamp.nullable(),
  revokedAt: Timestamp.nullable(),
  revokedBy: z.string().nullable(),
  revokeReason: z.string().nullable(),
  /** `adopted`: its value came from the environment and may still stand there, so its tombstone is never purged. */
  origin: z.enum(['issued', 'adopted']),
  /** Oldest first; the last one is the newest. */
  secrets: z.array(KeySecret).min(1),
  /** MCP tokens only: the tools they may call (`null`: all their scopes allow), and whether they may change anything. */
  mcp: z.strictObject({ tools: z.array(z.string()).nullable(), readOnly: z.boolean() }).optional(),
});
export type KeyRecord = z.infer<typeof KeyRecord>;

export const SCHEMA_VERSION = 1;

function isNetwork(text: string): boolean {
  try {
    parseNetwork(text);
    return true;
  } catch {
    return false;
  }
}

/** How long ended keys and secrets stay, so that their refusal can still be explained. */
const TOMBSTONE_MS = 90 * 86_400_000;

export function newestSecret(record: KeyRecord): KeySecret {
  return record.secrets[record.secrets.length - 1] as KeySecret;
}

/** When a secret stops working: its own end or the key's, whichever is first; `null`: never. */
export function endOf(record: KeyRecord, secret: KeySecret): number | null {
  if (record.expiresAt === null) return secret.expiresAt === null ? null : Date.parse(secret.expiresAt);
  if (secret.expiresAt === null) return Date.parse(record.expiresAt);
  return Math.min(Date.parse(record.expiresAt), Date.parse(secret.expiresAt));
}

export function statusOf(record: KeyRecord, nowMs: number): 'active' | 'expiring' | 'expired' | 'revoked' {
  if (record.revokedAt !== null) return 'revoked';
  if (record.expiresAt !== null && Date.parse(record.expiresAt) <= nowMs) return 'expired';
  const rotating = record.secrets.some(({ expiresAt }) => expiresAt !== null && Date.parse(expiresAt) > nowMs);
  return rotating ? 'expiring' : 'active';
}

/** Whoever still uses an old secret when so much of its grace is over will probably be locked out. */
const LATE_SHARE = 0.9;

/**
 * When callers who have not changed over will be locked out: the end of a secret that was used since it was replaced,
 * once 90 % of its grace is over; `null`: nobody will.
 */
export function lateUntil(
  record: KeyRecord,
  usedAtMs: (secret: string) => number | undefined,
  nowMs: number,
): string | null {
  if (record.secrets.length === 1 || statusOf(record, nowMs) !== 'expiring') return null;
  const late = record.secrets.find(({ digest, expiresAt }, index) => {
    const next = record.secrets[index + 1];
    if (expiresAt === null || next === undefined) return false;
    const endsMs = Date.parse(expiresAt);
    const replacedMs = Date.parse(next.createdAt);
    const isLate = nowMs < endsMs && nowMs >= replacedMs + (endsMs - replacedMs) * LATE_SHARE;
    return isLate && (usedAtMs(digest) ?? 0) > replacedMs;
  });
  return late?.expiresAt ?? null;
}

/**
 * What is left of a record once tombstones older than 90 days are gone: the record, a smaller one, or `null`.
 * @param listed - digests the environment lists now: without its tombstone such a key would live again (K5)
 */
export function withoutOldTombstones(
  record: KeyRecord,
  nowMs: number,
  listed: ReadonlySet<string> = new Set(),
): KeyRecord | null {
  if (record.origin === 'adopted' || record.secrets.some(({ digest }) => listed.has(digest))) return record;
  const isOld = (at: string | null) => at !== null && Date.parse(at) + TOMBSTONE_MS <= nowMs;
  if (isOld(record.revokedAt) || isOld(record.expiresAt)) return null;
  const secrets = record.secrets.filter(({ expiresAt }) => !isOld(expiresAt));
  return secrets.length === record.secrets.length ? record : { ...record, secrets };
}

/** A key that is rotated every minute must not grow without end. */
const MAX_ENDED_SECRETS = 20;

/**
 * The secrets without the oldest ended ones beyond 20, whose refusal can then no longer be explained.
 * @param listed - digests the environment lists now: forgotten, they would live again (K5)
 */
export function withoutSurplus(
  record: KeyRecord,
  secrets: readonly KeySecret[],
  nowMs: number,
  listed: ReadonlySet<string>,
): KeySecret[] {
  const ended = secrets.filter((secret) => (endOf(record, secret) ?? Number.POSITIVE_INFINITY) <= nowMs);
  // The value that came from the environment may stand there again.
  const adopted = record.origin === 'adopted' ? record.secrets[0] : undefined;
  const surplus = new Set(
    ended
      .slice(0, -MAX_ENDED_SECRETS)
      .filter((secret) => secret.digest !== adopted?.digest && !listed.has(secret.digest)),
  );
  return secrets.filter((secret) => !surplus.has(secret));
}

/** Keys of an organization that were not revoked, of every family. */
export function countKeys(records: Iterable<KeyRecord>, organizationId: string): number {
  let count = 0;
  for (const record of records) if (record.organizationId === organizationId && record.revokedAt === null) count += 1;
  return count;
}
