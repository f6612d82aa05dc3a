import * as z from 'zod';
import { OrganizationId, Timestamp, WorkspaceId } from './fields.js';

/** Types of credentials whose vendors have models to list. `openai` covers every server that speaks its protocol. */
export const MODEL_TYPES = ['openai', 'anthropic', 'gemini'] as const;

export const ListModels = z.strictObject({
  organizationId: OrganizationId.optional(),
  workspaceId: WorkspaceId.optional(),
  /** Ask the vendors anew, whatever is remembered. */
  refresh: z.literal('true').optional(),
});
export type ListModels = z.infer<typeof ListModels>;

export const ModelView = z.strictObject({
  /** What `model` of a question is. */
  id: z.string(),
  /** As the vendor calls it for people; `null`: no other way. */
  name: z.string().nullable(),
  /** Tokens it takes at once; `null`: the vendor does not say. */
  contextTokens: z.int().nullable(),
});
export type ModelView = z.infer<typeof ModelView>;

/** What one credential can use. */
export const CredentialModels = z.strictObject({
  credentialId: z.string(),
  credentialName: z.string(),
  workspaceId: WorkspaceId,
  type: z.enum(MODEL_TYPES),
  /** By id; the first thousand. */
  models: z.array(ModelView),
  /** When the vendor said so; `null`: it did not. */
  fetchedAt: Timestamp.nullable(),
  /** Why there are none: a code of the error table, and what to do. */
  error: z.strictObject({ code: z.string(), detail: z.string() }).nullable(),
});
export type CredentialModels = z.infer<typeof CredentialModels>;

/** By workspace and name; `more`: how many credentials were not asked, since there are too many for one answer. */
export const ModelList = z.strictObject({ data: z.array(CredentialModels), more: z.int() });
export type ModelList = z.infer<typeof ModelList>;
