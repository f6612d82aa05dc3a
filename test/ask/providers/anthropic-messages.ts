import { event, type Refusal, type Refused, require, type Wire } from './wire.js';

const error = (type: string, message: string) => ({ type: 'error', error: { type, message }, request_id: 'req_1' });
const ERRORS: Readonly<Record<Refusal, Refused>> = {
  'bad key': { status: 401, body: error('authentication_error', 'invalid x-api-key') },
  'rate limited': {
    status: 429,
    headers: { 'retry-after': '7' },
    body: error('rate_limit_error', 'This request would exceed the rate limit for your organization.'),
  },
  'no credit': {
    status: 400,
    body: error('invalid_request_error', 'Your credit balance is too low to access the Anthropic API.'),
  },
  overloaded: { status: 529, body: error('overloaded_error', 'Overloaded') },
  'too long': {
    status: 400,
    body: error('invalid_request_error', 'prompt is too long: 210000 tokens > 200000 maximum'),
  },
  'unknown model': { status: 404, body: error('not_found_error', 'model: nope') },
  other: { status: 400, body: error('invalid_request_error', 'messages: roles must alternate') },
};

const send = (type: string, more: object = {}) => event({ type, ...more }, type);
const finish = (reason: string, output: number) =>
  send('content_block_stop', { index: 0 }) +
  send('message_delta', { delta: { stop_reason: reason, stop_sequence: null }, usage: { output_tokens: output } }) +
  send('message_stop');
let inputTokens = 0;

/** Anthropic's Messages API. */
export const anthropicMessages: Wire = {
  name: 'Anthropic',
  type: 'anthropic',
  fields: { apiKey: 'sk-ant-api03-stand-in-0123456789abcdef' },
  secret: 'sk-ant-api03-stand-in-0123456789abcdef',
  keyHeader: ['x-api-key', 'sk-ant-api03-stand-in-0123456789abcdef'],
  usualModel: 'claude-haiku-5-5',
  read({ method, host, path, headers, json }) {
    require(host === 'api.anthropic.com', host);
    require(method === 'POST' && path === '/v1/messages', `${method} ${path}`);
    require(headers['anthropic-version'] === '2023-06-01', 'its version');
    require(json.stream === true && json.max_tokens > 0, 'it streams, to a limit');
    type Block = { type: string; text: string };
    const textOf = (content: string | Block[]) =>
      typeof content === 'string' ? content : content.map(({ text }) => text).join('');
    inputTokens = 900;
    return {
      model: json.model,
      system: textOf(json.system),
      turns: (json.messages as { role: string; content: Block[] }[]).map(({ role, content }) => ({
        role,
        text: textOf(content),
      })),
      hasTools: json.tools !== undefined,
    };
  },
  begin: (model) =>
    send('message_start', {
      message: {
        id: 'msg_1',
        type: 'message',
        role: 'assistant',
        model,
        content: [],
        stop_reason: null,
        stop_sequence: null,
        usage: { input_tokens: inputTokens, output_tokens: 1 },
      },
    }) +
    send('content_block_start', { index: 0, content_block: { type: 'text', text: '' } }) +
    send('ping'),
  piece: (text) => send('content_block_delta', { index: 0, delta: { type: 'text_delta', text } }),
  end: ({ output }) => finish('end_turn', output),
  cut: ({ output }) => finish('max_tokens', output),
  filtered: () => finish('refusal', 1),
  fault: () => event(error('overloaded_error', 'Overloaded'), 'error'),
  refuse: (what) => ERRORS[what],
};
