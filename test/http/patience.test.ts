import { expect, test } from 'vitest';
import { listenTcp, PATIENCE } from '../../src/http/server.js';
import { startGatehouse } from '../support/gatehouse.js';
import { expectProblem } from './problem.js';
import { head, sendRaw } from './raw.js';

const SHORT = { ...PATIENCE, headersTimeout: 300, requestTimeout: 600, connectionsCheckingInterval: 50 };

test.each([
  ['a head that never ends', 'GET /healthz HTTP/1.1\r\nHost: h\r\nX-Slow: '],
  ['a head that never begins', 'GET'],
  [
    'a body that never ends',
    `${head('POST /api/ask HTTP/1.1', 'Content-Type: application/json', 'Content-Length: 100')}{`,
  ],
])('R3: %s is cut off with 408 in the one shape', async (what, bytes) => {
  await using running = await startGatehouse({ ADMIN_API_KEY: 'a'.repeat(40) });
  const server = await listenTcp(running.gatehouse, SHORT);
  try {
    const sent = what.includes('body')
      ? bytes.replace('Content-Type', `x-api-key: ${'a'.repeat(40)}\r\nContent-Type`)
      : bytes;
    const { answers, ended } = await sendRaw(server.url, sent, 3000);
    expect(ended).toBe(true);
    expect(answers).toHaveLength(1);
    if (answers[0] !== undefined) expectProblem(answers[0], 'REQUEST_TIMEOUT');
  } finally {
    await server.close(0);
  }
});

test('R3: an upload may take longer than other bodies, and is cut off in its turn; nobody else may', async () => {
  const key = 'a'.repeat(40);
  await using running = await startGatehouse({ ADMIN_API_KEY: key });
  const server = await listenTcp(running.gatehouse, { ...SHORT, requestTimeout: 300, uploadTimeout: 1500 });
  const beginning = (credential: string) =>
    `${head('PUT /api/workspaces/example/file?path=slow.txt HTTP/1.1', `x-api-key: ${credential}`, 'Content-Length: 100')}begins`;
  try {
    const startedMs = performance.now();
    const { answers, ended } = await sendRaw(server.url, beginning(key), 5000);
    expect(ended).toBe(true);
    expect(performance.now() - startedMs).toBeGreaterThan(1200);
    for (const answer of answers) expectProblem(answer, 'REQUEST_TIMEOUT');
    // Who was not let in is answered at once, and has no time to take.
    const refused = await sendRaw(server.url, beginning('b'.repeat(40)), 5000);
    expect(refused.answers.map(({ status }) => status)).toEqual([401]);
    expect(refused.ended).toBe(true);
    const files = await running.local('/api/workspaces/example/files?limit=200');
    expect(files.text).not.toContain('slow.txt');
  } finally {
    await server.close(0);
  }
});

test('R3: the times a caller may take are set here, and an idle connection outlives those of proxies', () => {
  expect(PATIENCE.headersTimeout).toBeLessThanOrEqual(30_000);
  expect(PATIENCE.requestTimeout).toBeLessThanOrEqual(120_000);
  expect(PATIENCE.keepAliveTimeout).toBeGreaterThan(120_000);
});
