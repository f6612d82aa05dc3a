import { event, type Refusal, type Refused, require, type Wire } from './wire.js';

const ERRORS: Readonly<Record<Refusal, Refused>> = {
  'bad key': { status: 401, body: { error: { message: 'Unauthorized', type: 'Unauthorized', code: 401 } } },
  'rate limited': {
    status: 429,
    headers: { 'retry-after': '7' },
    body: { error: { message: 'Too many requests', type: 'rate_limit_error', code: 429 } },
  },
  'no credit': { status: 402, body: { error: { message: 'Insufficient balance', type: 'billing', code: 402 } } },
  overloaded: { status: 503, body: { error: { message: 'Loading model', type: 'unavailable_error', code: 503 } } },
  'too long': {
    status: 400,
    body: {
      error: {
        message: "This model's maximum context length is 4096 tokens. However, your request has 9000 input tokens.",
        type: 'BadRequestError',
        code: 400,
      },
    },
  },
  'unknown model': {
    status: 404,
    body: { error: { message: 'The model `nope` does not exist.', type: 'NotFoundError', param: 'model', code: 404 } },
  },
  other: { status: 400, body: { error: { message: 'top_k must be positive', type: 'BadRequestError', code: 400 } } },
};

const chunk = (choices: unknown[], more: object = {}) =>
  event({ id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 1_790_000_000, model: 'own', choices, ...more });
const finish = (reason: string, { input, output }: { input: number; output: number }) =>
  chunk([{ index: 0, delta: {}, finish_reason: reason }]) +
  chunk([], { usage: { prompt_tokens: input, completion_tokens: output, total_tokens: input + output } }) +
  event('[DONE]');

/** Chat completions as Ollama, vLLM and LM Studio speak them. */
export const chatCompletions: Wire = {
  name: 'an OpenAI-compatible server',
  type: 'openai',
  fields: { apiKey: 'own-server-key-0123456789', baseUrl: 'https://own.vendor.test/v1' },
  secret: 'own-server-key-0123456789',
  keyHeader: ['authorization', 'Bearer own-server-key-0123456789'],
  usualModel: 'qwen3:8b',
  read({ method, host, path, json }) {
    require(host === 'own.vendor.test', host);
    require(method === 'POST' && path === '/v1/chat/completions', `${method} ${path}`);
    require(json.stream === true, 'it streams');
    require(json.stream_options?.include_usage === true, 'it asks for what is counted');
    require(Array.isArray(json.messages) && json.messages[0].role === 'system', 'messages');
    const [system, ...turns] = json.messages as { role: string; content: string }[];
    return {
      model: json.model,
      system: system?.content ?? '',
      turns: turns.map(({ role, content }) => ({ role, text: content })),
      hasTools: json.tools !== undefined || json.functions !== undefined,
    };
  },
  begin: () => chunk([{ index: 0, delta: { role: 'assistant', content: '' }, finish_reason: null }]),
  piece: (text) => chunk([{ index: 0, delta: { content: text }, finish_reason: null }]),
  end: (usage) => finish('stop', usage),
  cut: (usage) => finish('length', usage),
  filtered: () => finish('content_filter', { input: 1, output: 0 }),
  fault: () => event({ error: { message: 'CUDA out of memory', type: 'internal_server_error', code: 500 } }),
  refuse: (what) => ERRORS[what],
};
