import * as z from 'zod';
import { Timestamp, WorkspaceId } from './fields.js';

/** 16 hex characters that name a key and tell nothing of it. */
const Fingerprint = z.string();

export const WorkspaceKeyView = z.strictObject({
  fingerprint: Fingerprint,
  /** The instance key it is wrapped by. */
  wrappedBy: Fingerprint,
  /** `seals`: new values. `opens`: what was sealed before. `missing`: its instance key is not here. */
  state: z.enum(['seals', 'opens', 'missing']),
  createdAt: Timestamp,
  /** Credentials and secrets sealed under it. */
  records: z.int(),
});

/** A key that is not here, and what stays closed without it. */
export const WantedKey = z.strictObject({
  fingerprint: Fingerprint,
  level: z.enum(['instance', 'workspace']),
  workspaceId: WorkspaceId,
  credentials: z.array(z.string()),
  secrets: z.array(z.string()),
});
export type WantedKey = z.infer<typeof WantedKey>;

export const SecretKeys = z.strictObject({
  instance: z.strictObject({
    /** `null`: the vault is locked. */
    fingerprint: Fingerprint.nullable(),
    source: z.enum(['MASTER_KEY', 'master.key']),
    locked: z.strictObject({ wanted: z.string(), found: z.string().nullable(), remedy: z.string() }).nullable(),
    /** They open what is not sealed under the newest one yet. */
    old: z.array(Fingerprint),
    /** Counts from the start on that finds it in MASTER_KEY. */
    staged: Fingerprint.nullable(),
  }),
  workspaces: z.array(z.strictObject({ workspaceId: WorkspaceId, keys: z.array(WorkspaceKeyView) })),
  wanted: z.array(WantedKey),
});
export type SecretKeys = z.infer<typeof SecretKeys>;

/** 32 bytes as base64, base64url or hex; the vault reads it. */
const key = z.string().min(1).max(200);

export const RotateSecretKey = z.strictObject({
  /** Left out: the instance key. */
  workspaceId: WorkspaceId.optional(),
  /** Left out: one is made. Only for the instance key. */
  newKey: key.optional(),
});
export type RotateSecretKey = z.infer<typeof RotateSecretKey>;

export const AddOldSecretKey = z.strictObject({ key, workspaceId: WorkspaceId.optional() });
export type AddOldSecretKey = z.infer<typeof AddOldSecretKey>;

/** `wanted`: the fingerprint of the key that is lost. */
export const StartOver = z.strictObject({ wanted: z.string().max(64) });
export type StartOver = z.infer<typeof StartOver>;

/** What an act on the keys came to. */
export const SecretKeyChanged = z.strictObject({
  /**
   * `done`: everything that opens is sealed under the newest key. `finished`: a rotation that had been interrupted was
   * finished, and no new one begun. `staged`: set MASTER_KEY to the new key and restart. `restart`: restart, and what
   * was sealed under the lost key is entered again.
   */
  state: z.enum(['done', 'finished', 'staged', 'restart']),
  fingerprint: Fingerprint,
  /** Values sealed anew. */
  renewed: z.int(),
  /** Values that open under no key that is here; they stayed as they are. */
  unreadable: z.int(),
});
export type SecretKeyChanged = z.infer<typeof SecretKeyChanged>;
