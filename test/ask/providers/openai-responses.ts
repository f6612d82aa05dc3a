import { event, type Refusal, type Refused, require, type Wire } from './wire.js';

const error = (type: string, code: string | null, message: string) => ({
  error: { message, type, param: null, code },
});
const ERRORS: Readonly<Record<Refusal, Refused>> = {
  'bad key': {
    status: 401,
    body: error('invalid_request_error', 'invalid_api_key', 'Incorrect API key provided: sk-proj-****6789.'),
  },
  'rate limited': {
    status: 429,
    headers: { 'retry-after': '7' },
    body: error('requests', 'rate_limit_exceeded', 'Rate limit reached for gpt-6-luna on requests per min (RPM).'),
  },
  'no credit': {
    status: 429,
    body: error('insufficient_quota', 'insufficient_quota', 'You exceeded your current quota, please check your plan.'),
  },
  overloaded: {
    status: 503,
    body: error('server_error', null, 'The engine is currently overloaded, please try again later.'),
  },
  'too long': {
    status: 400,
    body: error(
      'invalid_request_error',
      'context_length_exceeded',
      'Your input exceeds the context window of this model.',
    ),
  },
  'unknown model': {
    status: 404,
    body: error(
      'invalid_request_error',
      'model_not_found',
      'The model `nope` does not exist or you do not have access.',
    ),
  },
  other: { status: 400, body: error('invalid_request_error', null, 'Unsupported parameter.') },
};

let sequence = 0;
const send = (type: string, more: object) => {
  sequence += 1;
  return event({ type, sequence_number: sequence, ...more }, type);
};
const ITEM = { id: 'msg_1', type: 'message', role: 'assistant' };
const PLACE = { item_id: 'msg_1', output_index: 0, content_index: 0 };
const response = (more: object) => ({
  response: { id: 'resp_1', object: 'response', created_at: 1_790_000_000, model: 'gpt-6-luna', output: [], ...more },
});
const counted = ({ input, output }: { input: number; output: number }) => ({
  usage: {
    input_tokens: input,
    input_tokens_details: { cached_tokens: 0 },
    output_tokens: output,
    output_tokens_details: { reasoning_tokens: 0 },
    total_tokens: input + output,
  },
});

/** OpenAI's own: the Responses API. */
export const openaiResponses: Wire = {
  name: 'OpenAI',
  type: 'openai',
  fields: { apiKey: 'sk-proj-stand-in-0123456789' },
  secret: 'sk-proj-stand-in-0123456789',
  keyHeader: ['authorization', 'Bearer sk-proj-stand-in-0123456789'],
  usualModel: 'gpt-6-luna',
  read({ method, host, path, json }) {
    require(host === 'api.openai.com', host);
    require(method === 'POST' && path === '/v1/responses', `${method} ${path}`);
    require(json.stream === true, 'it streams');
    require(json.store === false, 'it is not kept');
    const [system, ...turns] = json.input as { role: string; content: string | { type: string; text: string }[] }[];
    require(system?.role === 'system' || system?.role === 'developer', 'input begins with instructions');
    const textOf = (content: string | { text: string }[]) =>
      typeof content === 'string' ? content : content.map(({ text }) => text).join('');
    return {
      model: json.model,
      system: textOf(system?.content ?? ''),
      turns: turns.map(({ role, content }) => ({ role, text: textOf(content) })),
      hasTools: json.tools !== undefined,
    };
  },
  begin: () =>
    send('response.created', response({ status: 'in_progress' })) +
    send('response.output_item.added', { output_index: 0, item: { ...ITEM, status: 'in_progress', content: [] } }) +
    send('response.content_part.added', { ...PLACE, part: { type: 'output_text', text: '', annotations: [] } }),
  piece: (text) => send('response.output_text.delta', { ...PLACE, delta: text, logprobs: [] }),
  end: (usage) =>
    send('response.output_item.done', { output_index: 0, item: { ...ITEM, status: 'completed', content: [] } }) +
    send('response.completed', response({ status: 'completed', incomplete_details: null, ...counted(usage) })),
  cut: (usage) =>
    send(
      'response.incomplete',
      response({ status: 'incomplete', incomplete_details: { reason: 'max_output_tokens' }, ...counted(usage) }),
    ),
  filtered: () =>
    send(
      'response.incomplete',
      response({
        status: 'incomplete',
        incomplete_details: { reason: 'content_filter' },
        ...counted({ input: 1, output: 0 }),
      }),
    ),
  fault: () => send('error', { code: 'server_error', message: 'The server had an error.', param: null }),
  refuse: (what) => ERRORS[what],
};
