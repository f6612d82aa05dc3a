import { expect, onTestFinished, test } from 'vitest';
import type { KeyView } from '../../src/contract/keys.js';
import { startGateway } from '../gateway/gateway.js';
import { HOUR, MINUTE } from '../support/clock.js';
import { startGatehouse } from '../support/gatehouse.js';

/** A key that was rotated with a grace of ten hours. */
async function rotated() {
  const gate = await startGatehouse({ API_RATE_LIMIT: 'off' });
  onTestFinished(() => gate[Symbol.asyncDispose]());
  const { key, token: old } = await gate.createKey({ name: 'worker' });
  const path = `/api/keys/${key.id}`;
  gate.clock.advance(MINUTE);
  const { json } = await gate.local(`${path}/rotate`, { body: { graceSeconds: 36_000 } });
  const use = async (token: string) => (await gate.call('/api/auth/whoami', { key: token })).status;
  const look = async () => {
    const shown: KeyView = (await gate.local(path)).json.key;
    const { data } = (await gate.local('/api/keys?concern=late')).json;
    const { attention } = (await gate.local('/api/overview')).json;
    const told = attention.find(({ code }: { code: string }) => code === 'KEYS_OLD_SECRET_USED');
    return { until: shown.lateUntil, listed: data.length, told: told?.subjects ?? null, severity: told?.severity };
  };
  return { gate, key, path, old, fresh: json.token as string, use, look };
}

const QUIET = { until: null, listed: 0, told: null, severity: undefined };

test('K4: an old secret that is still used near the end of its grace is told of, and not before', async () => {
  const { gate, key, old, use, look } = await rotated();
  const until = new Date(gate.clock.nowMs() + 10 * HOUR).toISOString();
  gate.clock.advance(HOUR);
  expect(await use(old)).toBe(200);
  gate.clock.advance(8 * HOUR - 1);
  expect(await look()).toEqual(QUIET);
  gate.clock.advance(1);
  expect(await look()).toEqual({
    until,
    listed: 1,
    told: [{ id: key.id, name: 'worker', link: `/settings/api-keys/${key.id}` }],
    severity: 'warning',
  });
  // Over, it is no warning any more: whoever uses it is refused.
  gate.clock.advance(HOUR);
  expect(await look()).toEqual(QUIET);
  expect(await use(old)).toBe(401);
});

test('K4: one that nobody used since the rotation is nothing to tell of', async () => {
  const { gate, fresh, use, look } = await rotated();
  gate.clock.advance(9.5 * HOUR);
  expect(await use(fresh)).toBe(200);
  expect(await look()).toEqual(QUIET);
});

test('K4: ended early, revoked: it is told of no more', async () => {
  const { gate, path, old, use, look } = await rotated();
  gate.clock.advance(9.5 * HOUR);
  await use(old);
  expect((await look()).listed).toBe(1);
  await gate.local(path, { method: 'PATCH', body: { endGrace: true } });
  expect(await look()).toEqual(QUIET);
  const other = await rotated();
  other.gate.clock.advance(9.5 * HOUR);
  await other.use(other.old);
  await other.gate.local(`${other.path}/revoke`, { method: 'POST' });
  expect(await other.look()).toEqual(QUIET);
});

test('the usage of a key says from where it was used, by the requests that are kept', async () => {
  const gate = await startGatehouse({ API_RATE_LIMIT: 'off', TRUST_PROXY: 'loopback' });
  onTestFinished(() => gate[Symbol.asyncDispose]());
  const { key, token } = await gate.createKey({ scopes: [] });
  const other = await gate.createKey();
  const from = (address: string, path = '/api/auth/whoami', asked = token) =>
    gate.call(path, { key: asked, headers: { 'x-forwarded-for': address } });
  const addresses = async () => (await gate.local(`/api/keys/${key.id}/usage`)).json.addresses;
  expect(await addresses()).toEqual({ data: [], count: 0, requests: 0, sinceRotation: null });
  await from('198.51.100.7');
  gate.clock.advance(MINUTE);
  await from('203.0.113.5');
  await from('203.0.113.5', '/api/keys');
  await from('192.0.2.99', '/api/auth/whoami', other.token);
  expect(await addresses()).toEqual({
    data: [
      { address: '203.0.113.5', requests: 2, allowed: 1, oldSecret: 0, lastAt: '2026-11-22T12:01:00.000Z' },
      { address: '198.51.100.7', requests: 1, allowed: 1, oldSecret: 0, lastAt: '2026-11-22T12:00:00.000Z' },
    ],
    count: 2,
    requests: 3,
    sinceRotation: null,
  });
  // Of the last 24 hours, like the totals beside it.
  gate.clock.advance(24 * HOUR + 1);
  expect(await addresses()).toEqual({ data: [], count: 0, requests: 0, sinceRotation: null });
});

test('K4: while old and new both work it is told from where the old one is still used', async () => {
  const gate = await startGatehouse({ API_RATE_LIMIT: 'off', TRUST_PROXY: 'loopback' });
  onTestFinished(() => gate[Symbol.asyncDispose]());
  const { key, token: old } = await gate.createKey({ scopes: [] });
  const from = (address: string, asked: string, path = '/api/auth/whoami') =>
    gate.call(path, { key: asked, headers: { 'x-forwarded-for': address } });
  const path = `/api/keys/${key.id}`;
  const usage = async () => (await gate.local(`${path}/usage`)).json.addresses;
  await from('198.51.100.7', old);
  gate.clock.advance(MINUTE);
  const fresh: string = (await gate.local(`${path}/rotate`, { body: { graceSeconds: 36_000 } })).json.token;
  // What was before the rotation was no old secret yet.
  expect(await usage()).toMatchObject({ data: [{ oldSecret: 0 }], sinceRotation: { requests: 0, oldSecret: 0 } });
  gate.clock.advance(MINUTE);
  await from('198.51.100.7', old);
  await from('198.51.100.7', fresh);
  // One that may not do this was shown all the same.
  expect((await from('203.0.113.5', old, '/api/keys')).status).toBe(403);
  await from('192.0.2.9', fresh);
  expect(await usage()).toMatchObject({
    data: [
      { address: '192.0.2.9', requests: 1, oldSecret: 0 },
      { address: '203.0.113.5', requests: 1, oldSecret: 1 },
      { address: '198.51.100.7', requests: 3, oldSecret: 1 },
    ],
    sinceRotation: { requests: 4, oldSecret: 2 },
  });
  const { data } = (await gate.local(`/api/requests?keyId=${key.id}`)).json;
  expect(data.map(({ secret }: { secret: object }) => secret)).toEqual([
    { last4: fresh.slice(-4), newest: true },
    { last4: old.slice(-4), newest: false },
    { last4: fresh.slice(-4), newest: true },
    { last4: old.slice(-4), newest: false },
    { last4: old.slice(-4), newest: false },
  ]);
  expect(JSON.stringify(data)).not.toMatch(/sha256|digest/);
  await gate.local(path, { method: 'PATCH', body: { endGrace: true } });
  expect((await from('198.51.100.7', old)).status).toBe(401);
  // A secret that has ended is used no more, however often it is shown.
  expect((await usage()).sinceRotation).toEqual({ requests: 5, oldSecret: 2 });
});

test('K4: each door tells which secret was shown, and of a JWT none', async () => {
  await using gateway = await startGateway((_request, response) => response.end('ok'), {
    settings: { TRUST_PROXY: 'loopback' },
  });
  const { house } = gateway;
  const { key, token } = await house.createKey({ scopes: [] });
  const { json } = await house.call('/api/auth/token', { key: token, method: 'POST' });
  const asked = { 'x-forwarded-method': 'GET', 'x-forwarded-uri': '/', 'x-forwarded-host': 'app.example.com' };
  expect((await house.call('/api/verify', { key: token, headers: asked })).status).toBe(204);
  expect((await fetch(gateway.url, { headers: { 'x-api-key': token } })).status).toBe(200);
  expect((await fetch(gateway.url, { headers: { authorization: `Bearer ${json.access_token}` } })).status).toBe(200);
  const seen = async () => (await house.local(`/api/requests?keyId=${key.id}`)).json.data;
  await expect.poll(async () => (await seen()).length).toBe(4);
  const shown = { last4: token.slice(-4), newest: true };
  expect((await seen()).map(({ secret }: { secret: object | null }) => secret)).toEqual([null, shown, shown, shown]);
});
