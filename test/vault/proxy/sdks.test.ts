import { Agent, type ServerResponse } from 'node:http';
import Anthropic from '@anthropic-ai/sdk';
import { Octokit } from '@octokit/rest';
import OpenAI from 'openai';
import Stripe from 'stripe';
import { describe, expect, test } from 'vitest';
import { SAMPLES } from '../samples.js';
import { type Seen, startRig } from './rig.js';

const json = (response: ServerResponse, body: unknown, status = 200) =>
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));

/** Server-sent events, one after the other and each in two pieces. */
async function events(response: ServerResponse, list: readonly string[]): Promise<void> {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  for (const event of list) {
    response.write(event.slice(0, 7));
    await new Promise((resolve) => setTimeout(resolve, 5));
    response.write(event.slice(7));
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  response.end();
}

const sent = (seen: readonly Seen[]) => seen.map(({ method, host, url }) => `${method} ${host}${url}`);

describe('V6: the library of OpenAI', () => {
  const start = async () => {
    const rig = await startRig({ type: 'openai' });
    const client = new OpenAI({ baseURL: `${rig.proxy}/v1`, apiKey: rig.key, maxRetries: 0 });
    return { ...rig, client };
  };

  test('V6: asks, lists and gets errors as it would at the vendor', async () => {
    const { vendor, client } = await start();
    vendor.answer = ({ url, headers }, response) => {
      expect(headers.authorization).toBe(`Bearer ${SAMPLES['openai']!['apiKey']}`);
      response.setHeader('x-request-id', 'req_vendor');
      if (url === '/v1/models') json(response, { object: 'list', data: [{ id: 'gpt-5', object: 'model' }] });
      else if (url === '/v1/embeddings') json(response, { error: { message: 'slow down', type: 'limit' } }, 429);
      else json(response, { id: 'c1', choices: [{ index: 0, message: { role: 'assistant', content: 'hello' } }] });
    };
    const completion = await client.chat.completions.create({
      model: 'gpt-5',
      messages: [{ role: 'user', content: 'hi' }],
    });
    expect(completion.choices[0]?.message.content).toBe('hello');
    expect((await client.models.list()).data.map(({ id }) => id)).toEqual(['gpt-5']);
    await expect(client.embeddings.create({ model: 'e', input: 'x' })).rejects.toMatchObject({ status: 429 });
    expect(sent(vendor.seen)).toEqual([
      'POST api.openai.com/v1/chat/completions',
      'GET api.openai.com/v1/models',
      'POST api.openai.com/v1/embeddings',
    ]);
    expect(JSON.parse(vendor.seen[0]!.body)).toMatchObject({ model: 'gpt-5' });
  });

  test('V6: streams, each piece when it comes', async () => {
    const { vendor, client } = await start();
    const words = ['Hel', 'lo, ', 'world'];
    let written = 0;
    vendor.answer = async (_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      for (const content of words) {
        written += 1;
        response.write(`data: ${JSON.stringify({ id: 'c1', choices: [{ index: 0, delta: { content } }] })}\n\n`);
        await new Promise((resolve) => setTimeout(resolve, 80));
      }
      response.end('data: [DONE]\n\n');
    };
    const stream = await client.chat.completions.create({ model: 'gpt-5', messages: [], stream: true });
    const got: [string, number][] = [];
    for await (const chunk of stream) got.push([chunk.choices[0]?.delta.content ?? '', written]);
    // Each word had come when no more than one other had been written after it.
    expect(got.map(([word]) => word)).toEqual(words);
    for (const [index, [, at]] of got.entries()) expect(at).toBeLessThanOrEqual(index + 2);
  });
});

describe('V6: the library of Anthropic', () => {
  test.each([
    ['x-api-key', (key: string) => ({ apiKey: key })],
    ['Authorization: Bearer', (key: string) => ({ apiKey: null, authToken: key })],
  ])('V6: asks and streams, with the key in %s', async (_name, options) => {
    const { vendor, proxy, key } = await startRig({ type: 'anthropic' });
    const client = new Anthropic({ baseURL: proxy, maxRetries: 0, ...options(key) });
    vendor.answer = ({ url, headers, body }, response) => {
      expect(url).toBe('/v1/messages');
      expect(headers['x-api-key']).toBe(SAMPLES['anthropic']!['apiKey']);
      expect(headers.authorization).toBeUndefined();
      // The library's own choice goes before the credential's default.
      expect(headers['anthropic-version']).toMatch(/^\d{4}-\d\d-\d\d$/);
      const message = { id: 'm1', type: 'message', role: 'assistant', model: 'claude', stop_reason: null, usage: {} };
      if (JSON.parse(body).stream !== true)
        return json(response, { ...message, content: [{ type: 'text', text: 'hello' }] });
      return events(
        response,
        [
          { type: 'message_start', message: { ...message, content: [] } },
          { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
          { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'streamed' } },
          { type: 'content_block_stop', index: 0 },
          { type: 'message_stop' },
        ].map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`),
      );
    };
    const request = { model: 'claude', max_tokens: 5, messages: [{ role: 'user' as const, content: 'hi' }] };
    const message = await client.messages.create(request);
    expect(message.content).toEqual([{ type: 'text', text: 'hello' }]);
    expect(await client.messages.stream(request).finalText()).toBe('streamed');
  });
});

describe('V6: the library of Stripe', () => {
  test('V6: takes a host and no path, so it calls by host name', async () => {
    const { vendor, key, port } = await startRig({ type: 'stripe', settings: { PROXY_DOMAIN: 'proxy.test' } });
    vendor.answer = ({ method, url, headers, body }, response) => {
      expect(headers.authorization).toBe(`Bearer ${SAMPLES['stripe']!['apiKey']}`);
      if (url === '/v1/balance') return json(response, { object: 'balance', livemode: false });
      if (method === 'POST')
        return json(response, { object: 'customer', id: 'cus_1', email: new URLSearchParams(body).get('email') });
      const after = new URLSearchParams(url.split('?')[1]).get('starting_after');
      return json(response, {
        object: 'list',
        url: '/v1/customers',
        has_more: after === null,
        data: [{ object: 'customer', id: after === null ? 'cus_1' : 'cus_2' }],
      });
    };
    const lookup = (_name: string, options: { all?: boolean }, done: (error: null, ...rest: unknown[]) => void) =>
      options.all === true ? done(null, [{ address: '127.0.0.1', family: 4 }]) : done(null, '127.0.0.1', 4);
    const stripe = new Stripe(key, {
      host: 'stripe--demo.proxy.test',
      port,
      protocol: 'http',
      maxNetworkRetries: 0,
      httpAgent: new Agent({ lookup } as never),
    });
    expect((await stripe.balance.retrieve()).object).toBe('balance');
    expect((await stripe.customers.create({ email: 'a+b@example.com' })).email).toBe('a+b@example.com');
    const ids: string[] = [];
    for await (const customer of stripe.customers.list({ limit: 1 })) ids.push(customer.id);
    expect(ids).toEqual(['cus_1', 'cus_2']);
    expect(sent(vendor.seen)[0]).toBe('GET api.stripe.com/v1/balance');
  });
});

describe('V6: the library of GitHub', () => {
  test('V6: asks, follows pages to their end through the proxy, and speaks GraphQL', async () => {
    const { vendor, proxy, key } = await startRig({ type: 'github' });
    const octokit = new Octokit({ baseUrl: proxy, auth: key });
    vendor.answer = ({ method, url, headers }, response) => {
      expect(headers.authorization).toBe(`Bearer ${SAMPLES['github']!['accessToken']}`);
      expect(headers['user-agent']).toContain('octokit');
      if (url === '/user') return json(response, { login: 'octocat' });
      if (method === 'POST') return json(response, { data: { viewer: { login: 'octocat' } } });
      const page = Number(new URLSearchParams(url.split('?')[1]).get('page') ?? '1');
      if (page < 3)
        response.setHeader(
          'link',
          `<https://api.github.com/repositories/1/issues?page=${page + 1}>; rel="next", <https://api.github.com/repositories/1/issues?page=3>; rel="last"`,
        );
      return json(response, [{ number: page }]);
    };
    expect((await octokit.users.getAuthenticated()).data.login).toBe('octocat');
    const issues = await octokit.paginate(octokit.issues.listForRepo, { owner: 'o', repo: 'r', per_page: 1 });
    expect(issues.map(({ number }) => number)).toEqual([1, 2, 3]);
    expect(await octokit.graphql('{ viewer { login } }')).toEqual({ viewer: { login: 'octocat' } });
    expect(sent(vendor.seen)).toEqual([
      'GET api.github.com/user',
      'GET api.github.com/repos/o/r/issues?per_page=1',
      'GET api.github.com/repositories/1/issues?page=2',
      'GET api.github.com/repositories/1/issues?page=3',
      'POST api.github.com/graphql',
    ]);
  });
});
