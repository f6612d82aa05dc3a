import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createLocalJWKSet, decodeJwt, decodeProtectedHeader, jwtVerify } from 'jose';
import { expect, test, vi } from 'vitest';
import { ANONYMOUS } from '../../src/kernel/principal.js';
import { principal } from '../guard/gate.js';
import { SECOND, TestClock } from '../support/clock.js';
import { type RunningGatehouse, startGatehouse } from '../support/gatehouse.js';

const HOST = 'gate.example.com';

function start() {
  return startGatehouse({ PUBLIC_URL: `https://${HOST}` }, { clock: new TestClock(new Date().toISOString()) });
}

/** Seconds an assertion has left. */
const leftOf = (running: RunningGatehouse, token: string) =>
  (decodeJwt(token).exp ?? 0) - Math.floor(running.clock.nowMs() / 1000);

test('A6: an app is shown a signed statement about its caller, for its host and one minute', async () => {
  await using running = await start();
  const { assertions } = running.gatehouse;
  const token = await assertions.current(principal({ scopes: new Set(['billing:write']) }), HOST);
  const keys = createLocalJWKSet((await running.call('/.well-known/jwks.json')).json);
  const { payload, protectedHeader } = await jwtVerify(token, keys, {
    issuer: `https://${HOST}`,
    audience: HOST,
    typ: 'gatehouse-assertion+jwt',
    algorithms: ['ES256'],
  });
  expect(protectedHeader.alg).toBe('ES256');
  expect(payload).toMatchObject({
    sub: 'key_one',
    kind: 'api_key',
    organization_id: 'org_default',
    scope: 'billing:write',
  });
  expect((payload.exp ?? 0) - (payload.iat ?? 0)).toBe(60);
});

test('A6: it is never accepted here, in any slot', async () => {
  await using running = await start();
  const { key } = await running.createKey();
  const token = await running.gatehouse.assertions.current(principal({ id: key.id, keyId: key.id }), HOST);
  expect(decodeProtectedHeader(token).typ).toBe('gatehouse-assertion+jwt');
  for (const headers of [{ authorization: `Bearer ${token}` }, { 'x-api-key': token }]) {
    expect((await running.call('/api/auth/whoami', { headers })).status).toBe(401);
  }
});

test('A6: it is signed once for a caller and host, reused for half its life, and the next one is signed ahead', async () => {
  await using running = await start();
  const { assertions } = running.gatehouse;
  const who = principal();
  const pending = assertions.current(who, HOST);
  expect(pending).toBeInstanceOf(Promise);
  expect(assertions.current(who, HOST)).toBe(pending);
  const first = await pending;
  expect(assertions.current(who, HOST)).toBe(first);
  expect(await assertions.current(principal(), HOST)).not.toBe(first);

  running.clock.advance(25 * SECOND);
  expect(assertions.current(who, HOST)).toBe(first);
  await vi.waitFor(() => expect(assertions.current(who, HOST)).not.toBe(first), 10_000);
  const second = assertions.current(who, HOST);
  if (typeof second !== 'string') throw new Error('the next one was not at hand');
  expect(leftOf(running, second)).toBe(60);

  running.clock.advance(30 * SECOND);
  const third = assertions.current(who, HOST);
  expect(third).toBeInstanceOf(Promise);
  expect(leftOf(running, await third)).toBe(60);
});

test('A6: whoever gets one has half its life to check it', async () => {
  await using running = await start();
  const { assertions } = running.gatehouse;
  const who = principal();
  for (let second = 0; second < 100; second += 1) {
    const token = await assertions.current(who, HOST);
    expect(leftOf(running, token)).toBeGreaterThanOrEqual(30);
    running.clock.advance(SECOND);
  }
});

test('A6: none for hosts nobody listed, and none for anonymous callers', async () => {
  await using running = await start();
  const { assertions } = running.gatehouse;
  expect(assertions.current(principal(), 'other.example.com')).toBe('none');
  expect(assertions.current(principal(), '')).toBe('none');
  expect(assertions.current(ANONYMOUS, HOST)).toBe('none');
});

test('A6: a clock that was set back hands out nothing from the future', async () => {
  await using running = await start();
  const { assertions } = running.gatehouse;
  const who = principal();
  await assertions.current(who, HOST);
  running.clock.advance(-10 * SECOND);
  expect(leftOf(running, await assertions.current(who, HOST))).toBe(60);
});

test('A6, V3: while the vault is locked there is none, and requests go on', async () => {
  await using running = await start();
  await running.gatehouse.close();
  await writeFile(join(running.folder, '.gatehouse', 'master.key'), Buffer.alloc(32, 7).toString('base64'), {
    mode: 0o600,
  });
  await using locked = await startGatehouse({ PUBLIC_URL: `https://${HOST}` }, { folder: running.folder });
  expect(locked.gatehouse.readiness()).toBe('degraded');
  const who = principal();
  expect(await locked.gatehouse.assertions.current(who, HOST)).toBe('none');
  expect(locked.gatehouse.assertions.current(who, HOST)).toBe('none');
});
