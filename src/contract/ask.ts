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
  credentialId: z.string().min(1).max(200).optional(),
  model: oneLine(200).optional(),
  promptId: z.string().min(1).max(200).optional(),
  /** What the variables of the prompt are. */
  promptVariables: PromptVariables.optional(),
  previousJobId: z.string().min(1).max(200).optional(),
});
export type Ask = z.infer<typeof Ask>;

/** A passage of a file; lines count from 1 and both ends are included. */
export const Citation = z.strictObject({
  path: z.string(),
  startLine: z.int(),
  endLine: z.int(),
  text: z.string(),
  /** Relative to the best passage of this answer: 1 is the best. */
  score: z.number(),
});
export type Citation = z.infer<typeof Citation>;

/** What was found, and how it is told. */
export const AskResult = z.strictObject({
  answer: z.string(),
  citations: z.array(Citation),
  /** `null`: answered from the files alone, without a model. */
  model: z.string().nullable(),
});
export type AskResult = z.infer<typeof AskResult>;

export const AskAnswer = z.strictObject({
  jobId: z.string(),
  status: z.literal('completed'),
  ...AskResult.shape,
  durationMs: z.int(),
});
export type AskAnswer = z.infer<typeof AskAnswer>;
