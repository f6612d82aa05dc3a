import * as z from 'zod';
import { oneLine, WorkspaceId } from './fields.js';
import { PromptVariables } from './prompts.js';

export const MAX_QUESTION_CHARACTERS = 8000;

export const Ask = z.strictObject({
  workspaceId: WorkspaceId,
  question: z
    .string()
    .trim()
    .min(1, { error: 'ask something: the question is empty' })
    .max(MAX_QUESTION_CHARACTERS, { error: `at most ${MAX_QUESTION_CHARACTERS} characters` }),
  /** Left out: the default provider of the workspace, where it has one. `null`: no model, whatever the workspace has. */
  credentialId: z.string().min(1).max(200).nullable().optional(),
  model: oneLine(200).optional(),
  /** Of a saved prompt, by its id or name: it tells the model how to answer. */
  promptId: z.string().min(1).max(200).optional(),
  /** What the variables of the prompt are. */
  promptVariables: PromptVariables.optional(),
  previousJobId: z.string().min(1).max(200).optional(),
});
export type Ask = z.infer<typeof Ask>;

/** A passage of a file; lines count from 1 and both ends are included. */
export const FoundPassage = z.strictObject({
  path: z.string(),
  startLine: z.int(),
  endLine: z.int(),
  text: z.string(),
  /** Relative to the best passage of this answer: 1 is the best. */
  score: z.number(),
});
export type FoundPassage = z.infer<typeof FoundPassage>;

export const Citation = z.strictObject({
  /** Its place among the passages that were found, from 1: what `[1]` in an answer means. */
  number: z.int(),
  ...FoundPassage.shape,
  /** Whether the answer refers to it. A model that refers to none leaves all that it was shown, with `false`. */
  cited: z.boolean(),
});
export type Citation = z.infer<typeof Citation>;

/** What the provider says it counted. */
export const TokenUsage = z.strictObject({
  inputTokens: z.int().nullable(),
  outputTokens: z.int().nullable(),
  /** By the list prices this version knows; `null`: it knows none for this model. */
  costUsd: z.number().nullable(),
});
export type TokenUsage = z.infer<typeof TokenUsage>;

/** What was found, and how it is told. */
export const AskResult = z.strictObject({
  answer: z.string(),
  citations: z.array(Citation),
  /** `null`: answered from the files alone, without a model. */
  model: z.string().nullable(),
  /** The credential that paid for the answer; `null`: none did. */
  credentialId: z.string().nullable(),
  /** `null`: no model was asked. */
  usage: TokenUsage.nullable(),
  /** References of the model to passages or lines that are not there: they were taken out of the answer. */
  droppedCitations: z.int(),
});
export type AskResult = z.infer<typeof AskResult>;

export const AskAnswer = z.strictObject({
  jobId: z.string(),
  status: z.literal('completed'),
  ...AskResult.shape,
  durationMs: z.int(),
});
export type AskAnswer = z.infer<typeof AskAnswer>;

/** Server-sent while a question is answered: the passages that were found, best first, before a model has read them. */
export const CitationsEvent = z.strictObject({ citations: z.array(Citation) });
export type CitationsEvent = z.infer<typeof CitationsEvent>;

/** The next piece of the answer. All of them, one behind the other, are the answer. */
export const DeltaEvent = z.strictObject({ text: z.string() });
export type DeltaEvent = z.infer<typeof DeltaEvent>;
