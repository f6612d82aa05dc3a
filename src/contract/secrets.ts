import * as z from 'zod';
import { HostPattern } from './credentials.js';
import { oneLine, Page, pageOf, Timestamp, WorkspaceId } from './fields.js';

/** Names in templates: `secrets.STRIPE_KEY`, `vars.REGION`. */
export const ValueName = z
  .string()
  .regex(/^[A-Z][A-Z0-9_]{0,63}$/, { error: 'a name is 1 to 64 characters of A-Z 0-9 _ and starts with a letter' });

const MAX_VALUE_CHARACTERS = 16_384;
const value = z.string().min(1, { error: 'must not be empty' }).max(MAX_VALUE_CHARACTERS);

/** A secret as it is shown: never its value. */
export const SecretView = z.strictObject({
  name: z.string(),
  workspaceId: WorkspaceId,
  /** Where it may be sent; empty: nowhere. */
  hosts: z.array(z.string()),
  note: z.string(),
  createdAt: Timestamp.nullable(),
  createdBy: z.string(),
  updatedAt: Timestamp.nullable(),
  lastUsedAt: Timestamp.nullable(),
  keyId: z.string(),
  state: z.enum(['ready', 'locked', 'key_missing', 'damaged']),
  wants: z.string().nullable(),
});
export type SecretView = z.infer<typeof SecretView>;
export const SecretOnly = z.strictObject({ secret: SecretView });
export const SecretList = pageOf(SecretView);

/** Both at once: whoever changes where a secret may go has to know it. */
export const SetSecret = z.strictObject({
  value,
  hosts: z.array(HostPattern).max(100),
  note: oneLine(500).optional(),
});
export type SetSecret = z.infer<typeof SetSecret>;

export const VariableView = z.strictObject({
  name: z.string(),
  workspaceId: WorkspaceId,
  value: z.string(),
  updatedAt: Timestamp,
  updatedBy: z.string(),
});
export type VariableView = z.infer<typeof VariableView>;
export const VariableOnly = z.strictObject({ variable: VariableView });
export const VariableList = pageOf(VariableView);
export const SetVariable = z.strictObject({ value: z.string().max(MAX_VALUE_CHARACTERS) });

export const ListValues = Page;
export type ListValues = Page;
