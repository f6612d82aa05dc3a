import { createHmac, generateKeyPairSync, sign } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createRemoteJWKSet, decodeJwt, decodeProtectedHeader, exportJWK, jwtVerify, SignJWT } from 'jose';
import { describe, expect, test, vi } from 'vitest';
import { AccessToken, Jwks } from '../../src/contract/tokens.js';
import { DAY, MINUTE, SECOND, TestClock } from '../support/clock.js';
import { ADMIN_KEY, type RunningGatehouse, startGatehouse } from '../support/gatehouse.js';

async function trade(running: RunningGatehouse, key: string, body: unknown = {}): Promise<string> {
  const traded = await running.call('/api/auth/token', { key, body });
  expect(traded.status, traded.text).toBe(200);
  return AccessToken.parse(traded.json).access_token;
}

const bearer = (token: string) => ({ headers: { authorization: `Bearer ${token}` } });

describe('a key traded for a JWT', () => {
  test('A6: it counts as the key, holds no more than asked, and lives 15 minutes', async () => {
    await using running = await startGatehouse();
    const { key, token } = await running.createKey({ scopes: ['ask:run', 'projects:read'], workspaceIds: ['example'] });
    const traded = await running.call('/api/auth/token', { key: token, body: { scopes: ['projects:read'] } });
    expect(traded.json).toMatchObject({ token_type: 'Bearer', expires_in: 900, scope: 'projects:read' });
    const jwt = traded.json.access_token;

    const { principal } = (await running.call('/api/auth/whoami', bearer(jwt))).json;
    expect(principal).toMatchObject({ kind: 'api_key', id: key.id, keyId: key.id, scopes: ['projects:read'] });
    expect((await running.call('/api/workspaces', bearer(jwt))).status).toBe(200);
    const ask = await running.call('/api/ask', {
      ...bearer(jwt),
      body: { workspaceId: 'example', question: 'fines?' },
    });
    expect(ask).toMatchObject({ status: 403, json: { code: 'FORBIDDEN' } });

    running.clock.advance(15 * MINUTE - SECOND);
    expect((await running.call('/api/auth/whoami', bearer(jwt))).status).toBe(200);
    running.clock.advance(SECOND);
    expect((await running.call('/api/auth/whoami', bearer(jwt))).status).toBe(401);
  });

  test('A6: a stock JWT library accepts it with nothing but our JWKS', async () => {
    await using running = await startGatehouse(
      { PUBLIC_URL: 'https://gate.example.com' },
      { clock: new TestClock(new Date().toISOString()) },
    );
    const { key, token } = await running.createKey({ workspaceIds: ['example'], environment: 'staging' });
    const jwt = await trade(running, token, { audience: 'gate.example.com' });
    const jwks = createRemoteJWKSet(new URL(`${running.url}/.well-known/jwks.json`));
    const { payload, protectedHeader } = await jwtVerify(jwt, jwks, {
      issuer: 'https://gate.example.com',
      audience: 'gate.example.com',
      typ: 'gatehouse-assertion+jwt',
    });
    expect(protectedHeader.alg).toBe('ES256');
    expect(payload).toMatchObject({
      sub: key.id,
      organization_id: 'org_default',
      workspace_ids: ['example'],
      environment: 'staging',
    });
    // It is for somebody else, so it opens nothing here.
    expect((await running.call('/api/auth/whoami', bearer(jwt))).status).toBe(401);
  });

  test('A6: an audience is the host of an app that routes.json lists, or of PUBLIC_URL, and nothing else', async () => {
    await using running = await startGatehouse({ PUBLIC_URL: 'https://gate.example.com' });
    const { token } = await running.createKey();
    const path = join(running.folder, '.gatehouse', 'routes.json');
    await writeFile(path, '{"routes":[],"hosts":["app.example.com"]}');
    await vi.waitFor(() => expect(running.gatehouse.upstream.hosts).toContain('app.example.com'), 2000);
    await trade(running, token, { audience: 'app.example.com' });
    for (const audience of ['other.example.com', 'https://gate.example.com', 'APP.example.com', '']) {
      const refused = await running.call('/api/auth/token', { key: token, body: { audience } });
      expect([refused.status, refused.json.code], audience).toEqual([400, 'BAD_REQUEST']);
      expect(refused.json.detail).toContain('audience: ');
    }
  });

  test('A6, K5: revoking the key ends its live tokens with the next request', async () => {
    await using running = await startGatehouse();
    const { key, token } = await running.createKey();
    const jwt = await trade(running, token);
    expect((await running.call('/api/auth/whoami', bearer(jwt))).status).toBe(200);
    await running.local(`/api/keys/${key.id}/revoke`, { method: 'POST' });
    expect((await running.call('/api/auth/whoami', bearer(jwt))).status).toBe(401);
  });

  test('A6: scopes taken from the key are gone from its live tokens', async () => {
    await using running = await startGatehouse();
    const { key, token } = await running.createKey({ scopes: ['ask:run', 'projects:read'] });
    const jwt = await trade(running, token);
    await running.local(`/api/keys/${key.id}`, { method: 'PATCH', body: { scopes: ['projects:read'] } });
    expect((await running.call('/api/auth/whoami', bearer(jwt))).json.principal.scopes).toEqual(['projects:read']);
  });

  test('A6: it never outlives the key, and never holds more than its scopes', async () => {
    await using running = await startGatehouse();
    const expiresAt = new Date(running.clock.nowMs() + 5 * MINUTE).toISOString();
    const { token } = await running.createKey({ expiresAt, scopes: ['projects:read'] });
    expect((await running.call('/api/auth/token', { key: token, body: {} })).json.expires_in).toBe(300);
    const more = await running.call('/api/auth/token', {
      key: token,
      body: { scopes: ['projects:read', 'keys:write', '*'] },
    });
    expect(more).toMatchObject({ status: 403, json: { code: 'FORBIDDEN' } });
    expect(more.json.detail).toContain('keys:write, *');
    expect((await running.call('/api/auth/token', { key: token, body: { ttlSeconds: 901 } })).status).toBe(400);
  });

  test('A6: a token lives and dies with the secret it was traded for', async () => {
    await using running = await startGatehouse();
    const { key, token } = await running.createKey();
    const jwt = await trade(running, token);
    running.clock.advance(SECOND);
    const rotated = await running.local(`/api/keys/${key.id}/rotate`, { method: 'POST', body: { graceSeconds: 0 } });
    expect((await running.call('/api/auth/token', { key: token, body: {} })).status).toBe(401);
    expect((await running.call('/api/auth/whoami', bearer(jwt))).status).toBe(401);
    const { token: renewed } = rotated.json;
    running.clock.advance(SECOND);
    await running.local(`/api/keys/${key.id}/rotate`, { method: 'POST', body: { graceSeconds: 60 } });
    expect((await running.call('/api/auth/token', { key: renewed, body: {} })).json.expires_in).toBe(60);
  });

  test('G4: a key and its tokens share one count', async () => {
    await using running = await startGatehouse({ API_RATE_LIMIT: '3' });
    const { token } = await running.createKey();
    const jwt = await trade(running, token);
    expect((await running.call('/api/auth/whoami', { key: token })).status).toBe(200);
    expect((await running.call('/api/auth/whoami', bearer(jwt))).status).toBe(200);
    expect((await running.call('/api/auth/whoami', bearer(jwt))).status).toBe(429);
  });

  test('A6: tokens, the command socket and MCP tokens cannot be traded; service and environment keys can', async () => {
    await using running = await startGatehouse({ ADMIN_API_KEY: ADMIN_KEY });
    const { token } = await running.createKey();
    const jwt = await trade(running, token);
    expect((await running.call('/api/auth/token', { ...bearer(jwt), body: {} })).status).toBe(403);
    expect((await running.local('/api/auth/token', { method: 'POST', body: {} })).status).toBe(403);
    const mcp = await running.local('/api/mcp-tokens', { method: 'POST', body: { name: 'agent' } });
    expect((await running.call('/api/auth/token', { key: mcp.json.token, body: {} })).status).toBe(403);

    const service = await running.local('/api/service-keys', { method: 'POST', body: { name: 'ci' } });
    const serviceJwt = await trade(running, service.json.token);
    expect((await running.call('/api/auth/whoami', bearer(serviceJwt))).json.principal.kind).toBe('service_key');
    const adminJwt = await trade(running, ADMIN_KEY);
    expect((await running.call('/api/env-keys', bearer(adminJwt))).status).toBe(200);
  });

  test('K11: fifteen minutes do not buy a key that lasts', async () => {
    await using running = await startGatehouse();
    const { token } = await running.createKey({ scopes: ['keys:write', 'keys:read'] });
    const jwt = await trade(running, token);
    const lasting = await running.call('/api/keys', { ...bearer(jwt), body: { name: 'x', scopes: ['keys:read'] } });
    expect(lasting).toMatchObject({ status: 403, json: { code: 'FORBIDDEN' } });
    expect(lasting.json.detail).toContain('expiresAt');
  });

  test('K11: a token traded from ADMIN_API_KEY hands out what it says and no more', async () => {
    await using running = await startGatehouse({ ADMIN_API_KEY: ADMIN_KEY });
    const jwt = await trade(running, ADMIN_KEY, { scopes: ['keys:write'], ttlSeconds: 60 });
    for (const path of ['/api/keys', '/api/service-keys', '/api/mcp-tokens']) {
      const refused = await running.call(path, { ...bearer(jwt), body: { name: 'x', scopes: ['*'] } });
      expect(refused, path).toMatchObject({ status: 403, json: { code: 'FORBIDDEN' } });
      expect(refused.json.detail).toContain('scopes *');
      expect(refused.json.detail).toContain('expiresAt');
    }
  });

  test('A6: a scope that holds other scopes is no scope', async () => {
    await using running = await startGatehouse();
    const { token } = await running.createKey({ scopes: ['projects:*'] });
    for (const scope of ['projects:x keys:write *', 'projects:read\t*', 'projects:', ':read', 'projects', '']) {
      const refused = await running.call('/api/auth/token', { key: token, body: { scopes: [scope] } });
      expect(refused.status, scope).toBe(400);
    }
    expect((await running.call('/api/auth/token', { key: token, body: { scopes: ['projects:read'] } })).status).toBe(
      200,
    );
  });

  test('A6: no token is in any log or file', async () => {
    await using running = await startGatehouse();
    const jwt = await trade(running, (await running.createKey()).token);
    const signature = jwt.split('.')[2] ?? '';
    await running.gatehouse.usage.flush();
    expect(running.logs()).not.toContain(signature);
    expect(await readFile(join(running.folder, '.gatehouse', 'signing-keys.json'), 'utf8')).not.toContain('"d"');
    expect((await running.local('/api/audit')).text).toContain('token.trade');
    expect((await running.local('/api/audit')).text).not.toContain(signature);
  });
});

describe('forged tokens', () => {
  const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

  test('A6: whatever the forgery, the answer is 401', async () => {
    await using running = await startGatehouse();
    const { key, token } = await running.createKey({ scopes: ['*'] });
    const genuine = await trade(running, token);
    const header = decodeProtectedHeader(genuine);
    const claims = decodeJwt(genuine);
    const own = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const signed = (head: object, body: object, privateKey = own.privateKey) => {
      const input = `${encode(head)}.${encode(body)}`;
      return `${input}.${sign('sha256', Buffer.from(input), { key: privateKey, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`;
    };
    const { keys } = Jwks.parse((await running.call('/.well-known/jwks.json')).json);
    const hmacInput = `${encode({ ...header, alg: 'HS256' })}.${encode(claims)}`;
    const hmac = (secret: string) =>
      `${hmacInput}.${createHmac('sha256', secret).update(hmacInput).digest('base64url')}`;
    const [head, , tail] = genuine.split('.');

    const forgeries: Record<string, string> = {
      'alg none': `${encode({ ...header, alg: 'none' })}.${encode(claims)}.`,
      'alg none in capitals': `${encode({ ...header, alg: 'NONE' })}.${encode(claims)}.`,
      'our public key as an HMAC secret': hmac(JSON.stringify(keys[0])),
      'an empty HMAC secret': hmac(''),
      'another key under our kid': signed(header, claims),
      'another key, brought along in jwk': signed(
        { ...header, kid: 'mine', jwk: await exportJWK(own.publicKey) },
        claims,
      ),
      'another key, pointed at by jku': signed(
        { ...header, kid: 'mine', jku: `${running.url}/.well-known/jwks.json` },
        claims,
      ),
      'no kid': signed({ alg: 'ES256', typ: 'at+jwt' }, claims),
      'a kid that names a prototype member': signed({ ...header, kid: '__proto__' }, claims),
      'a changed claim': `${head}.${encode({ ...claims, scope: '* settings:write' })}.${tail}`,
      'a cut signature': genuine.slice(0, -4),
      'three empty parts': 'eyJ..',
      'a JWE': `${genuine}.${tail}.${tail}`,
    };
    for (const [name, forged] of Object.entries(forgeries)) {
      const answered = await running.call('/api/auth/whoami', bearer(forged));
      expect(answered.status, `${name}: ${answered.text}`).toBe(401);
      expect(answered.json.code, name).toBe('UNAUTHORIZED');
    }
    expect((await running.call('/api/auth/whoami', bearer(genuine))).json.principal.id).toBe(key.id);
  });

  test('A6: our own signature on other claims is refused too: type, issuer, audience and times are checked', async () => {
    await using running = await startGatehouse();
    const { key, token } = await running.createKey();
    const claims = decodeJwt(await trade(running, token));
    const signer = await running.gatehouse.signingKeys.signer();
    const nowSeconds = Math.floor(running.clock.nowMs() / 1000);
    const make = (change: { typ?: string; claims?: object; without?: string }) => {
      const body: Record<string, unknown> = { ...claims, ...change.claims };
      if (change.without !== undefined) delete body[change.without];
      return new SignJWT(body)
        .setProtectedHeader({ alg: 'ES256', kid: signer.kid, typ: change.typ ?? 'at+jwt' })
        .sign(signer.privateKey);
    };
    const cases: Record<string, { typ?: string; claims?: object; without?: string }> = {
      'an assertion for an upstream': { typ: 'gatehouse-assertion+jwt' },
      'a plain JWT': { typ: 'JWT' },
      'another issuer': { claims: { iss: 'https://evil.example' } },
      'another audience': { claims: { aud: 'https://api.example.com' } },
      'not valid yet': { claims: { nbf: nowSeconds + 60 } },
      over: { claims: { exp: nowSeconds } },
      'without an end': { without: 'exp' },
      'without a subject': { without: 'sub' },
      'a subject that is no key': { claims: { sub: 'key_0000000000000000000000' } },
      'a subject that is local': { claims: { sub: 'local' } },
    };
    for (const [name, change] of Object.entries(cases)) {
      expect((await running.call('/api/auth/whoami', bearer(await make(change)))).status, name).toBe(401);
    }
    expect((await running.call('/api/auth/whoami', bearer(await make({})))).json.principal.id).toBe(key.id);
  });
});

describe('signing keys', () => {
  test('A6: after a rotation both keys are published, live tokens go on, and after a day the old key is gone', async () => {
    await using running = await startGatehouse();
    const { token } = await running.createKey();
    const before = await trade(running, token);
    const rotated = await running.local('/api/settings/signing-keys/rotate', { method: 'POST' });
    expect(rotated.status).toBe(200);
    const after = await trade(running, token);
    expect(decodeProtectedHeader(after).kid).toBe(rotated.json.kid);
    expect(decodeProtectedHeader(before).kid).not.toBe(rotated.json.kid);
    for (const jwt of [before, after]) expect((await running.call('/api/auth/whoami', bearer(jwt))).status).toBe(200);
    const jwks = await running.call('/.well-known/jwks.json');
    expect(jwks.json.keys).toHaveLength(2);
    expect(jwks.text).not.toContain('"d"');
    expect(jwks.headers.get('cache-control')).toBe('public, max-age=300');
    running.clock.advance(DAY);
    expect((await running.call('/.well-known/jwks.json')).json.keys).toHaveLength(1);
  });

  test('A6: a signing key that is taken away takes with it what it signed, checked before or not', async () => {
    await using running = await startGatehouse();
    const jwt = await trade(running, (await running.createKey()).token);
    expect((await running.call('/api/auth/whoami', bearer(jwt))).status).toBe(200);
    await writeFile(join(running.folder, '.gatehouse', 'signing-keys.json'), '{"schemaVersion":1,"keys":[\n\n]}\n');
    await expect
      .poll(async () => (await running.call('/api/auth/whoami', bearer(jwt))).status, { timeout: 5000 })
      .toBe(401);
  });

  test('A6: a signing key is replaced by itself after 90 days', async () => {
    await using running = await startGatehouse({ API_RATE_LIMIT: 'off' });
    const { token } = await running.createKey();
    const first = decodeProtectedHeader(await trade(running, token)).kid;
    running.clock.advance(90 * DAY);
    expect(decodeProtectedHeader(await trade(running, token)).kid).not.toBe(first);
  });

  test('A6: twenty first trades at once make one signing key', async () => {
    await using running = await startGatehouse();
    const { token } = await running.createKey();
    const jwts = await Promise.all(Array.from({ length: 20 }, () => trade(running, token)));
    expect(new Set(jwts.map((jwt) => decodeProtectedHeader(jwt).kid)).size).toBe(1);
    expect((await running.call('/.well-known/jwks.json')).json.keys).toHaveLength(1);
  });

  test('A6, V3: tokens survive a restart; while the vault is locked none are made, and those that live go on', async () => {
    await using first = await startGatehouse();
    const { token } = await first.createKey();
    const jwt = await trade(first, token);
    await first.gatehouse.close();
    await using second = await startGatehouse(
      { SOCKET: 'off', MASTER_KEY: Buffer.alloc(32, 7).toString('base64') },
      { folder: first.folder, clock: first.clock },
    );
    expect((await second.call('/api/auth/whoami', bearer(jwt))).status).toBe(200);
    const locked = await second.call('/api/auth/token', { key: token, body: {} });
    expect(locked).toMatchObject({ status: 503, json: { code: 'VAULT_LOCKED' } });
  });
});
