import * as z from 'zod';
import { VERIFY_CODES } from './codes.js';
import { Environment, OrganizationId, oneLine, Page, pageOf, RateLimit, Timestamp, WorkspaceId } from './fields.js';
import { GrantedScope } from './scopes.js';

/** Types of API keys, the only ones `/api/keys` knows. */
export const API_KEY_TYPES = ['sdk', 'cli', 'ci', 'int', 'mkt'] as const;
export const ApiKeyType = z.enum(API_KEY_TYPES);
export type ApiKeyType = z.infer<typeof ApiKeyType>;

/** Every type a token can say it is: API keys, service keys (`svc`) and MCP tokens (`mcp`). */
export const KEY_TYPES = [...API_KEY_TYPES, 'svc', 'mcp'] as const;
export const KeyType = z.enum(KEY_TYPES);
export type KeyType = z.infer<typeof KeyType>;

export const KEY_STATUSES = ['active', 'expiring', 'expired', 'revoked'] as const;

export const DEFAULT_GRACE_SECONDS = 86_400;
export const MAX_GRACE_SECONDS = 30 * 86_400;

export const KeyId = z
  .string()
  .regex(/^key_[0-9A-Za-z]{22}$/, { error: 'a key id looks like key_ and 22 letters or digits' });

const unique = <T extends z.ZodType<string>>(item: T, max: number) =>
  z
    .array(item)
    .max(max)
    .transform((list) => [...new Set(list)]);

const name = oneLine(100).min(1, { error: 'must not be empty' });
const note = oneLine(500);
const scopes = unique(GrantedScope, 100);
/** Addresses are checked by the guard's own parser, so that what is saved is what is enforced. */
const allowedIps = unique(z.string().max(64), 200);
/** Exactly as browsers send them; checked by what enforces them. */
const allowedOrigins = unique(z.string().max(300), 100);
const workspaceIds = unique(WorkspaceId, 200).nullable();
const credentialIds = unique(z.string().min(1).max(200), 200).nullable();

const bounds = {
  scopes: scopes.optional(),
  expiresAt: Timestamp.nullable().optional(),
  workspaceIds: workspaceIds.optional(),
  credentialIds: credentialIds.optional(),
  allowedIps: allowedIps.optional(),
  allowedOrigins: allowedOrigins.optional(),
  rateLimit: RateLimit.nullable().optional(),
  note: note.optional(),
};

export const CreateKey = z.strictObject({
  name,
  type: ApiKeyType.default('sdk'),
  environment: Environment.optional(),
  organizationId: OrganizationId.optional(),
  ...bounds,
});
export type CreateKey = z.infer<typeof CreateKey>;

/** A key of an organization for trusted automation; scopes left out: all that an admin holds. */
export const CreateServiceKey = z.strictObject({
  name,
  environment: Environment.optional(),
  organizationId: OrganizationId.optional(),
  ...bounds,
});
export type CreateServiceKey = z.infer<typeof CreateServiceKey>;

const mcpBounds = {
  /** Tools it may call; `null` and left out: all that its scopes allow. */
  tools: unique(z.string().regex(/^[a-z][a-z0-9_-]{0,63}$/, { error: 'a tool name looks like keys_list' }), 100)
    .nullable()
    .optional(),
  /** Only tools that change nothing. Left out: false. */
  readOnly: z.boolean().optional(),
};

/** A token for an AI client, good at `/mcp` and for `whoami` only. */
export const CreateMcpToken = z.strictObject({ ...CreateServiceKey.shape, ...mcpBounds });
export type CreateMcpToken = z.infer<typeof CreateMcpToken>;

const change = { name: name.optional(), ...bounds, endGrace: z.literal(true).optional() };
const isChange = (patch: object) => Object.keys(patch).length > 0;

/** Type and environment are in the token itself, so they never change. */
export const UpdateKey = z.strictObject(change).refine(isChange, { error: 'name at least one field to change' });
export type UpdateKey = z.infer<typeof UpdateKey>;

export const UpdateMcpToken = z
  .strictObject({ ...change, ...mcpBounds })
  .refine(isChange, { error: 'name at least one field to change' });
export type UpdateMcpToken = z.infer<typeof UpdateMcpToken>;

export const RotateKey = z.strictObject({
  graceSeconds: z.int().min(0).max(MAX_GRACE_SECONDS).default(DEFAULT_GRACE_SECONDS),
});

export const RevokeKey = z.strictObject({ reason: oneLine(200).optional() });

export const VerifyKey = z.strictObject({
  token: z.string().min(1).max(8192),
  scopes: z.array(z.string().max(64)).max(100).optional(),
  /** Address the key was presented from; left out, the key's own address list is not judged. */
  address: z.string().max(64).optional(),
  /** `Origin` header the key came with, `null` for none; left out, the key's own list of origins is not judged. */
  origin: z.string().max(300).nullable().optional(),
});
export type VerifyKey = z.infer<typeof VerifyKey>;

/** Adopts an environment key: the record gets the same value, so callers change nothing. */
export const AdoptEnvKey = z.strictObject({
  name,
  type: ApiKeyType.default('sdk'),
  environment: Environment.optional(),
  organizationId: OrganizationId.optional(),
  ...bounds,
});
export type AdoptEnvKey = z.infer<typeof AdoptEnvKey>;

export const KeySecretView = z.strictObject({
  start: z.string(),
  last4: z.string(),
  createdAt: Timestamp,
  expiresAt: Timestamp.nullable(),
  lastUsedAt: Timestamp.nullable(),
  lastUsedIp: z.string().nullable(),
});

/** A key as it is shown. There is no way from here to the token. */
export const KeyView = z.strictObject({
  id: KeyId,
  name: z.string(),
  type: KeyType,
  environment: Environment,
  organizationId: OrganizationId,
  workspaceIds: z.array(z.string()).nullable(),
  credentialIds: z.array(z.string()).nullable(),
  scopes: z.array(z.string()),
  allowedIps: z.array(z.string()),
  allowedOrigins: z.array(z.string()),
  rateLimit: RateLimit.nullable(),
  note: z.string(),
  start: z.string(),
  last4: z.string(),
  createdAt: Timestamp,
  createdBy: z.string(),
  expiresAt: Timestamp.nullable(),
  revokedAt: Timestamp.nullable(),
  status: z.enum(KEY_STATUSES),
  lastUsedAt: Timestamp.nullable(),
  lastUsedIp: z.string().nullable(),
  /** A rotation is nearly over and its old secret is still used: when those callers will be locked out. */
  lateUntil: Timestamp.nullable(),
  secrets: z.array(KeySecretView),
  /** MCP tokens only. */
  tools: z.array(z.string()).nullable().optional(),
  readOnly: z.boolean().optional(),
});
export type KeyView = z.infer<typeof KeyView>;

/** The one answer that carries a token. */
export const KeyWithToken = z.strictObject({ key: KeyView, token: z.string() });
export type KeyWithToken = z.infer<typeof KeyWithToken>;
export const KeyOnly = z.strictObject({ key: KeyView });

/** A key that was not used for this long is probably not needed. */
export const UNUSED_DAYS = 90;
/** A key that ends within this deserves a look. */
export const ENDING_DAYS = 14;

/**
 * Of those that work: `ending` soon, `unused` (neither made nor used for {@link UNUSED_DAYS}), `endless` (it has no
 * expiry), `late` (a rotation is nearly over and the old secret is still used).
 */
export const KEY_CONCERNS = ['ending', 'unused', 'endless', 'late'] as const;

export const ListKeys = z.strictObject({
  ...Page.shape,
  organizationId: OrganizationId.optional(),
  status: z.enum(KEY_STATUSES).optional(),
  concern: z.enum(KEY_CONCERNS).optional(),
  type: KeyType.optional(),
  environment: Environment.optional(),
  search: z.string().max(100).optional(),
});
export type ListKeys = z.infer<typeof ListKeys>;
export const KeyList = pageOf(KeyView);

export const VerifyAnswer = z.strictObject({
  valid: z.boolean(),
  code: z.enum(VERIFY_CODES),
  key: KeyView.optional(),
  missingScopes: z.array(z.string()).optional(),
});
export type VerifyAnswer = z.infer<typeof VerifyAnswer>;

/** Shorter environment keys may be guessed. */
export const WEAK_UNDER_CHARACTERS = 32;

/** An environment key, told apart by a keyed fingerprint: a plain hash of a weak value could be guessed. */
export const EnvKeyView = z.strictObject({
  variable: z.enum(['ADMIN_API_KEY', 'VALID_API_KEYS']),
  fingerprint: z.string(),
  length: z.int(),
  weak: z.boolean(),
  /** `api-keys.json` knows this value and decides about it; the environment no longer does. */
  shadowed: z.boolean(),
  lastUsedAt: Timestamp.nullable(),
  lastUsedIp: z.string().nullable(),
});
export type EnvKeyView = z.infer<typeof EnvKeyView>;
export const EnvKeyList = pageOf(EnvKeyView);
