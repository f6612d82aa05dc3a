import { event, type Refusal, type Refused, require, type Wire } from './wire.js';

const error = (code: number, status: string, message: string, details: unknown[] = []) => ({
  status: code,
  body: { error: { code, message, status, details } },
});
const ERRORS: Readonly<Record<Refusal, Refused>> = {
  'bad key': error(400, 'INVALID_ARGUMENT', 'API key not valid. Please pass a valid API key.', [
    { '@type': 'type.googleapis.com/google.rpc.ErrorInfo', reason: 'API_KEY_INVALID', domain: 'googleapis.com' },
  ]),
  'rate limited': error(
    429,
    'RESOURCE_EXHAUSTED',
    'You exceeded your current quota, please check your plan and billing.',
    [{ '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '6.2s' }],
  ),
  'no credit': error(429, 'RESOURCE_EXHAUSTED', 'Your prepaid credit balance is used up. See billing.'),
  overloaded: error(503, 'UNAVAILABLE', 'The model is overloaded. Please try again later.'),
  'too long': error(400, 'INVALID_ARGUMENT', 'The input token count (2000000) exceeds the maximum number of tokens.'),
  'unknown model': error(404, 'NOT_FOUND', 'models/nope is not found for API version v1beta.'),
  other: error(400, 'FAILED_PRECONDITION', 'Not in this country.'),
};

const chunk = (text: string | null, more: object = {}, usage?: { input: number; output: number }) =>
  event({
    candidates: [{ index: 0, ...(text === null ? {} : { content: { role: 'model', parts: [{ text }] } }), ...more }],
    ...(usage === undefined
      ? {}
      : {
          usageMetadata: {
            promptTokenCount: usage.input,
            candidatesTokenCount: usage.output,
            totalTokenCount: usage.input + usage.output,
          },
        }),
    modelVersion: 'gemini-3.8-flash',
    responseId: 'r1',
  });

/** Google's Gemini API: streamGenerateContent. */
export const gemini: Wire = {
  name: 'Gemini',
  type: 'gemini',
  fields: { apiKey: 'AQ.stand-in-0123456789abcdefghijkl' },
  secret: 'AQ.stand-in-0123456789abcdefghijkl',
  keyHeader: ['x-goog-api-key', 'AQ.stand-in-0123456789abcdefghijkl'],
  usualModel: 'gemini-3.8-flash',
  read({ method, host, path, json }) {
    require(host === 'generativelanguage.googleapis.com', host);
    const model = /^\/v1beta\/models\/([^:]+):streamGenerateContent\?alt=sse$/.exec(path)?.[1];
    require(method === 'POST' && model !== undefined, `${method} ${path}`);
    type Content = { role: string; parts: { text: string }[] };
    const textOf = ({ parts }: { parts: { text: string }[] }) => parts.map(({ text }) => text).join('');
    return {
      model: model ?? '',
      system: textOf(json.systemInstruction),
      turns: (json.contents as Content[]).map((content) => ({
        role: content.role === 'model' ? 'assistant' : content.role,
        text: textOf(content),
      })),
      hasTools: json.tools !== undefined,
    };
  },
  begin: () => chunk(''),
  piece: (text) => chunk(text),
  end: (usage) => chunk('', { finishReason: 'STOP' }, usage),
  cut: (usage) => chunk('', { finishReason: 'MAX_TOKENS' }, usage),
  filtered: () => chunk(null, { finishReason: 'SAFETY' }, { input: 1, output: 0 }),
  fault: () => event({ error: { code: 503, message: 'The model is overloaded.', status: 'UNAVAILABLE' } }),
  refuse: (what) => ERRORS[what],
};
