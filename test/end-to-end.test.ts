import { createRemoteJWKSet, jwtVerify } from 'jose';
import { expect, test, vi } from 'vitest';
import { createClient } from '../src/client/index.js';
import { serve } from './cli/process.js';
import { temporaryWorkspaces } from './support/workspace.js';

const PUBLIC_URL = 'https://gate.example.com';
const UPSTREAM = 'api.example.com';
const OWNER = { email: 'owner@example.com', password: 'the first one who came along' };
const ADMIN = { email: 'admin@example.com', password: 'the second one was invited' };

const secretOf = (link: string) => link.split('#')[1] ?? expect.unreachable(`${link} has no secret`);

test('A4, A6, A7, K2, D4: from the first start to a revoked key, with nothing but the program, the client and a stock JWT library', async () => {
  await using folder = await temporaryWorkspaces();
  await using server = await serve({ folder: folder.path, env: { PUBLIC_URL } });

  // The first start prints a link; it makes the first administrator, once.
  const link = await vi.waitFor(
    () => /https:\/\/\S+\/setup#\S+/.exec(server.stdout())?.[0] ?? expect.unreachable(),
    10_000,
  );
  const owner = createClient(server.url);
  const setup = { token: secretOf(link), ...OWNER };
  await owner.request('POST', '/api/auth/setup', { body: setup });
  await expect(
    owner.request('POST', '/api/auth/setup', { body: { ...setup, email: ADMIN.email } }),
  ).rejects.toBeDefined();
  expect(await owner.auth.signIn(OWNER)).toMatchObject({
    instanceOperator: true,
    memberships: [{ organizationId: 'org_default', role: 'owner' }],
  });

  // They invite somebody, who joins with the role they were given.
  const { path } = await owner.request<{ path: string }>('POST', '/api/organizations/org_default/invites', {
    body: { email: ADMIN.email, role: 'admin' },
  });
  const admin = createClient(server.url);
  await admin.auth.acceptInvite({ token: secretOf(path), password: ADMIN.password });
  await admin.auth.signOut();
  expect(await admin.auth.signIn(ADMIN)).toMatchObject({
    instanceOperator: false,
    memberships: [{ organizationId: 'org_default', role: 'admin' }],
  });

  // The operator names the host of the app that tokens may be made for.
  await owner.request('PUT', '/api/settings/routes', { body: { routes: [], hosts: [UPSTREAM] } });

  // Who makes a key, and the backend that holds it trades it for a short JWT.
  const { key, token } = await admin.keys.create({ name: 'backend', scopes: ['ask:run', 'projects:read'] });
  const backend = createClient(server.url, token);
  const question = { workspaceId: 'example', question: 'How are overdue fines calculated?' };
  expect((await backend.ask(question)).citations[0]?.path).toBe('server/fines.ts');
  const forUpstream = await backend.token.trade({ ttlSeconds: 60, audience: UPSTREAM });
  const forGatehouse = await backend.token.trade({ ttlSeconds: 60, scopes: ['ask:run'] });

  // The upstream knows nothing but where our public keys are.
  const keys = createRemoteJWKSet(new URL(`${server.url}/.well-known/jwks.json`));
  const strict = { issuer: PUBLIC_URL, audience: UPSTREAM, typ: 'gatehouse-assertion+jwt', algorithms: ['ES256'] };
  const { payload } = await jwtVerify(forUpstream.access_token, keys, strict);
  expect(payload).toMatchObject({ sub: key.id, scope: 'ask:run projects:read', organization_id: 'org_default' });
  await expect(jwtVerify(forGatehouse.access_token, keys, strict)).rejects.toMatchObject({
    code: 'ERR_JWT_CLAIM_VALIDATION_FAILED',
  });
  const bearer = createClient(server.url, forGatehouse.access_token);
  expect(await bearer.whoami()).toMatchObject({ kind: 'api_key', keyId: key.id, scopes: ['ask:run'] });

  // Revoked: the key, and what was traded for it, are refused from the next request on.
  expect(await admin.keys.revoke(key.id)).toMatchObject({ status: 'revoked' });
  for (const client of [backend, bearer]) {
    await expect(client.ask(question)).rejects.toMatchObject({ code: 'UNAUTHORIZED', status: 401 });
  }
  await expect(backend.token.trade()).rejects.toMatchObject({ code: 'UNAUTHORIZED' });
  await admin.auth.signOut();
  await expect(admin.keys.list()).rejects.toMatchObject({ code: 'UNAUTHORIZED' });
});
