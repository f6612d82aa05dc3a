import * as z from 'zod';
import type { MODEL_TYPES, ModelView } from '../contract/models.js';

export type ModelType = (typeof MODEL_TYPES)[number];

/** How one vendor tells its models. */
interface Vendor {
  /** Below the base URL of the credential. */
  readonly path: string;
  /** @throws for an answer of another shape */
  read(answer: unknown): ModelView[];
}

// What a vendor adds some day must not make its answer a wrong one, so unknown members pass here.
const tokens = z.number().int().positive().nullish();

const OpenAiModels = z.object({
  // vLLM says how long the context is; OpenAI does not.
  data: z.array(z.object({ id: z.string(), max_model_len: tokens })).nullable(),
});

const AnthropicModels = z.object({
  data: z.array(z.object({ id: z.string(), display_name: z.string().nullish(), max_input_tokens: tokens })),
});

const GeminiModels = z.object({
  models: z
    .array(
      z.object({
        name: z.string(),
        displayName: z.string().nullish(),
        inputTokenLimit: tokens,
        supportedGenerationMethods: z.array(z.string()).nullish(),
      }),
    )
    .nullish(),
});

export const VENDORS: Readonly<Record<ModelType, Vendor>> = {
  openai: {
    path: '/models',
    // A server without a model says `null`.
    read: (answer) =>
      (OpenAiModels.parse(answer).data ?? []).map(({ id, max_model_len }) => view(id, null, max_model_len)),
  },
  anthropic: {
    path: '/v1/models?limit=1000',
    read: (answer) =>
      AnthropicModels.parse(answer).data.map(({ id, display_name, max_input_tokens }) =>
        view(id, display_name, max_input_tokens),
      ),
  },
  gemini: {
    path: '/v1beta/models?pageSize=1000',
    read: (answer) =>
      (GeminiModels.parse(answer).models ?? [])
        // Those for embeddings, pictures and speech answer no question.
        .filter(({ supportedGenerationMethods: methods }) => methods?.includes('generateContent') ?? true)
        .map(({ name, displayName, inputTokenLimit }) =>
          view(name.replace(/^models\//, ''), displayName, inputTokenLimit),
        ),
  },
};

function view(id: string, name: string | null | undefined, contextTokens: number | null | undefined): ModelView {
  return { id, name: name ?? null, contextTokens: contextTokens ?? null };
}
