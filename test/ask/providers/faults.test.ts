import { describe, expect, test } from 'vitest';
import type { ErrorCode } from '../../../src/contract/codes.js';
import { expectProblem } from '../../http/problem.js';
import { openModelDesk, WIRES } from './desk.js';
import type { Refusal } from './wire.js';

const MEANS: readonly (readonly [Refusal, ErrorCode, RegExp])[] = [
  ['bad key', 'PROVIDER_KEY_REFUSED', /does not take this key.*Test the credential/],
  ['rate limited', 'PROVIDER_RATE_LIMITED', /ask again in 7 s/],
  ['no credit', 'PROVIDER_REFUSED', /no credit or quota left/],
  ['overloaded', 'PROVIDER_UNAVAILABLE', /overloaded/],
  ['unknown model', 'PROVIDER_MODEL_UNKNOWN', /has no model .*Name one/],
  ['other', 'PROVIDER_REFUSED', /refused the request \(400\)/],
];

describe.each(WIRES)('$name', (wire) => {
  test.each(MEANS)(
    'Q2: %s is %s, says what to do, and that the passages can be had without',
    async (what, code, words) => {
      const desk = await openModelDesk(wire);
      desk.provider.answer = ({ response }) => {
        const { status, headers = {}, body } = wire.refuse(what);
        response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
      };
      const answer = await desk.ask();
      expectProblem(answer, code);
      const { detail } = answer.json as unknown as { detail: string };
      expect(detail).toMatch(words);
      expect(detail).toContain('With credentialId null the passages are answered without a model.');
      expect(answer.text).not.toContain(wire.secret);
      expect(answer.headers.get('retry-after')).toBe(
        code === 'PROVIDER_RATE_LIMITED' ? '7' : code === 'PROVIDER_UNAVAILABLE' ? '20' : null,
      );
      // Nothing is tried twice behind the back of whoever pays.
      expect(desk.provider.read).toHaveLength(1);
      expect((await desk.ask({ credentialId: null })).json).toMatchObject({ model: null, status: 'completed' });
      expect(desk.gate.logs()).not.toContain(wire.secret);
    },
  );

  test('Q2: a context that is too long is tried once more with fewer passages, and then refused', async () => {
    const files = Object.fromEntries([
      ...['overdue', 'overdue fee', 'fee of the overdue', 'computed fee'].map((words, at) => [
        `demo/part${at}.md`,
        `# Part ${at}\n\nThe ${words} is number ${at * 977}.\n${`word${at} `.repeat(20)}\n`,
      ]),
      ...Array.from({ length: 30 }, (_, at) => [`demo/other${at}.md`, `# Other ${at}\n\nNothing but zebra${at}.\n`]),
    ]);
    const desk = await openModelDesk(wire, { files });
    let refusals = 1;
    desk.provider.answer = ({ response, say }) => {
      if (refusals === 0) return say('It is capped [1].');
      refusals -= 1;
      const { status, body } = wire.refuse('too long');
      return response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    };
    const answer = await desk.ask();
    expect(answer.status, answer.text).toBe(200);
    const passages = desk.provider.read.map(
      ({ turns }) => turns.at(-1)?.text.match(/<passage-\w+ number/g)?.length ?? 0,
    );
    expect(passages).toHaveLength(2);
    expect(passages[1]).toBeLessThan(passages[0] ?? 0);
    expect(passages[1]).toBeGreaterThan(0);
    refusals = 2;
    expectProblem(await desk.ask(), 'PROVIDER_CONTEXT_TOO_LONG');
    expect(desk.provider.read).toHaveLength(4);
  });

  test('Q2: an answer that the provider’s filter stopped is a refusal', async () => {
    const desk = await openModelDesk(wire);
    desk.provider.answer = ({ begin, response }) => {
      begin();
      response.end(wire.filtered());
    };
    expectProblem(await desk.ask(), 'PROVIDER_REFUSED');
  });

  test('Q2: an answer that ends in the middle is never given as a whole, however it ends', async () => {
    const desk = await openModelDesk(wire);
    desk.provider.answer = ({ begin, write, response }) => {
      begin();
      write(wire.piece('The fee is 25 cents for every day but never more than'));
      response.end();
    };
    expectProblem(await desk.ask(), 'UPSTREAM_BAD_ANSWER');
    desk.provider.answer = ({ begin, write, response }) => {
      begin();
      write(wire.piece('The fee is 25 cents for every day but never more than'));
      setTimeout(() => response.destroy(), 50);
    };
    expectProblem(await desk.ask(), 'UPSTREAM_UNREACHABLE');
    const { json } = await desk.gate.call('/api/jobs', { key: desk.key });
    expect(json.data.map(({ status }: { status: string }) => status)).toEqual(['failed', 'failed']);
  });

  test('Q2: an error in the middle of a stream is an error', async () => {
    const desk = await openModelDesk(wire);
    desk.provider.answer = ({ begin, write, response }) => {
      begin();
      write(wire.piece('The fee is'));
      response.end(wire.fault());
    };
    expectProblem(await desk.ask(), 'PROVIDER_UNAVAILABLE');
  });

  test('Q2: garbage in a stream, no stream at all, and 200 with an error for a body', async () => {
    const desk = await openModelDesk(wire);
    desk.provider.answer = ({ begin, response }) => {
      begin();
      response.end('data: {"choices": [{"delta": \ndata: <html>\n\n');
    };
    expectProblem(await desk.ask(), 'UPSTREAM_BAD_ANSWER');
    desk.provider.answer = ({ response }) =>
      response.setHeader('content-type', 'text/event-stream').end('\u0000\u0001garbage');
    expectProblem(await desk.ask(), 'UPSTREAM_BAD_ANSWER');
    desk.provider.answer = ({ response }) =>
      response.setHeader('content-type', 'text/html').end('<html>Sign in</html>');
    expectProblem(await desk.ask(), 'UPSTREAM_BAD_ANSWER');
    desk.provider.answer = ({ response }) =>
      response.setHeader('content-type', 'application/json').end(JSON.stringify(wire.refuse('overloaded').body));
    expectProblem(await desk.ask(), 'PROVIDER_UNAVAILABLE');
    desk.provider.answer = ({ response }) => response.writeHead(302, { location: 'https://elsewhere.test/' }).end();
    expectProblem(await desk.ask(), 'UPSTREAM_BAD_ANSWER');
  });

  test('Q2, V6: a provider that repeats the key tells it to nobody', async () => {
    const desk = await openModelDesk(wire);
    desk.provider.answer = ({ say }) => say(`The key is ${wire.secret}, `, 'they say [1].');
    const answer = await desk.ask();
    expect(answer.status).toBe(200);
    expect(answer.text).not.toContain(wire.secret);
    desk.provider.answer = ({ response }) =>
      response
        .writeHead(400, { 'content-type': 'application/json' })
        .end(JSON.stringify({ error: { message: `odd request with ${wire.secret}`, type: 'odd', code: 400 } }));
    const refused = await desk.ask();
    expectProblem(refused, 'PROVIDER_REFUSED');
    expect(refused.text).not.toContain(wire.secret);
    expect(desk.gate.logs()).not.toContain(wire.secret);
  });
});
