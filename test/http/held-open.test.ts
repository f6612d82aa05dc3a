import { request } from 'node:http';
import { expect, test } from 'vitest';
import { type RunningGatehouse, startGatehouse } from '../support/gatehouse.js';

/** Sends the head and the first bytes of a body, then lets `meanwhile` happen, then sends the rest. */
async function heldOpen(
  running: RunningGatehouse,
  key: string,
  body: string,
  meanwhile: () => Promise<unknown>,
): Promise<{ status: number; text: string }> {
  const headers = { 'x-api-key': key, 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
  return new Promise((resolve, reject) => {
    const sent = request(`${running.url}/api/keys`, { method: 'POST', headers, agent: false }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
    });
    sent.on('error', reject);
    sent.write(body.slice(0, 5), () => {
      const decided = async () => {
        // The head has been decided on once the key shows as used.
        await expect
          .poll(async () => (await running.local('/api/keys')).json.data[0].lastUsedAt, { timeout: 5000 })
          .not.toBeNull();
        await meanwhile();
      };
      decided().then(() => sent.end(body.slice(5)), reject);
    });
  });
}

const BODY = JSON.stringify({ name: 'late', scopes: ['keys:read'] });

test('K5: a key that is revoked while its request is held open acts no more', async () => {
  await using running = await startGatehouse();
  const { key, token } = await running.createKey({ scopes: ['keys:read', 'keys:write'] });
  const answer = await heldOpen(running, token, BODY, () =>
    running.local(`/api/keys/${key.id}/revoke`, { method: 'POST' }),
  );
  expect(answer.status, answer.text).toBe(401);
  expect((await running.local('/api/keys')).json.data).toHaveLength(1);
});

test('K5, K11: a key that loses a scope while its request is held open does not use it', async () => {
  await using running = await startGatehouse();
  const { key, token } = await running.createKey({ scopes: ['keys:read', 'keys:write'] });
  const answer = await heldOpen(running, token, BODY, () =>
    running.local(`/api/keys/${key.id}`, { method: 'PATCH', body: { scopes: ['keys:read'] } }),
  );
  expect(answer.status, answer.text).toBe(403);
  expect((await running.local('/api/keys')).json.data).toHaveLength(1);
});

test('G4: a request whose body is slow counts once', async () => {
  await using running = await startGatehouse({ API_RATE_LIMIT: '2' });
  const { token } = await running.createKey({ scopes: ['keys:read', 'keys:write'] });
  expect((await heldOpen(running, token, BODY, async () => {})).status).toBe(201);
  expect((await running.call('/api/auth/whoami', { key: token })).headers.get('ratelimit')).toContain('r=0');
});

test('G4: with a limit of three, exactly three requests with a body are let in, the last one too', async () => {
  await using running = await startGatehouse({ API_RATE_LIMIT: '3' });
  const { token } = await running.createKey({ scopes: ['keys:read', 'keys:write'] });
  const statuses: number[] = [];
  for (let n = 0; n < 4; n += 1)
    statuses.push((await running.call('/api/keys', { key: token, body: { name: `${n}`, scopes: [] } })).status);
  expect(statuses).toEqual([201, 201, 201, 429]);
});

test('G4: of many requests with a body at once, exactly the limit are let in', async () => {
  await using running = await startGatehouse({ API_RATE_LIMIT: '10' });
  const { token } = await running.createKey({ scopes: ['keys:read', 'keys:write'] });
  const answers = await Promise.all(
    Array.from({ length: 25 }, (_, n) => running.call('/api/keys', { key: token, body: { name: `${n}`, scopes: [] } })),
  );
  expect(answers.filter(({ status }) => status === 201)).toHaveLength(10);
  expect(answers.filter(({ status }) => status === 429)).toHaveLength(15);
});
