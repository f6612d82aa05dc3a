import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { DAYS_KEPT, HOURS_KEPT, KeyUsage, UsageReport } from '../../src/contract/usage.js';
import { DAY, HOUR, MINUTE } from '../support/clock.js';
import { ADMIN_KEY, type RunningGatehouse, startGatehouse } from '../support/gatehouse.js';
import { expectProblem } from './problem.js';

const CLIENT_KEY = 'c1ient-c1ient-c1ient-c1ient-c1ient-c1ient';

async function report(running: RunningGatehouse, query = '', key?: string): Promise<UsageReport> {
  const answer =
    key === undefined ? await running.local(`/api/usage${query}`) : await running.call(`/api/usage${query}`, { key });
  expect(answer.status, answer.text).toBe(200);
  return UsageReport.parse(answer.json);
}

const times = async (count: number, work: () => Promise<unknown>) => {
  for (let n = 0; n < count; n += 1) await work();
};

describe('requests are counted', () => {
  test('by key, route, outcome and hour', async () => {
    await using running = await startGatehouse();
    const { key, token } = await running.createKey({ name: 'one', rateLimit: { requests: 3, windowSeconds: 60 } });
    const whoami = () => running.call('/api/auth/whoami', { key: token });
    await times(4, whoami);
    running.clock.advance(HOUR);
    await times(2, whoami);
    await running.call('/api/keys', { key: token });
    const found = await report(running, `?keyId=${key.id}`);
    expect(found.totals).toMatchObject({
      requests: 7,
      allowed: 5,
      byOutcome: { ALLOWED: 5, FORBIDDEN: 1, RATE_LIMITED: 1 },
    });
    expect(found.series).toHaveLength(24);
    expect(
      found.series.filter(({ requests }) => requests > 0).map(({ at, requests, allowed }) => [at, requests, allowed]),
    ).toEqual([
      ['2026-11-22T12:00:00.000Z', 4, 3],
      ['2026-11-22T13:00:00.000Z', 3, 2],
    ]);
    expect(found.keys).toEqual([{ id: key.id, kind: 'api_key', name: 'one', requests: 7, allowed: 5 }]);
    expect(found.routes).toEqual([
      { route: 'whoami', requests: 6, allowed: 5 },
      { route: 'listKeys', requests: 1, allowed: 0 },
    ]);
    expect((await report(running, `?keyId=${key.id}&route=listKeys`)).totals.requests).toBe(1);
    const days = await report(running, `?keyId=${key.id}&groupBy=day`);
    expect(days.series).toHaveLength(30);
    expect(days.series.at(-1)).toMatchObject({ at: '2026-11-22T00:00:00.000Z', requests: 7 });
  });

  test('as what they were answered with, whoever answered', async () => {
    await using running = await startGatehouse();
    const { key, token } = await running.createKey({ scopes: ['keys:read', 'keys:write'] });
    await running.call('/api/keys/key_0000000000000000000000', { key: token });
    await running.call('/api/keys', { method: 'POST', key: token, body: '{' });
    await running.call('/api/keys?limit=0', { key: token });
    await running.call('/api/nothing', { key: token });
    await running.local(`/api/keys/${key.id}/revoke`, { method: 'POST' });
    await running.call('/api/keys', { key: token });
    const { totals, routes } = await report(running, `?keyId=${key.id}`);
    expect(totals.byOutcome).toEqual({ BAD_REQUEST: 2, NOT_FOUND: 2, UNAUTHORIZED: 1 });
    expect(routes.map(({ route }) => route)).not.toContain('/api/nothing');
  });

  test('of nobody known as unknown; health checks and preflight not at all', async () => {
    await using running = await startGatehouse({ CORS_ORIGINS: 'https://app.example.com' });
    await running.call('/api/keys');
    await running.call('/api/keys', { key: 'wrong' });
    await running.call('/.well-known/jwks.json');
    await times(3, () => running.call('/healthz'));
    const headers = { origin: 'https://app.example.com', 'access-control-request-method': 'GET' };
    await running.call('/api/keys', { method: 'OPTIONS', headers });
    await running.call('/api/keys', { method: 'OPTIONS', headers: { ...headers, origin: 'https://evil.example' } });
    const { keys } = await report(running);
    expect(keys.map(({ id, requests, allowed }) => [id, requests, allowed])).toEqual([
      ['unknown', 2, 0],
      ['anonymous', 1, 1],
    ]);
  });

  test('once for a request with a body, and through a JWT for its key', async () => {
    await using running = await startGatehouse();
    const { key, token } = await running.createKey({ scopes: ['keys:read', 'keys:write'] });
    await running.call('/api/keys', { key: token, body: { name: 'x', scopes: [] } });
    const { access_token } = (await running.call('/api/auth/token', { method: 'POST', key: token })).json;
    await running.call('/api/auth/whoami', { headers: { authorization: `Bearer ${access_token}` } });
    expect((await report(running, `?keyId=${key.id}`)).totals.requests).toBe(3);
  });

  test('with how long they took', async () => {
    await using running = await startGatehouse();
    const { token } = await running.createKey();
    await times(5, () => running.call('/api/auth/whoami', { key: token }));
    const { totals, series } = await report(running, '?route=whoami');
    expect(totals.latency?.p50Ms).toBeGreaterThan(0);
    expect(totals.latency?.p99Ms).toBeGreaterThanOrEqual(totals.latency?.p50Ms ?? 0);
    expect(series.at(-1)?.latency).toEqual(totals.latency);
    expect(series[0]?.latency).toBeNull();
  });

  test('and are there after a restart; a request writes nothing', async () => {
    await using running = await startGatehouse();
    const { token } = await running.createKey();
    const file = join(running.folder, '.gatehouse', 'usage-hours.json');
    await times(3, () => running.call('/api/auth/whoami', { key: token }));
    await expect(readFile(file)).rejects.toMatchObject({ code: 'ENOENT' });
    await running.gatehouse.usage.flush();
    const saved = await readFile(file, 'utf8');
    await running.call('/api/auth/whoami', { key: token });
    expect(await readFile(file, 'utf8')).toBe(saved);
    expect(saved).not.toContain(token);
  });
});

describe('who may see', () => {
  test('the usage of one key: its counts and its last use; 404 for keys of other families, foreign and unknown alike', async () => {
    await using running = await startGatehouse();
    const asker = await running.createKey({ scopes: ['keys:read'], workspaceIds: ['example'] });
    const { key, token } = await running.createKey({ workspaceIds: ['example'] });
    const foreign = await running.createKey({});
    const service = (await running.local('/api/service-keys', { body: { name: 's', scopes: ['keys:read'] } })).json;
    await running.call('/api/auth/whoami', { key: token });
    const answer = await running.call(`/api/keys/${key.id}/usage`, { key: asker.token });
    const usage = KeyUsage.parse(answer.json);
    expect(usage).toMatchObject({
      totals: { requests: 1, latency: null },
      lastUsedAt: '2026-11-22T12:00:00.000Z',
      lastUsedIp: '127.0.0.1',
    });
    for (const id of [foreign.key.id, service.key.id, 'key_0000000000000000000000'])
      expectProblem(await running.call(`/api/keys/${id}/usage`, { key: asker.token }), 'NOT_FOUND');
    expect((await running.call(`/api/service-keys/${service.key.id}/usage`, { key: service.token })).status).toBe(200);
    for (const keyId of [foreign.key.id, 'key_0000000000000000000000'])
      expectProblem(await running.call(`/api/usage?keyId=${keyId}`, { key: asker.token }), 'NOT_FOUND');
  });

  test('a key bound to a workspace sees what keys within that sent, and nothing else', async () => {
    await using running = await startGatehouse({ VALID_API_KEYS: CLIENT_KEY });
    const asker = await running.createKey({ scopes: ['keys:read'], workspaceIds: ['example'] });
    const { token } = await running.createKey({});
    await times(5, () => running.call('/api/auth/whoami', { key: token }));
    await running.call('/api/auth/whoami', { key: CLIENT_KEY });
    await running.call('/api/auth/whoami', { key: asker.token });
    const found = await report(running, '', asker.token);
    expect(found.totals).toMatchObject({ requests: 1, latency: null });
    expect(found.keys).toEqual([{ id: asker.key.id, kind: 'api_key', name: 'test', requests: 1, allowed: 1 }]);
  });

  test('its organization sees its own keys, and the rest of it as others; operators see all', async () => {
    await using running = await startGatehouse({ ADMIN_API_KEY: ADMIN_KEY, VALID_API_KEYS: CLIENT_KEY });
    const asker = await running.createKey({ name: 'asker', scopes: ['keys:read'] });
    const service = (await running.local('/api/service-keys', { body: { name: 's' } })).json;
    await running.call('/api/auth/whoami', { key: CLIENT_KEY });
    await running.call('/api/auth/whoami', { key: service.token });
    await running.call('/api/auth/whoami', { key: ADMIN_KEY });
    await running.call('/api/auth/whoami', { key: 'wrong' });
    const seen = await report(running, '', asker.token);
    expect(seen.keys.map(({ id, kind, requests }) => [id, kind, requests])).toEqual([['others', 'others', 2]]);
    expect(JSON.stringify(seen)).not.toMatch(/env:|key_/);
    const all = await report(running, '', ADMIN_KEY);
    expect(all.keys.map(({ kind }) => kind).sort()).toEqual(
      ['api_key', 'env_admin', 'env_client', 'local', 'service_key', 'unknown'].sort(),
    );
    const own = await report(running, '?organizationId=org_default', ADMIN_KEY);
    expect(own.keys.map(({ kind }) => kind).sort()).toEqual(['api_key', 'env_client', 'service_key']);
    expectProblem(await running.call('/api/usage?organizationId=org_other', { key: asker.token }), 'FORBIDDEN');
  });
});

describe('times', () => {
  test('are taken back to the beginning of their hour or day', async () => {
    await using running = await startGatehouse();
    const { token } = await running.createKey();
    await running.call('/api/auth/whoami', { key: token });
    running.clock.advance(90 * MINUTE);
    await running.call('/api/auth/whoami', { key: token });
    const found = await report(running, '?route=whoami&from=2026-11-22T12:59:00Z&to=2026-11-22T13:00:00%2B00:00');
    expect(found).toMatchObject({
      from: '2026-11-22T12:00:00.000Z',
      to: '2026-11-22T13:00:00.000Z',
      totals: { requests: 1 },
    });
    expect((await report(running, '?route=whoami&from=2026-11-22T12:00:00Z')).series).toHaveLength(2);
  });

  test('after three days hours are asked for as days', async () => {
    await using running = await startGatehouse();
    const { token } = await running.createKey();
    await running.call('/api/auth/whoami', { key: token });
    running.clock.advance(5 * DAY);
    await running.gatehouse.usage.flush();
    expectProblem(await running.local('/api/usage?from=2026-11-22T12:00:00Z'), 'BAD_REQUEST', /groupBy=day/);
    const found = await report(running, '?groupBy=day&route=whoami&from=2026-11-22T12:00:00Z');
    expect(found.series.map(({ requests }) => requests)).toEqual([1, 0, 0, 0, 0, 0]);
    const longest = await report(running, `?from=${new Date(running.clock.nowMs() - HOURS_KEPT * HOUR).toISOString()}`);
    expect(longest.series).toHaveLength(HOURS_KEPT + 1);
    const from = new Date(running.clock.nowMs() - (DAYS_KEPT + 2) * DAY).toISOString();
    expectProblem(await running.local(`/api/usage?groupBy=day&from=${from}`), 'BAD_REQUEST', /90 days/);
  });

  test.each([
    ['from=2026-11-22T14:00:00Z', /from/],
    ['from=yesterday', /from/],
    ['to=2026-11-22', /to/],
    ['from=2026-11-22T11:00:00Z&to=2026-11-22T11:00:00Z', /from/],
    ['groupBy=week', /groupBy/],
    ['keyId=', /keyId/],
    ['limit=5', /limit/],
    ['from=9999-12-31T23:59:59Z', /from/],
    ['to=0001-01-01T00:00:00Z', /from/],
  ])('R3: %s is refused and named', async (query, detail) => {
    await using running = await startGatehouse();
    expectProblem(await running.local(`/api/usage?${query}`), 'BAD_REQUEST', detail);
  });
});

test('K2, G4: the usage of a key tells what is left of its limit, and asking takes nothing from it', async () => {
  await using gate = await startGatehouse({ API_RATE_LIMIT: '100' });
  const own = await gate.createKey({ rateLimit: { requests: 5, windowSeconds: 60 } });
  const plain = await gate.createKey();
  const headroom = async (id: string) => (await gate.local(`/api/keys/${id}/usage`)).json.headroom;
  expect(await headroom(own.key.id)).toEqual({ limit: own.key.rateLimit, remaining: 5, resetsAt: null });
  for (let one = 0; one < 3; one++) await gate.call('/api/auth/whoami', { key: own.token });
  const left = {
    limit: own.key.rateLimit,
    remaining: 2,
    resetsAt: new Date(gate.clock.nowMs() + 60_000).toISOString(),
  };
  expect(await headroom(own.key.id)).toEqual(left);
  expect(await headroom(own.key.id)).toEqual(left);
  gate.clock.advance(60_000);
  expect((await headroom(own.key.id)).remaining).toBe(5);
  expect((await headroom(plain.key.id)).limit).toEqual({ requests: 100, windowSeconds: 3600 });
});
