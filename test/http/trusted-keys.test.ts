import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ROUTES, type RouteSpec } from '../../src/contract/routes.js';
import { ADMIN_SCOPES, MCP_PRESET } from '../../src/contract/scopes.js';
import { ADMIN_KEY, type RunningGatehouse, startGatehouse } from '../support/gatehouse.js';

async function make(
  running: RunningGatehouse,
  path: string,
  body: object = {},
): Promise<{ key: { id: string }; token: string }> {
  const made = await running.local(path, { method: 'POST', body: { name: 'test', ...body } });
  expect(made.status, made.text).toBe(201);
  return made.json;
}

describe.each([
  { path: '/api/service-keys', type: 'svc', scopes: [...ADMIN_SCOPES] },
  { path: '/api/mcp-tokens', type: 'mcp', scopes: [...MCP_PRESET] },
])('$path', ({ path, type, scopes }) => {
  test('K6, K7: made, listed, fetched, changed, rotated and revoked, on a family of its own', async () => {
    await using running = await startGatehouse();
    const { key, token } = await make(running, path);
    expect(key).toMatchObject({ type, scopes, organizationId: 'org_default', status: 'active' });
    expect(token).toMatch(new RegExp(`^gate_${type}_test_[0-9A-Za-z]{49}$`));
    expect(await readFile(join(running.folder, 'api-keys.json'), 'utf8')).not.toContain(token);

    expect((await running.local(path)).json.data.map(({ id }: { id: string }) => id)).toEqual([key.id]);
    expect((await running.local(`${path}/${key.id}`)).json.key.id).toBe(key.id);
    const changed = await running.local(`${path}/${key.id}`, {
      method: 'PATCH',
      body: { note: 'the office', scopes: ['ask:run'] },
    });
    expect(changed.json.key).toMatchObject({ note: 'the office', scopes: ['ask:run'] });

    const rotated = await running.local(`${path}/${key.id}/rotate`, { method: 'POST', body: { graceSeconds: 60 } });
    expect(rotated.json.key).toMatchObject({ id: key.id, status: 'expiring' });
    for (const either of [token, rotated.json.token]) {
      expect((await running.call('/api/auth/whoami', { key: either })).json.principal.keyId).toBe(key.id);
    }
    expect((await running.local(`${path}/${key.id}/revoke`, { method: 'POST' })).json.key.status).toBe('revoked');
    for (const either of [token, rotated.json.token]) {
      expect((await running.call('/api/auth/whoami', { key: either })).status).toBe(401);
    }
  });

  test('K6, K7: its ids are 404 among API keys, and API keys are 404 among them', async () => {
    await using running = await startGatehouse();
    const { key } = await make(running, path);
    const api = await running.createKey();
    expect((await running.local(`/api/keys/${key.id}`)).status).toBe(404);
    expect((await running.local(`/api/keys/${key.id}/revoke`, { method: 'POST' })).status).toBe(404);
    expect((await running.local(`${path}/${api.key.id}`)).status).toBe(404);
    expect((await running.local('/api/keys')).json.data).toHaveLength(1);
    expect((await running.local('/api/keys', { method: 'POST', body: { name: 'x', type } })).status).toBe(400);
  });

  test('K11: an API key that may write keys can make none', async () => {
    await using running = await startGatehouse();
    const { token } = await running.createKey({ scopes: ['*'] });
    const refused = await running.call(path, { key: token, body: { name: 'x' } });
    expect(refused).toMatchObject({ status: 403, json: { code: 'FORBIDDEN' } });
    expect(refused.json.detail).toContain('service_role');
  });
});

describe('a service key', () => {
  test('K6: it passes the routes of API keys in its organization, and is no operator', async () => {
    await using running = await startGatehouse();
    const { token } = await make(running, '/api/service-keys');
    expect((await running.call('/api/auth/whoami', { key: token })).json.principal).toMatchObject({
      kind: 'service_key',
      organizationId: 'org_default',
    });
    expect((await running.call('/api/workspaces', { key: token })).status).toBe(200);
    expect(
      (await running.call('/api/ask', { key: token, body: { workspaceId: 'example', question: 'Where are fines?' } }))
        .status,
    ).toBe(200);
    for (const path of ['/api/env-keys', '/api/audit/verify']) {
      expect((await running.call(path, { key: token })).status, path).toBe(403);
    }
    expect((await running.call('/api/settings/signing-keys/rotate', { key: token, method: 'POST' })).status).toBe(403);
    expect((await running.call('/api/keys?organizationId=org_other', { key: token })).status).toBe(403);
  });

  test('K6, K11: it makes API keys and MCP tokens within its scopes, and no service keys', async () => {
    await using running = await startGatehouse();
    const { token } = await make(running, '/api/service-keys', { scopes: ['keys:read', 'keys:write', 'ask:run'] });
    expect((await running.call('/api/keys', { key: token, body: { name: 'x', scopes: ['ask:run'] } })).status).toBe(
      201,
    );
    expect(
      (await running.call('/api/mcp-tokens', { key: token, body: { name: 'x', scopes: ['ask:run'] } })).status,
    ).toBe(201);
    const beyond = await running.call('/api/keys', { key: token, body: { name: 'x', scopes: ['projects:write'] } });
    expect(beyond).toMatchObject({ status: 403, json: { code: 'FORBIDDEN' } });
    expect(
      (await running.call('/api/service-keys', { key: token, body: { name: 'x', scopes: ['ask:run'] } })).status,
    ).toBe(403);
  });
});

test('K6: a service key rotates itself and no other service key', async () => {
  await using running = await startGatehouse();
  const one = await make(running, '/api/service-keys');
  const other = await make(running, '/api/service-keys');
  const refused = await running.call(`/api/service-keys/${other.key.id}/rotate`, { key: one.token, method: 'POST' });
  expect(refused).toMatchObject({ status: 403, json: { code: 'FORBIDDEN' } });
  expect(
    (await running.call(`/api/service-keys/${one.key.id}/rotate`, { key: one.token, method: 'POST' })).status,
  ).toBe(200);
});

describe('an MCP token', () => {
  test('K7: it says who it is and is refused at every other route', async () => {
    await using running = await startGatehouse({ API_RATE_LIMIT: 'off' });
    const { key, token } = await make(running, '/api/mcp-tokens', { scopes: ['*'] });
    expect((await running.call('/api/auth/whoami', { key: token })).json.principal).toMatchObject({
      kind: 'mcp_token',
      keyId: key.id,
    });
    const guarded = Object.values<RouteSpec>(ROUTES).filter(
      ({ authModes }) => !authModes.includes('public') && !authModes.includes('mcp'),
    );
    expect(guarded.length).toBeGreaterThan(20);
    for (const { method, path } of guarded) {
      const refused = await running.call(path.replace(':workspaceId', 'example').replace(/:\w+/g, key.id), {
        method,
        key: token,
      });
      expect(refused.status, `${method} ${path}`).toBe(403);
    }
  });

  test('K7: its tools and its read-only switch are kept and can be changed', async () => {
    await using running = await startGatehouse({ ADMIN_API_KEY: ADMIN_KEY });
    const made = await running.call('/api/mcp-tokens', {
      key: ADMIN_KEY,
      body: { name: 'agent', tools: ['ask', 'keys_list'], readOnly: true },
    });
    expect(made.json.key).toMatchObject({ tools: ['ask', 'keys_list'], readOnly: true });
    const path = `/api/mcp-tokens/${made.json.key.id}`;
    const changed = await running.call(path, { key: ADMIN_KEY, method: 'PATCH', body: { tools: null } });
    expect(changed.json.key).toMatchObject({ tools: null, readOnly: true });
    expect((await running.call(path, { key: ADMIN_KEY })).json.key).toMatchObject({ tools: null, readOnly: true });
    expect(
      (await running.call('/api/mcp-tokens', { key: ADMIN_KEY, body: { name: 'x', tools: ['No Tool'] } })).status,
    ).toBe(400);
    expect((await running.call('/api/service-keys', { key: ADMIN_KEY, body: { name: 'x', tools: [] } })).status).toBe(
      400,
    );
  });
});
