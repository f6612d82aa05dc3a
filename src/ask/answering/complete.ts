import type { FinishReason, LanguageModel } from 'ai';
import { GatehouseError, isGatehouseError } from '../../kernel/errors.js';
import type { Context } from './context.js';
import { faultOf, filtered } from './faults.js';
import type { Protocol, Provider } from './providers.js';

export interface Completion {
  readonly inputTokens: number | null;
  readonly outputTokens: number | null;
  /** It reached the limit of its length. */
  readonly isCut: boolean;
}

export interface CompletionCall {
  readonly provider: Provider;
  readonly model: string;
  readonly context: Context;
  /** Puts the key in, and throws what an answer means that is none. */
  readonly fetch: typeof fetch;
  readonly signal: AbortSignal;
}

const MAX_ANSWER_CHARACTERS = 200_000;

/**
 * Asks a model and gives its answer in pieces. No tools are offered, nothing is tried twice.
 * @throws GatehouseError `PROVIDER_…`, `UPSTREAM_…`, `EGRESS_REFUSED`; an answer that was cut off in the middle is
 *   `UPSTREAM_BAD_ANSWER`, whatever came before; when `signal` aborts, its reason
 */
export async function* complete(call: CompletionCall): AsyncGenerator<string, Completion> {
  const { provider, model, context, signal } = call;
  const { host } = provider;
  const [{ streamText }, languageModel] = await Promise.all([import('ai'), MODELS[provider.protocol](call)]);
  signal.throwIfAborted();
  const { fullStream } = streamText({
    model: languageModel,
    system: context.system,
    messages: [...context.messages],
    maxOutputTokens: provider.outputTokens,
    maxRetries: 0,
    abortSignal: signal,
    // Questions and passages stay with this key's account as short as the vendor lets us choose.
    providerOptions: { openai: { store: false } },
    // Left out, it prints the request to the log.
    onError() {},
  });
  let characters = 0;
  try {
    for await (const part of fullStream) {
      if (part.type === 'text-delta') {
        characters += part.text.length;
        if (characters > MAX_ANSWER_CHARACTERS)
          throw new GatehouseError('UPSTREAM_BAD_ANSWER', `${host} did not stop writing.`);
        yield part.text;
      } else if (part.type === 'error') throw part.error;
      else if (part.type === 'abort') throw signal.reason;
      else if (part.type === 'finish') {
        requireWhole(part.finishReason, part.rawFinishReason, call);
        if (characters === 0)
          throw new GatehouseError('UPSTREAM_BAD_ANSWER', `${model} at ${host} ended without an answer.`);
        const { inputTokens = null, outputTokens = null } = part.totalUsage;
        return { inputTokens, outputTokens, isCut: part.finishReason === 'length' };
      }
    }
  } catch (error) {
    signal.throwIfAborted();
    throw translate(error, call);
  }
  throw cutOff(host);
}

function requireWhole(reason: FinishReason, raw: string | undefined, { provider, model }: CompletionCall): void {
  const { host, protocol } = provider;
  if (reason === 'stop' || reason === 'length') return;
  if (reason === 'content-filter') throw filtered(host, model);
  // Servers of one's own have words of their own for a good end; no word at all is no end.
  if (reason === 'other' && raw !== undefined && raw !== '' && protocol === 'openai-compatible') return;
  throw cutOff(host);
}

function cutOff(host: string): GatehouseError {
  return new GatehouseError(
    'UPSTREAM_BAD_ANSWER',
    `${host} broke off in the middle of its answer, so none is given. Ask again.`,
  );
}

/** Libraries wrap what our `fetch` threw, and tell in their own way what came in the middle of a stream. */
function translate(thrown: unknown, { provider, model }: CompletionCall): GatehouseError {
  for (let error = thrown, depth = 0; depth < 5 && error != null; depth += 1) {
    if (isGatehouseError(error)) return error;
    error = (error as { cause?: unknown }).cause;
  }
  const { host } = provider;
  const name = (thrown as Error | null)?.name ?? '';
  if (/JSONParse|TypeValidation|InvalidResponse|NoOutput|NoContent/.test(name))
    return new GatehouseError('UPSTREAM_BAD_ANSWER', `${host} sent something that is not its protocol's.`);
  const body = thrown instanceof Error ? ((thrown as { data?: unknown }).data ?? thrown.message) : thrown;
  return faultOf({
    host,
    model,
    status: null,
    retryAfter: null,
    body: typeof body === 'string' ? { message: body } : body,
  });
}

/** Put in by our `fetch`; the libraries want some key. */
const NO_KEY = 'put-in-later';

/** Loaded when the first question needs them: they are large, and most of the time nobody asks. */
const MODELS: Readonly<Record<Protocol, (call: CompletionCall) => Promise<LanguageModel>>> = {
  async openai({ provider, model, fetch }) {
    const { createOpenAI } = await import('@ai-sdk/openai');
    return createOpenAI({ baseURL: provider.baseUrl, apiKey: NO_KEY, fetch }).responses(model);
  },
  async 'openai-compatible'({ provider, model, fetch }) {
    const { createOpenAICompatible } = await import('@ai-sdk/openai-compatible');
    const options = { name: 'own', baseURL: provider.baseUrl, includeUsage: true, fetch };
    return createOpenAICompatible(options).chatModel(model);
  },
  async anthropic({ provider, model, fetch }) {
    const { createAnthropic } = await import('@ai-sdk/anthropic');
    return createAnthropic({ baseURL: provider.baseUrl, apiKey: NO_KEY, fetch })(model);
  },
  async gemini({ provider, model, fetch }) {
    const { createGoogleGenerativeAI } = await import('@ai-sdk/google');
    return createGoogleGenerativeAI({ baseURL: provider.baseUrl, apiKey: NO_KEY, fetch })(model);
  },
};
