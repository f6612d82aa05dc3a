import { expect, onTestFinished, test } from 'vitest';
import { ADMIN_KEY, startGatehouse } from '../support/gatehouse.js';
import { expectProblem } from './problem.js';
import { sendRaw } from './raw.js';

const BROWSER = 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8';

/** As written: `fetch` says of every request that it is one of a page. */
async function open(settings: Record<string, string> = {}) {
  const gate = await startGatehouse({ ADMIN_API_KEY: ADMIN_KEY, ...settings });
  onTestFinished(() => gate[Symbol.asyncDispose]());
  const { pathname } = new URL(`${gate.url}/api/keys`);
  return async (headers: Record<string, string>, method = 'GET') => {
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
    const head = `${method} ${pathname} HTTP/1.1\r\nHost: gate\r\nConnection: close\r\n${lines.join('')}\r\n`;
    const [answer] = (await sendRaw(gate.url, head)).answers;
    if (answer === undefined) throw new Error('no answer');
    return answer;
  };
}

test.each([
  ['that says so', { accept: BROWSER, 'sec-fetch-mode': 'navigate' }],
  ['over plain HTTP, where it does not say so', { accept: BROWSER }],
])('D1: a browser %s is led from the list of keys to its page', async (_, headers) => {
  const ask = await open({ BASE_PATH: '/gate' });
  const answer = await ask(headers);
  expect(answer.status).toBe(303);
  expect(answer.headers.get('location')).toBe('/gate/settings/api-keys');
  expect(answer.headers.get('cache-control')).toBe('no-store');
});

test.each([
  ['accepts anything', { accept: '*/*' }],
  ['accepts JSON', { accept: 'application/json' }],
  ['says nothing', {}],
  ['is a page that asks', { accept: BROWSER, 'sec-fetch-mode': 'cors' }],
  ['would rather not have HTML', { accept: 'application/json, text/html;q=0' }],
])('a caller that %s is answered by the table', async (_, headers) => {
  const ask = await open();
  expectProblem(await ask(headers), 'UNAUTHORIZED');
});

test('whoever shows a key gets the list, whatever it accepts', async () => {
  const ask = await open();
  for (const headers of [{ 'x-api-key': ADMIN_KEY }, { authorization: `Bearer ${ADMIN_KEY}` }]) {
    const answer = await ask({ accept: BROWSER, ...headers });
    expect(answer.json).toEqual({ data: [], nextCursor: null });
  }
  expectProblem(await ask({ accept: BROWSER, 'x-api-key': 'wrong' }), 'UNAUTHORIZED');
});

test('an address that is kept out is led nowhere, and nothing but reading leads', async () => {
  const fromOutside = await open({ ALLOWED_IPS: '192.0.2.1' });
  expectProblem(await fromOutside({ accept: BROWSER }), 'IP_NOT_ALLOWED');
  const ask = await open();
  expectProblem(await ask({ accept: BROWSER }, 'POST'), 'UNAUTHORIZED');
});
