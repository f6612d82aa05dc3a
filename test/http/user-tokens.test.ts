import { createHmac, generateKeyPairSync, sign } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createRemoteJWKSet, decodeJwt, decodeProtectedHeader, jwtVerify, SignJWT } from 'jose';
import { describe, expect, test } from 'vitest';
import { Jwks } from '../../src/contract/tokens.js';
import { DAY, MINUTE, SECOND, TestClock } from '../support/clock.js';
import { type RunningGatehouse, startGatehouse } from '../support/gatehouse.js';
import { createUser, setUp, signIn, tokensOf } from '../support/people.js';
import { expectProblem } from './problem.js';

const bearer = (token: string) => ({ headers: { authorization: `Bearer ${token}` } });
const whoami = (gate: RunningGatehouse, token: string) => gate.call('/api/auth/whoami', bearer(token));
const refresh = (gate: RunningGatehouse, refresh_token: string) =>
  gate.call('/api/auth/refresh', { body: { refresh_token } });

/** A Gatehouse with one owner of it all and one member. */
async function started(settings: Record<string, string> = {}, clock?: TestClock): Promise<RunningGatehouse> {
  const gate = await startGatehouse(settings, clock === undefined ? {} : { clock });
  await setUp(gate);
  await createUser(gate, 'bob@example.com', { role: 'member' });
  return gate;
}

describe('access tokens', () => {
  test('A5: one lives fifteen minutes, acts as its user, and says where', async () => {
    await using gate = await started();
    const { access_token, user } = await tokensOf(gate, 'bob@example.com');
    expect((await whoami(gate, access_token)).json.principal).toMatchObject({
      kind: 'user',
      id: user.id,
      role: 'member',
      organizationId: 'org_default',
    });
    expect((await gate.call('/api/workspaces', bearer(access_token))).status).toBe(200);
    expectProblem(await gate.call('/api/keys', bearer(access_token)), 'FORBIDDEN', /keys:read/);
    gate.clock.advance(15 * MINUTE - SECOND);
    expect((await whoami(gate, access_token)).status).toBe(200);
    gate.clock.advance(SECOND);
    expectProblem(await whoami(gate, access_token), 'UNAUTHORIZED');
  });

  test('A5: a stock JWT library checks one against our JWKS', async () => {
    await using gate = await started(
      { PUBLIC_URL: 'https://gate.example.com' },
      new TestClock(new Date().toISOString()),
    );
    const { access_token, user } = await tokensOf(gate, 'bob@example.com');
    const jwks = createRemoteJWKSet(new URL(`${gate.url}/.well-known/jwks.json`));
    const { payload } = await jwtVerify(access_token, jwks, {
      issuer: 'https://gate.example.com',
      audience: 'https://gate.example.com',
      typ: 'at+jwt',
      algorithms: ['ES256'],
    });
    expect(payload).toMatchObject({
      sub: user.id,
      kind: 'user',
      sid: expect.stringMatching(/^ses_/),
      organizations: { org_default: 'member' },
    });
    expect(access_token.length).toBeLessThan(8192);
    expect(JSON.stringify(payload)).not.toContain('bob@example.com');
  });

  test('A5: signed out, disabled, deleted, all sessions ended: each refuses the live token with the next request', async () => {
    await using gate = await started();
    const ends: Record<string, (id: string, token: string) => Promise<unknown>> = {
      'signed out': (_, token) => gate.call('/api/auth/logout', { method: 'POST', ...bearer(token) }),
      disabled: (id) => gate.local(`/api/users/${id}`, { method: 'PATCH', body: { status: 'disabled' } }),
      'all sessions ended': (id) => gate.local(`/api/users/${id}/sessions`, { method: 'DELETE' }),
      deleted: (id) => gate.local(`/api/users/${id}`, { method: 'DELETE' }),
    };
    for (const [name, end] of Object.entries(ends)) {
      const email = `${name.replaceAll(' ', '-')}@example.com`;
      const id = await createUser(gate, email);
      const [here, there] = [await tokensOf(gate, email), await signIn(gate, email)];
      expect((await whoami(gate, here.access_token)).status, name).toBe(200);
      await end(id, here.access_token);
      expectProblem(await whoami(gate, here.access_token), 'UNAUTHORIZED');
      expectProblem(await refresh(gate, here.refresh_token), 'UNAUTHORIZED');
      const cookie = await gate.call('/api/auth/whoami', { headers: { cookie: there.cookie } });
      expect(cookie.status, name).toBe(name === 'signed out' ? 200 : 401);
    }
  });

  test('A5: somebody who is enabled again is not signed in again', async () => {
    await using gate = await started();
    const id = await createUser(gate, 'carol@example.com');
    const [app, page] = [await tokensOf(gate, 'carol@example.com'), await signIn(gate, 'carol@example.com')];
    for (const status of ['disabled', 'active'])
      await gate.local(`/api/users/${id}`, { method: 'PATCH', body: { status } });
    expectProblem(await whoami(gate, app.access_token), 'UNAUTHORIZED');
    expectProblem(await refresh(gate, app.refresh_token), 'UNAUTHORIZED');
    expect((await gate.call('/api/auth/whoami', { headers: { cookie: page.cookie } })).status).toBe(401);
    await signIn(gate, 'carol@example.com');
  });

  test('A7: what was taken from a user is gone from a live token', async () => {
    await using gate = await started();
    const id = await createUser(gate, 'carol@example.com', { instanceOperator: true });
    const { access_token } = await tokensOf(gate, 'carol@example.com');
    expect((await gate.call('/api/users', bearer(access_token))).status).toBe(200);
    await gate.local(`/api/users/${id}`, { method: 'PATCH', body: { instanceOperator: false } });
    expectProblem(await gate.call('/api/users', bearer(access_token)), 'FORBIDDEN');
  });

  test('G5: one cannot be traded, and is refused where only keys may go', async () => {
    await using gate = await started();
    const { access_token } = await tokensOf(gate);
    expectProblem(
      await gate.call('/api/auth/token', { method: 'POST', ...bearer(access_token) }),
      'FORBIDDEN',
      /accepts api_key, service_role/,
    );
    const { token } = await gate.createKey({ scopes: ['*'] });
    const traded = await gate.call('/api/auth/token', { key: token, body: {} });
    expectProblem(await gate.call('/api/auth/profile', bearer(traded.json.access_token)), 'FORBIDDEN', /accepts jwt/);
    expectProblem(await gate.call('/api/auth/profile', { key: token }), 'FORBIDDEN', /accepts jwt/);
  });

  test('A5: whatever the forgery, the answer is 401', async () => {
    await using gate = await started();
    const { access_token: genuine, user } = await tokensOf(gate, 'bob@example.com');
    const owner = await tokensOf(gate);
    const header = decodeProtectedHeader(genuine);
    const claims = decodeJwt(genuine);
    const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const own = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const es = (head: object, body: object) => {
      const input = `${encode(head)}.${encode(body)}`;
      const signature = sign('sha256', Buffer.from(input), { key: own.privateKey, dsaEncoding: 'ieee-p1363' });
      return `${input}.${signature.toString('base64url')}`;
    };
    const rs = `${encode({ ...header, alg: 'RS256' })}.${encode(claims)}`;
    const { keys } = Jwks.parse((await gate.call('/.well-known/jwks.json')).json);
    const hs = `${encode({ ...header, alg: 'HS256' })}.${encode(claims)}`;
    const signer = await gate.gatehouse.signingKeys.signer();
    const ours = (change: object, typ = 'at+jwt') =>
      new SignJWT({ ...claims, ...change })
        .setProtectedHeader({ alg: 'ES256', kid: signer.kid, typ })
        .sign(signer.privateKey);
    const nowSeconds = Math.floor(gate.clock.nowMs() / 1000);
    const [head, , tail] = genuine.split('.');

    const forgeries: Record<string, string> = {
      'alg none': `${encode({ ...header, alg: 'none' })}.${encode(claims)}.`,
      'HS256 with our public key': `${hs}.${createHmac('sha256', JSON.stringify(keys[0])).update(hs).digest('base64url')}`,
      'RS256 of another key': `${rs}.${sign('sha256', Buffer.from(rs), rsa.privateKey).toString('base64url')}`,
      'another key under our kid': es(header, claims),
      'a kid that nobody knows': es({ ...header, kid: 'gone' }, claims),
      'another user': `${head}.${encode({ ...claims, sub: owner.user.id })}.${tail}`,
      'our signature, the session of another user': await ours({ sub: owner.user.id }),
      'our signature, a session that never was': await ours({ sid: 'ses_0000000000000000000000' }),
      'our signature, no session': await ours({ sid: undefined }),
      'our signature, a session and a secret of a key': await ours({ secret_created_at: null }),
      'our signature, over': await ours({ exp: nowSeconds }),
      'our signature, not yet': await ours({ nbf: nowSeconds + 60 }),
      'our signature, another audience': await ours({ aud: 'https://api.example.com' }),
      'our signature, another issuer': await ours({ iss: 'https://evil.example' }),
      'our signature, another type': await ours({}, 'JWT'),
      'the refresh token': (await tokensOf(gate, 'bob@example.com')).refresh_token,
      'nine kilobytes': `${genuine}${'A'.repeat(9000)}`,
    };
    for (const [name, forged] of Object.entries(forgeries)) {
      const answer = await whoami(gate, forged);
      expect({ name, status: answer.status }).toEqual({ name, status: 401 });
      expectProblem(answer, 'UNAUTHORIZED');
    }
    expect((await whoami(gate, genuine)).json.principal.id).toBe(user.id);
  });

  test('A5: a token whose signing key is long retired is refused', async () => {
    await using gate = await started();
    const { access_token, refresh_token } = await tokensOf(gate, 'bob@example.com');
    await gate.local('/api/settings/signing-keys/rotate', { method: 'POST' });
    expect((await whoami(gate, access_token)).status).toBe(200);
    gate.clock.advance(DAY);
    expectProblem(await whoami(gate, access_token), 'UNAUTHORIZED');
    expect((await refresh(gate, refresh_token)).status).toBe(200);
  });
});

describe('refresh tokens', () => {
  test('A5: each works once and gives the next; the session stays one', async () => {
    await using gate = await started();
    let { refresh_token, access_token } = await tokensOf(gate, 'bob@example.com');
    const { sid } = decodeJwt(access_token);
    for (let round = 0; round < 3; round += 1) {
      gate.clock.advance(14 * MINUTE);
      const answer = await refresh(gate, refresh_token);
      expect(answer.json.refresh_token).not.toBe(refresh_token);
      ({ refresh_token, access_token } = answer.json);
      expect((await whoami(gate, access_token)).status).toBe(200);
      expect(decodeJwt(access_token)['sid']).toBe(sid);
    }
  });

  test('A5: a spent one ends the whole session, its newest tokens too, and is on record', async () => {
    await using gate = await started();
    const stolen = await tokensOf(gate, 'bob@example.com');
    const elsewhere = await tokensOf(gate, 'bob@example.com');
    const next = (await refresh(gate, stolen.refresh_token)).json;
    expectProblem(await refresh(gate, stolen.refresh_token), 'UNAUTHORIZED', /used before/);
    expectProblem(await refresh(gate, next.refresh_token), 'UNAUTHORIZED');
    expectProblem(await whoami(gate, next.access_token), 'UNAUTHORIZED');
    expect((await whoami(gate, elsewhere.access_token)).status).toBe(200);
    const { data } = (await gate.local('/api/audit?action=session.replay')).json;
    expect(data).toHaveLength(1);
    expect(data[0]).toMatchObject({
      actor: stolen.user.id,
      outcome: 'refused',
      target: expect.stringMatching(/^ses_/),
    });
  });

  test('A5: whoever only knows the id of a session cannot end it', async () => {
    await using gate = await started();
    const { refresh_token } = await tokensOf(gate, 'bob@example.com');
    const [id = '', family = '', secret = ''] = refresh_token.split('.');
    const other = 'A'.repeat(43);
    for (const forged of [
      `${id}.${other}.${other}`,
      `${id}.${other}.${secret}`,
      `${id}.${family}`,
      id,
      'x',
      'x'.repeat(300),
    ])
      expectProblem(await refresh(gate, forged), 'UNAUTHORIZED');
    expect((await refresh(gate, refresh_token)).status).toBe(200);
  });

  test('A5: of ten trades at once with one token, one succeeds and the session ends', async () => {
    await using gate = await started();
    const { refresh_token } = await tokensOf(gate, 'bob@example.com');
    const answers = await Promise.all(Array.from({ length: 10 }, () => refresh(gate, refresh_token)));
    const good = answers.filter(({ status }) => status === 200);
    expect(good.length).toBeLessThanOrEqual(1);
    expect(answers.filter(({ status }) => status === 401)).toHaveLength(10 - good.length);
    for (const { json } of good) expectProblem(await whoami(gate, json.access_token), 'UNAUTHORIZED');
  });

  test('A5: the session ends after thirty days whatever was refreshed, and no access token outlives it', async () => {
    await using gate = await started();
    let { refresh_token } = await tokensOf(gate, 'bob@example.com');
    for (let day = 0; day < 29; day += 1) {
      gate.clock.advance(DAY);
      refresh_token = (await refresh(gate, refresh_token)).json.refresh_token;
    }
    gate.clock.advance(DAY - 60 * SECOND);
    const last = (await refresh(gate, refresh_token)).json;
    expect(last.expires_in).toBe(60);
    gate.clock.advance(60 * SECOND);
    expectProblem(await whoami(gate, last.access_token), 'UNAUTHORIZED');
    expectProblem(await refresh(gate, last.refresh_token), 'UNAUTHORIZED');
  });

  test('A5: no part of one is in any file, log or audit line', async () => {
    await using gate = await started();
    const { refresh_token } = await tokensOf(gate, 'bob@example.com');
    const fresh = (await refresh(gate, refresh_token)).json.refresh_token;
    const secrets = [...refresh_token.split('.').slice(1), ...fresh.split('.').slice(1)];
    const kept = [
      await readFile(join(gate.folder, '.gatehouse/sessions.json'), 'utf8'),
      gate.logs(),
      (await gate.local('/api/audit')).text,
    ].join();
    for (const secret of secrets) expect(kept).not.toContain(secret);
  });

  test('A5, V3: while the vault is locked none is spent, and sessions with a cookie go on', async () => {
    await using gate = await started();
    const [app, page] = [await tokensOf(gate, 'bob@example.com'), await signIn(gate, 'bob@example.com')];
    await gate.gatehouse.close();
    const at = { folder: gate.folder, clock: gate.clock };
    {
      await using locked = await startGatehouse(
        { SOCKET: 'off', MASTER_KEY: Buffer.alloc(32, 7).toString('base64') },
        at,
      );
      expectProblem(await refresh(locked, app.refresh_token), 'VAULT_LOCKED');
      expect((await locked.call('/api/auth/whoami', { headers: { cookie: page.cookie } })).status).toBe(200);
      await signIn(locked, 'bob@example.com');
    }
    await using again = await startGatehouse({ SOCKET: 'off' }, at);
    expect((await refresh(again, app.refresh_token)).status).toBe(200);
  });
});
