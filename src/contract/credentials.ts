import * as z from 'zod';
import { OrganizationId, oneLine, Page, pageOf, RateLimit, Timestamp, WorkspaceId } from './fields.js';

export const CredentialId = z
  .string()
  .regex(/^cred_[0-9A-Za-z]{22}$/, { error: 'a credential id looks like cred_ and 22 letters or digits' });

/** Unique in its workspace. `--` parts the name from the workspace in host names of the proxy. */
export const CredentialName = z.string().regex(/^(?!.*--)[a-z0-9][a-z0-9-]{0,62}$/, {
  error: 'a name is 1 to 63 characters of a-z 0-9 -, starts with a letter or digit and has no --',
});

/** Where a secret may be sent: a host name with a port unless it is 443; `*.` covers one label. */
export const HostPattern = z
  .string()
  .max(255)
  .regex(/^(?:\*\.)?[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?(?::[0-9]{1,5})?$/, {
    error: 'a host looks like api.example.com, *.example.com or nas.lan:8443, in lower case',
  });

/** One text, a number, a switch, several lines, or name and value pairs. */
export const FieldValue = z.union([
  z.string(),
  z.number(),
  z.boolean(),
  z.array(z.string()),
  z.record(z.string(), z.string()),
]);

export const TEST_OUTCOMES = ['ok', 'limited', 'invalid', 'unreachable', 'unknown'] as const;

/**
 * `ok`: the vendor takes it. `limited`: it takes it, and not for what was asked. `invalid`: it refuses it.
 * `unreachable`: nobody could be asked. `unknown`: the answer says neither.
 */
export const TestOutcome = z.enum(TEST_OUTCOMES);
export type TestOutcome = z.infer<typeof TestOutcome>;

export const LastTest = z.strictObject({ at: Timestamp, outcome: TestOutcome, detail: z.string() });
export type LastTest = z.infer<typeof LastTest>;

/** A test as whoever asked for it is told. */
export const CredentialTest = z.strictObject({
  ...LastTest.shape,
  /** Of the vendor's answer; `null`: there was none, or none over HTTP. */
  status: z.int().nullable(),
  tookMs: z.int(),
  /** How the vendor's answer begins, without the credential's secrets; `null`: none, or not for whoever asked. */
  reply: z.string().nullable(),
});
export type CredentialTest = z.infer<typeof CredentialTest>;

export const CREDENTIAL_STATES = ['ready', 'locked', 'key_missing', 'damaged'] as const;

/** What the proxy lets through with it. */
const proxyRules = {
  /** Only requests that the type knows as reads. */
  readOnly: z.boolean(),
  /** Of all its callers together; `null`: none but their own. */
  rateLimit: RateLimit.nullable(),
};

/** A credential as it is shown: of its secret fields the names alone. */
export const CredentialView = z.strictObject({
  id: z.string(),
  name: z.string(),
  type: z.string(),
  workspaceId: WorkspaceId,
  organizationId: OrganizationId,
  note: z.string(),
  /** The fields that are no secret. */
  fields: z.record(z.string(), FieldValue),
  /** Names of the secret fields that are set. */
  secretFields: z.array(z.string()),
  /** Every host it may be sent to. */
  hosts: z.array(z.string()),
  /** Those of them that the type has off until they are turned on. */
  optionalHosts: z.array(z.string()),
  ...proxyRules,
  createdAt: Timestamp.nullable(),
  createdBy: z.string(),
  updatedAt: Timestamp.nullable(),
  lastTest: LastTest.nullable(),
  lastUsedAt: Timestamp.nullable(),
  /** Fingerprint of the workspace key it is sealed under. */
  keyId: z.string(),
  /** Whether it could be used now; `key_missing` and `locked` name the wanted fingerprint in `wants`. */
  state: z.enum(CREDENTIAL_STATES),
  wants: z.string().nullable(),
});
export type CredentialView = z.infer<typeof CredentialView>;

/** Who would fail without it. */
export const CredentialUser = z.strictObject({
  kind: z.enum(['key', 'endpoint', 'workspace']),
  id: z.string(),
  name: z.string(),
});
export type CredentialUser = z.infer<typeof CredentialUser>;

/** `warnings`: values that do not look as the vendor documents them. They are saved all the same. */
export const CredentialSaved = z.strictObject({ credential: CredentialView, warnings: z.array(z.string()) });
export type CredentialSaved = z.infer<typeof CredentialSaved>;

export const CredentialShown = z.strictObject({ credential: CredentialView, usedBy: z.array(CredentialUser) });
export type CredentialShown = z.infer<typeof CredentialShown>;

export const CredentialOnly = z.strictObject({ credential: CredentialView });
export const CredentialTested = z.strictObject({ credential: CredentialView, test: CredentialTest });
export type CredentialTested = z.infer<typeof CredentialTested>;

/** Nothing was kept. `warnings` as when it is saved. */
export const CredentialTried = z.strictObject({ test: CredentialTest, warnings: z.array(z.string()) });
export type CredentialTried = z.infer<typeof CredentialTried>;

export const ListCredentials = z.strictObject({
  ...Page.shape,
  type: z.string().max(64).optional(),
  /** Of the last test; `untested`: there was none. */
  health: z.enum([...TEST_OUTCOMES, 'untested']).optional(),
});
export type ListCredentials = z.infer<typeof ListCredentials>;
export const CredentialList = pageOf(CredentialView);

/** The vault checks them against the type; here only that they are fields at all. */
const fields = z.record(z.string().max(64), z.unknown());
const optionalHosts = z.array(HostPattern).max(20);
const note = oneLine(500);

export const CreateCredential = z.strictObject({
  name: CredentialName,
  type: z.string().max(64),
  fields,
  note: note.optional(),
  optionalHosts: optionalHosts.optional(),
  readOnly: proxyRules.readOnly.optional(),
  rateLimit: proxyRules.rateLimit.optional(),
});
export type CreateCredential = z.infer<typeof CreateCredential>;

/** All of it anew: every secret field that is set has to be given again, or `null` to take it away. */
export const ReplaceCredential = z.strictObject({ fields, optionalHosts: optionalHosts.optional() });
export type ReplaceCredential = z.infer<typeof ReplaceCredential>;

export const UpdateCredential = z
  .strictObject({
    name: CredentialName.optional(),
    note: note.optional(),
    readOnly: proxyRules.readOnly.optional(),
    rateLimit: proxyRules.rateLimit.optional(),
  })
  .refine((patch) => Object.keys(patch).length > 0, { error: 'name at least one field to change' });
export type UpdateCredential = z.infer<typeof UpdateCredential>;

export const DeleteCredential = z.strictObject({
  /** Also while something uses it. */
  force: z.enum(['true', 'false']).default('false'),
});

const FieldSpecView = z.strictObject({
  name: z.string(),
  label: z.string(),
  kind: z.enum(['secret', 'text', 'select', 'number', 'boolean', 'json', 'url', 'keyvalue']),
  list: z.boolean(),
  secret: z.boolean(),
  required: z.boolean(),
  requiredIf: z.record(z.string(), z.string()).nullable(),
  showIf: z.record(z.string(), z.string()).nullable(),
  default: z.union([z.string(), z.number(), z.boolean()]).nullable(),
  options: z.array(z.strictObject({ value: z.string(), label: z.string() })).nullable(),
  pattern: z.string().nullable(),
  /** Changing it asks for every secret again, as every change of fields does; it decides which host is called. */
  decidesHost: z.boolean(),
  help: z.string(),
});

export const CredentialTypeView = z.strictObject({
  id: z.string(),
  label: z.string(),
  category: z.string(),
  /** `inbound`: it verifies deliveries and is sent nowhere. */
  direction: z.enum(['outbound', 'inbound']),
  protocol: z.enum(['http', 'smtp', 'imap']),
  fields: z.array(FieldSpecView),
  /** Host templates: `{apiHost}` is a field. */
  hosts: z.array(z.string()),
  optionalHosts: z.array(z.strictObject({ host: z.string(), why: z.string() })),
  /** Whether a test asks the vendor; if not, why. */
  testable: z.boolean(),
  testReason: z.string().nullable(),
  /** How keys of this type begin, to guess the type of a pasted one. */
  detect: z.array(z.string()),
});
export type CredentialTypeView = z.infer<typeof CredentialTypeView>;

export const ListCredentialTypes = z.strictObject({
  search: z.string().max(100).optional(),
  category: z.string().max(40).optional(),
});
export type ListCredentialTypes = z.infer<typeof ListCredentialTypes>;
export const CredentialTypeList = pageOf(CredentialTypeView);
