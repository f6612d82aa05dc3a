import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { compileLanTargets } from '../../src/egress/egress.js';
import { makeCertificates } from '../support/certificates.js';
import { MINUTE, SECOND } from '../support/clock.js';
import { ADMIN_KEY, type Answer, type RunningGatehouse, startGatehouse } from '../support/gatehouse.js';
import { expectProblem } from './problem.js';

const HOSTS = ['api.openai.com', 'api.anthropic.com', 'generativelanguage.googleapis.com', 'ollama.test', 'vllm.test'];
const { ca, key, cert } = makeCertificates(HOSTS);
const KEYS = {
  openai: 'sk-proj-0123456789abcdefghijklmnopqrstuv',
  anthropic: 'sk-ant-api03-0123456789abcdefghijklmnop',
  gemini: 'AQ.0123456789abcdefghijklmnopqrstuvwx',
};

/** Every vendor, in its own words, by host; it remembers what it was asked. */
const seen: { host: string; url: string; headers: IncomingMessage['headers'] }[] = [];
let answers: Record<string, (request: IncomingMessage, response: ServerResponse) => unknown>;
const json = (response: ServerResponse, value: unknown, status = 200) => {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(value));
};

/** A vendor's answer as its documentation has it, to its own key only. */
const HONEST: typeof answers = {
  'api.openai.com': (request, response) =>
    request.url === '/v1/models' && request.headers.authorization === `Bearer ${KEYS.openai}`
      ? json(response, {
          object: 'list',
          data: [
            { id: 'gpt-5-mini', object: 'model', created: 1_754_000_000, owned_by: 'openai' },
            { id: 'gpt-5', object: 'model', created: 1_754_000_000, owned_by: 'openai' },
          ],
        })
      : json(response, { error: { message: 'Incorrect API key provided', code: 'invalid_api_key' } }, 401),
  'api.anthropic.com': (request, response) =>
    request.url === '/v1/models?limit=1000' &&
    request.headers['x-api-key'] === KEYS.anthropic &&
    request.headers['anthropic-version'] === '2023-06-01'
      ? json(response, {
          data: [
            {
              type: 'model',
              id: 'claude-opus-4-5',
              display_name: 'Claude Opus 4.5',
              created_at: '2025-11-01T00:00:00Z',
            },
          ],
          first_id: 'claude-opus-4-5',
          last_id: 'claude-opus-4-5',
          has_more: false,
        })
      : json(response, { type: 'error', error: { type: 'authentication_error', message: 'invalid x-api-key' } }, 401),
  'generativelanguage.googleapis.com': (request, response) =>
    request.url === '/v1beta/models?pageSize=1000' && request.headers['x-goog-api-key'] === KEYS.gemini
      ? json(response, {
          models: [
            {
              name: 'models/gemini-3-pro',
              displayName: 'Gemini 3 Pro',
              inputTokenLimit: 1_048_576,
              supportedGenerationMethods: ['generateContent', 'countTokens'],
            },
            { name: 'models/gemini-embedding-001', supportedGenerationMethods: ['embedContent'] },
          ],
        })
      : json(response, { error: { code: 400, status: 'INVALID_ARGUMENT' } }, 400),
  'ollama.test': (_request, response) =>
    json(response, { object: 'list', data: [{ id: 'qwen3:8b', object: 'model', owned_by: 'library' }] }),
  'vllm.test': (_request, response) =>
    json(response, { object: 'list', data: [{ id: 'org/model-7b', object: 'model', max_model_len: 32_768 }] }),
};

let vendors: Server;
let gate: RunningGatehouse;
let other: string;

beforeAll(async () => {
  vendors = createServer({ key, cert }, (request, response) => {
    const host = (request.headers.host ?? '').split(':')[0] ?? '';
    seen.push({ host, url: request.url ?? '', headers: request.headers });
    (answers[host] ?? ((_, end) => end.writeHead(404).end()))(request, response);
  });
  await new Promise<void>((resolve) => vendors.listen(0, '127.0.0.1', resolve));
  const { port } = vendors.address() as AddressInfo;
  gate = await startGatehouse(
    { ADMIN_API_KEY: ADMIN_KEY, API_RATE_LIMIT: 'off' },
    {
      egress: {
        lookup: async () => [{ address: '127.0.0.1', family: 4, port }],
        ca: [ca],
        allow: () => compileLanTargets(['127.0.0.0/8']),
      },
    },
  );
  other = (await gate.local('/api/organizations', { body: { name: 'Other' } })).json.organization.id;
  await gate.local('/api/workspaces', { body: { id: 'theirs', organizationId: other } });
  const add = (workspace: string, name: string, type: string, fields: object) =>
    gate.local(`/api/workspaces/${workspace}/credentials`, { body: { name, type, fields } });
  const made = [
    await add('example', 'openai', 'openai', { apiKey: KEYS.openai }),
    await add('example', 'anthropic', 'anthropic', { apiKey: KEYS.anthropic }),
    await add('example', 'gemini', 'gemini', { apiKey: KEYS.gemini }),
    await add('example', 'ollama', 'openai', { apiKey: 'none-needed', baseUrl: 'https://ollama.test/v1' }),
    await add('example', 'vllm', 'openai', { apiKey: 'none-needed', baseUrl: 'https://vllm.test/v1/' }),
    await add('example', 'shop', 'custom', { values: { A: 'value' } }),
    await add('theirs', 'openai', 'openai', { apiKey: KEYS.openai }),
  ];
  for (const { status, text } of made) expect(status, text).toBe(201);
});
afterAll(async () => {
  await gate[Symbol.asyncDispose]();
  vendors.closeAllConnections();
  vendors.close();
});
beforeEach(() => {
  answers = { ...HONEST };
  seen.length = 0;
  // What was remembered before is old by now.
  gate.clock.advance(11 * MINUTE);
});

const models = (query = '', token = ADMIN_KEY): Promise<Answer> => gate.call(`/api/models?${query}`, { key: token });
// biome-ignore lint/suspicious/noExplicitAny: entries of an answer
const entry = (answer: Answer, name: string): any =>
  answer.json.data.find((one: { credentialName: string }) => one.credentialName === name);

test('Q5: every credential of a vendor with models lists them, each asked in its own protocol', async () => {
  const answer = await models('organizationId=org_default');
  expect(answer.status, answer.text).toBe(200);
  expect(answer.json.more).toBe(0);
  expect(answer.json.data.map((one: { credentialName: string }) => one.credentialName)).toEqual([
    'anthropic',
    'gemini',
    'ollama',
    'openai',
    'vllm',
  ]);
  expect(entry(answer, 'openai')).toMatchObject({
    workspaceId: 'example',
    type: 'openai',
    error: null,
    models: [
      { id: 'gpt-5', name: null, contextTokens: null },
      { id: 'gpt-5-mini', name: null, contextTokens: null },
    ],
  });
  expect(entry(answer, 'anthropic').models).toEqual([
    { id: 'claude-opus-4-5', name: 'Claude Opus 4.5', contextTokens: null },
  ]);
  expect(entry(answer, 'gemini').models).toEqual([
    { id: 'gemini-3-pro', name: 'Gemini 3 Pro', contextTokens: 1_048_576 },
  ]);
  expect(entry(answer, 'ollama').models.map(({ id }: { id: string }) => id)).toEqual(['qwen3:8b']);
  expect(entry(answer, 'vllm').models).toEqual([{ id: 'org/model-7b', name: null, contextTokens: 32_768 }]);
  expect(seen.map(({ host, url }) => `${host}${url}`).sort()).toEqual([
    'api.anthropic.com/v1/models?limit=1000',
    'api.openai.com/v1/models',
    'generativelanguage.googleapis.com/v1beta/models?pageSize=1000',
    'ollama.test/v1/models',
    'vllm.test/v1/models',
  ]);
  for (const secret of Object.values(KEYS)) expect(answer.text).not.toContain(secret);
});

test('V4: every opening is audited before the vendor is asked; what is remembered opens nothing', async () => {
  await models();
  const opened = async () =>
    (await gate.local('/api/audit?action=credential.open&limit=200')).json.data.filter(
      ({ detail }: { detail: { purpose: string } }) => detail.purpose === 'models',
    );
  const lines = await opened();
  expect(lines.length).toBeGreaterThanOrEqual(5);
  expect(lines.map(({ detail }: { detail: { host: string } }) => detail.host)).toContain('ollama.test');
  await models();
  expect(await opened()).toHaveLength(lines.length);
});

test('answers are remembered for ten minutes, asked anew on wish, and forgotten with a change of the credential', async () => {
  const first = await models('workspaceId=example');
  expect(seen).toHaveLength(5);
  gate.clock.advance(9 * MINUTE);
  expect((await models('workspaceId=example')).json).toEqual(first.json);
  expect(seen).toHaveLength(5);
  await models('workspaceId=example&refresh=true');
  expect(seen).toHaveLength(10);
  // Whoever asks for it again and again does not make vendors be asked again and again.
  gate.clock.advance(5 * SECOND);
  await models('workspaceId=example&refresh=true');
  expect(seen).toHaveLength(10);
  const fields = { apiKey: 'sk-proj-another-key-another-key-another', baseUrl: 'https://api.openai.com/v1' };
  await gate.local('/api/workspaces/example/credentials/openai', { method: 'PUT', body: { fields } });
  const changed = entry(await models('workspaceId=example'), 'openai');
  expect(changed).toMatchObject({ models: [], fetchedAt: null, error: { code: 'UPSTREAM_BAD_ANSWER' } });
  expect(changed.error.detail).toContain('(401)');
  const back = { fields: { ...fields, apiKey: KEYS.openai } };
  await gate.local('/api/workspaces/example/credentials/openai', { method: 'PUT', body: back });
  expect(entry(await models('workspaceId=example'), 'openai').models).toHaveLength(2);
});

const broken: [string, (request: IncomingMessage, response: ServerResponse) => unknown, string][] = [
  ['refuses the key', (_, response) => json(response, {}, 401), 'UPSTREAM_BAD_ANSWER'],
  ['has no such right', (_, response) => json(response, {}, 403), 'UPSTREAM_BAD_ANSWER'],
  ['is asked too often', (_, response) => json(response, {}, 429), 'RATE_LIMITED'],
  ['is overloaded', (_, response) => json(response, {}, 529), 'UPSTREAM_BAD_ANSWER'],
  ['answers 200 with an error', (_, response) => json(response, { error: { message: 'no' } }), 'UPSTREAM_BAD_ANSWER'],
  ['answers with a page', (_, response) => response.end('<html>hello'), 'UPSTREAM_BAD_ANSWER'],
  ['answers with nothing', (_, response) => response.end(), 'UPSTREAM_BAD_ANSWER'],
  [
    'sends elsewhere',
    (_, response) => response.writeHead(302, { location: 'https://evil.test' }).end(),
    'UPSTREAM_BAD_ANSWER',
  ],
  ['hangs up', (request) => request.socket.destroy(), 'UPSTREAM_UNREACHABLE'],
  ['answers without end', (_, response) => response.end(`[${'"x",'.repeat(400_000)}`), 'UPSTREAM_BAD_ANSWER'],
];
test.each(broken)(
  'a vendor that %s is an entry with an error, and the others are there',
  async (_name, answer, code) => {
    answers = { ...HONEST, 'api.openai.com': answer };
    const told = await models('organizationId=org_default');
    expect(told.status, told.text).toBe(200);
    expect(entry(told, 'openai')).toMatchObject({ models: [], fetchedAt: null, error: { code } });
    expect(entry(told, 'openai').error.detail).toMatch(/api\.openai\.com/);
    expect(entry(told, 'anthropic').models).toHaveLength(1);
    answers = HONEST;
    // A failure is not remembered.
    expect(entry(await models('organizationId=org_default'), 'openai').models).toHaveLength(2);
  },
);

test('what a vendor says cannot carry the key, a terminal escape or ten thousand lines into the answer', async () => {
  const ids = Array.from({ length: 3000 }, (_, index) => ({ id: `m${String(index).padStart(5, '0')}` }));
  answers = {
    ...HONEST,
    'api.openai.com': (_, response) =>
      json(response, {
        data: [{ id: `echo-${KEYS.openai}` }, { id: '\u001b[2Jx' }, { id: 'a'.repeat(500) }, { id: '' }, ...ids],
      }),
    'api.anthropic.com': (_, response) =>
      json(response, { data: [{ id: 'claude', display_name: `Your key is ${KEYS.anthropic}` }, { id: 'claude' }] }),
  };
  const answer = await models('organizationId=org_default');
  expect(entry(answer, 'openai').models.length).toBe(1000);
  for (const secret of Object.values(KEYS)) expect(answer.text).not.toContain(secret);
  expect(answer.text).not.toContain('\\u001b');
  expect(gate.logs()).not.toContain(KEYS.openai);
});

test('A7: only credentials within the caller are listed, and only to those who may use them', async () => {
  const keyWith = async (request: object) => (await gate.createKey({ scopes: ['agents:read'], ...request })).token;
  expect((await models('', await keyWith({}))).json).toEqual({ data: [], more: 0 });
  const scopes = ['agents:read', 'credentials:use'];
  const none = await keyWith({ scopes });
  expect((await models('', none)).json.data).toEqual([]);
  const one = await keyWith({ scopes, credentialIds: ['example/ollama'] });
  expect((await models('', one)).json.data).toMatchObject([{ credentialName: 'ollama' }]);
  expect(seen.map(({ host }) => host)).toEqual(['ollama.test']);
  for (const token of [none, one]) {
    expectProblem(await models('workspaceId=theirs', token), 'NOT_FOUND');
    expectProblem(await models('workspaceId=nowhere', token), 'NOT_FOUND');
    expectProblem(await models(`organizationId=${other}`, token), 'FORBIDDEN');
  }
  const theirs = await models(`organizationId=${other}`);
  expect(theirs.json.data.map(({ workspaceId }: { workspaceId: string }) => workspaceId)).toEqual(['theirs']);
  expect((await models()).json.data).toHaveLength(6);
  for (const query of ['refresh=1', 'refresh=', 'workspaceId=..', 'credentialId=x'])
    expectProblem(await models(query), 'BAD_REQUEST');
});
