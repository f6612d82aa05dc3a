import { isDeepStrictEqual } from 'node:util';
import * as z from 'zod';
import { CredentialId, CredentialName, FieldValue, LastTest } from '../contract/credentials.js';
import { RateLimit, Timestamp } from '../contract/fields.js';
import type { FieldValues } from './credential-types/template.js';
import { SealedValue, unreadable, type WorkspaceKeys } from './workspace-keys.js';

/** One line of `.gatehouse/credentials.json`. */
export const CredentialRecord = z.strictObject({
  id: CredentialId,
  name: CredentialName,
  type: z.string(),
  workspaceId: z.string(),
  note: z.string(),
  /** The fields that are no secret. */
  fields: z.record(z.string(), FieldValue),
  /** Names of the secret fields that are set, sorted. */
  secretFields: z.array(z.string()),
  optionalHosts: z.array(z.string()),
  readOnly: z.boolean(),
  rateLimit: RateLimit.nullable(),
  sealed: SealedValue,
  createdAt: Timestamp,
  createdBy: z.string(),
  updatedAt: Timestamp,
  lastTest: LastTest.nullable(),
});
export type CredentialRecord = z.infer<typeof CredentialRecord>;

/** A line as the file has it. One that was damaged by hand must not take the others with it, so only its id is sure. */
export interface Stored {
  readonly id: string;
  readonly [member: string]: unknown;
}

export function parseStored(value: unknown): Stored {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new Error('is not an object');
  const { id } = value as Record<string, unknown>;
  if (typeof id !== 'string' || id === '') throw new Error('id: is missing');
  return value as Stored;
}

/** Reads lines of one schema; what does not fit is `null`. Records never change, so each is judged once. */
export function recordReader<T>(schema: z.ZodType<T>): (stored: Stored) => T | null {
  const known = new WeakMap<Stored, T | null>();
  return (stored) => {
    const found = known.get(stored);
    if (found !== undefined) return found;
    const { data = null } = schema.safeParse(stored);
    known.set(stored, data);
    return data;
  };
}

/** What a token must not be separated from; it is sealed with the secrets and compared after opening. */
type Bound = Pick<CredentialRecord, 'workspaceId' | 'id' | 'type' | 'fields' | 'secretFields' | 'optionalHosts'>;

/** @throws as `WorkspaceKeys.seal` */
export function sealCredential(keys: WorkspaceKeys, bound: Bound, secrets: FieldValues): SealedValue {
  return keys.seal(bound.workspaceId, { kind: 'credential', ...boundOf(bound), secrets });
}

/**
 * Opens the secret fields of a record.
 * @throws GatehouseError as `WorkspaceKeys.open`; `CREDENTIAL_UNREADABLE` too when the record was changed around its
 *   token: moved to another id, workspace or type, or given another host
 */
export function openCredential(keys: WorkspaceKeys, record: CredentialRecord): FieldValues {
  const document = keys.open(record.workspaceId, record.sealed) as { secrets?: FieldValues };
  const { secrets } = document;
  if (!isDeepStrictEqual(document, { kind: 'credential', ...boundOf(record), secrets })) throw unreadable();
  if (!isDeepStrictEqual(Object.keys(secrets ?? {}).sort(), record.secretFields)) throw unreadable();
  return secrets as FieldValues;
}

function boundOf({ workspaceId, id, type, fields, secretFields, optionalHosts }: Bound): Bound {
  return { workspaceId, id, type, fields, secretFields, optionalHosts };
}
