import * as z from 'zod';
import { OrganizationId, oneLine, Page, pageOf, Timestamp } from './fields.js';

export const PromptId = z
  .string()
  .regex(/^prm_[0-9A-Za-z]{22}$/, { error: 'a prompt id looks like prm_ and 22 letters or digits' });

/** Unique in its organization; never the form of an id. */
export const PromptName = z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/, {
  error: 'a name is 1 to 63 characters of a-z 0-9 - and starts with a letter or digit',
});

export const MAX_PROMPT_CHARACTERS = 32_000;
export const MAX_VALUE_CHARACTERS = 8000;
/** Older ones of a prompt are forgotten. */
export const MAX_PROMPT_VERSIONS = 50;
export const MAX_PROMPTS = 500;

/** What `{{name}}` in a text stands for. */
export const PromptVariable = z.strictObject({
  name: z
    .string()
    .regex(/^[A-Za-z_][A-Za-z0-9_]{0,63}$/, { error: 'a variable is 1 to 64 letters, digits and _, no digit first' }),
  /** Whoever uses the prompt has to give it. */
  required: z.boolean().default(false),
  /** What it is when it is not given; left out: nothing. */
  default: z.string().max(MAX_VALUE_CHARACTERS).optional(),
  description: oneLine(300).default(''),
});
export type PromptVariable = z.infer<typeof PromptVariable>;

const text = z
  .string()
  .max(MAX_PROMPT_CHARACTERS, { error: `at most ${MAX_PROMPT_CHARACTERS} characters` })
  .refine((value) => value.trim() !== '', { error: 'must not be empty' });
const variables = z
  .array(PromptVariable)
  .max(50)
  .refine((list) => new Set(list.map(({ name }) => name)).size === list.length, { error: 'a name is there twice' });

/** Variables left out: each `{{name}}` of the text is one, and required. */
export const CreatePrompt = z.strictObject({
  name: PromptName,
  description: oneLine(500).optional(),
  text,
  variables: variables.optional(),
  organizationId: OrganizationId.optional(),
});
export type CreatePrompt = z.infer<typeof CreatePrompt>;

/** All of a new version. */
export const ReplacePrompt = z.strictObject({
  ...CreatePrompt.omit({ organizationId: true }).shape,
  /** The version that was changed; another one by now: 409. Left out: whatever it is. */
  baseVersion: z.int().min(1).optional(),
});
export type ReplacePrompt = z.infer<typeof ReplacePrompt>;

export const PromptView = z.strictObject({
  id: PromptId,
  organizationId: OrganizationId,
  name: z.string(),
  description: z.string(),
  text: z.string(),
  variables: z.array(PromptVariable),
  /** Counts from 1; every change makes the next one. */
  version: z.int(),
  createdAt: Timestamp,
  createdBy: z.string(),
  /** Of this version. */
  updatedAt: Timestamp,
  updatedBy: z.string(),
});
export type PromptView = z.infer<typeof PromptView>;
export const PromptOnly = z.strictObject({ prompt: PromptView });

export const PromptVersion = z.strictObject({ version: z.int(), updatedAt: Timestamp, updatedBy: z.string() });
/** `versions`: those that are kept, newest first, the one that holds among them. */
export const PromptShown = z.strictObject({ prompt: PromptView, versions: z.array(PromptVersion) });
export type PromptShown = z.infer<typeof PromptShown>;

export const InOrganization = z.strictObject({ organizationId: OrganizationId.optional() });
export const ListPrompts = z.strictObject({ ...Page.shape, organizationId: OrganizationId.optional() });
export type ListPrompts = z.infer<typeof ListPrompts>;
/** By name. */
export const PromptList = pageOf(PromptView);

/** What the variables of a prompt are in one question. */
export const PromptVariables = z
  .record(z.string().max(64), z.string().max(MAX_VALUE_CHARACTERS))
  .refine((values) => Object.keys(values).length <= 50, { error: 'at most 50 values' });
export type PromptVariables = z.infer<typeof PromptVariables>;
