import { expect, test } from 'vitest';
import { type RunningGatehouse, startGatehouse } from '../support/gatehouse.js';

const APP = 'https://app.example.com';
const start = () => startGatehouse({ CORS_ORIGINS: `${APP}, http://localhost:5173`, API_RATE_LIMIT: '2' });

const preflight = (running: RunningGatehouse, origin: string, path = '/api/ask') =>
  running.call(path, {
    method: 'OPTIONS',
    headers: {
      origin,
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'x-api-key, content-type',
    },
  });

test('G12: a listed origin may call with a key in a header, and is told so before it sends one', async () => {
  await using running = await start();
  const { token } = await running.createKey();
  const asked = await preflight(running, APP);
  expect(asked.status).toBe(204);
  expect(Object.fromEntries(asked.headers)).toMatchObject({
    'access-control-allow-origin': APP,
    'access-control-allow-methods': 'GET,POST,PUT,PATCH,DELETE',
    'access-control-allow-headers': 'Authorization,Content-Type,x-api-key',
    'access-control-max-age': '600',
  });
  const answered = await running.call('/api/auth/whoami', { key: token, headers: { origin: APP } });
  expect(answered.status).toBe(200);
  expect(answered.headers.get('access-control-allow-origin')).toBe(APP);
  expect(answered.headers.get('vary')).toContain('Origin');
  expect(answered.headers.get('access-control-expose-headers')).toContain('RateLimit');
});

test('G12: cookies never cross', async () => {
  await using running = await start();
  const { token } = await running.createKey();
  for (const answer of [
    await preflight(running, APP),
    await running.call('/api/auth/whoami', { key: token, headers: { origin: APP } }),
  ]) {
    expect(answer.headers.has('access-control-allow-credentials')).toBe(false);
  }
});

test('G12: a listed origin can read why it was refused', async () => {
  await using running = await start();
  const { token } = await running.createKey();
  const refused = await running.call('/api/auth/whoami', { headers: { origin: APP } });
  expect(refused).toMatchObject({ status: 401, json: { code: 'UNAUTHORIZED' } });
  expect(refused.headers.get('access-control-allow-origin')).toBe(APP);
  for (let n = 0; n < 2; n += 1) await running.call('/api/auth/whoami', { key: token });
  const limited = await running.call('/api/auth/whoami', { key: token, headers: { origin: APP } });
  expect(limited.status).toBe(429);
  expect(limited.headers.get('access-control-allow-origin')).toBe(APP);
});

test.each([
  ['another one', 'https://evil.example'],
  ['a longer one', 'https://app.example.com.evil.example'],
  ['one of another scheme', 'http://app.example.com'],
  ['one of another port', 'https://app.example.com:8443'],
  ['one in capitals', 'https://APP.example.com'],
  ['null', 'null'],
])('G12: %s gets no leave', async (_name, origin) => {
  await using running = await start();
  const { token } = await running.createKey();
  const asked = await preflight(running, origin);
  expect(asked.status).toBeGreaterThanOrEqual(400);
  expect(asked.headers.has('access-control-allow-origin')).toBe(false);
  const answered = await running.call('/api/auth/whoami', { key: token, headers: { origin } });
  expect(answered.headers.has('access-control-allow-origin')).toBe(false);
});

test('G12: without CORS_ORIGINS nobody gets leave, and preflight is asked for a key like anything else', async () => {
  await using running = await startGatehouse();
  const asked = await preflight(running, APP);
  expect(asked.status).toBe(401);
  expect(asked.headers.has('access-control-allow-origin')).toBe(false);
});

test('G12, G2: an address that may not come in does not come in by CORS', async () => {
  await using running = await startGatehouse({ CORS_ORIGINS: APP, ALLOWED_IPS: '192.0.2.1' });
  const refused = await running.call('/api/auth/whoami', { headers: { origin: APP } });
  expect(refused).toMatchObject({ status: 403, json: { code: 'IP_NOT_ALLOWED' } });
});
