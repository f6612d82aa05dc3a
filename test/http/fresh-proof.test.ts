import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Secret, TOTP } from 'otpauth';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ROUTES, type RouteId, type RouteSpec } from '../../src/contract/routes.js';
import { MINUTE, SECOND, TestClock } from '../support/clock.js';
import {
  ADMIN_KEY,
  type Answer,
  type CallOptions,
  type RunningGatehouse,
  startGatehouse,
} from '../support/gatehouse.js';
import {
  ADMIN_EMAIL,
  confirmIdentity,
  createUser,
  OTHER_PASSWORD,
  PASSWORD,
  type SignedInPerson,
  setUp,
  signIn,
  tokensOf,
} from '../support/people.js';
import { temporaryWorkspaces } from '../support/workspace.js';
import { expectProblem } from './problem.js';

const ORG = '/api/organizations/org_default';
const VAULT = '/api/workspaces/example';
const CLIENT_KEY = 'c1ient-c1ient-c1ient-c1ient-c1ient-c1ient';

interface Sample {
  readonly path: string;
  readonly options: CallOptions;
}
const send = (path: string, method: string, body?: unknown): Sample => ({
  path,
  options: { method, ...(body === undefined ? {} : { body }) },
});

let gate: RunningGatehouse;
let ada: SignedInPerson;
let count = 0;
const next = (word: string) => `${word}-${++count}`;

beforeAll(async () => {
  gate = await startGatehouse({ ADMIN_API_KEY: ADMIN_KEY, VALID_API_KEYS: CLIENT_KEY, API_RATE_LIMIT: 'off' });
  await setUp(gate);
  ada = await signIn(gate);
});
afterAll(() => gate[Symbol.asyncDispose]());

const made = async (path: string, body: unknown) => {
  const answer = await gate.local(path, { body });
  expect(answer.status, answer.text).toBe(201);
  return answer.json;
};
const key = async (family = 'keys') => (await made(`/api/${family}`, { name: next('key'), scopes: [] })).key.id;
const person = () => createUser(gate, `${next('person')}@example.com`);
const credential = () => ({ name: next('c'), type: 'custom', fields: { values: { A: 'value' } } });
const credentialPath = async () =>
  `${VAULT}/credentials/${(await made(`${VAULT}/credentials`, credential())).credential.id}`;
const workspace = async () => (await made('/api/workspaces', { id: next('doomed') })).workspace.id;
const onKey = (family: string) => ({
  asks: [
    async () => send(`/api/${family}`, 'POST', { name: next('made'), scopes: ['ask:run', 'keys:write'] }),
    async () => send(`/api/${family}`, 'POST', { name: next('made'), scopes: ['secrets:*'] }),
    async () => send(`/api/${family}`, 'POST', { name: next('made'), scopes: ['*'] }),
  ],
  passes: [async () => send(`/api/${family}`, 'POST', { name: next('made'), scopes: ['ask:run', 'keys:read'] })],
});
const onUpdate = (family: string) => ({
  asks: [async () => send(`/api/${family}/${await key(family)}`, 'PATCH', { scopes: ['members:write'] })],
  passes: [async () => send(`/api/${family}/${await key(family)}`, 'PATCH', { note: 'changed', scopes: ['ask:run'] })],
});
const onRotate = (family: string) => ({
  asks: [async () => send(`/api/${family}/${await key(family)}/rotate`, 'POST', {})],
});

interface Case {
  readonly asks: readonly (() => Promise<Sample>)[];
  /** What goes through without a proof. */
  readonly passes?: readonly (() => Promise<Sample>)[];
  /** What is answered to whoever proved it, where there is nothing here to succeed on. */
  readonly status?: number;
}

/** Every route that asks for a fresh proof, by hand, with what does and what does not ask there. */
const CASES: Readonly<Partial<Record<RouteId, Case>>> = {
  rotateSigningKey: { asks: [async () => send('/api/settings/signing-keys/rotate', 'POST')] },
  createKey: {
    ...onKey('keys'),
    passes: [...onKey('keys').passes, async () => send('/api/keys', 'POST', { name: next('made') })],
  },
  updateKey: onUpdate('keys'),
  rotateKey: onRotate('keys'),
  createServiceKey: {
    ...onKey('service-keys'),
    asks: [...onKey('service-keys').asks, async () => send('/api/service-keys', 'POST', { name: next('made') })],
  },
  updateServiceKey: onUpdate('service-keys'),
  rotateServiceKey: onRotate('service-keys'),
  createMcpToken: onKey('mcp-tokens'),
  updateMcpToken: onUpdate('mcp-tokens'),
  rotateMcpToken: onRotate('mcp-tokens'),
  adoptEnvKey: {
    asks: [
      async () => {
        const { data } = (await gate.local('/api/env-keys')).json;
        const { fingerprint } = data.find(({ variable }: { variable: string }) => variable === 'VALID_API_KEYS');
        return send(`/api/env-keys/${fingerprint}/adopt`, 'POST', { name: 'adopted', scopes: ['keys:write'] });
      },
    ],
  },
  changeRole: { asks: [async () => send(`${ORG}/members/${await person()}`, 'PATCH', { role: 'viewer' })] },
  createInvite: {
    asks: ['admin', 'owner'].map(
      (role) => async () => send(`${ORG}/invites`, 'POST', { email: `${next('guest')}@example.com`, role }),
    ),
    passes: ['member', 'viewer'].map(
      (role) => async () => send(`${ORG}/invites`, 'POST', { email: `${next('guest')}@example.com`, role }),
    ),
  },
  createUser: {
    asks: [{ role: 'admin' }, { role: 'owner' }, { instanceOperator: true }].map(
      (fields) => async () => send('/api/users', 'POST', { email: `${next('made')}@example.com`, ...fields }),
    ),
    passes: [async () => send('/api/users', 'POST', { email: `${next('made')}@example.com`, role: 'member' })],
  },
  updateUser: {
    asks: [
      { instanceOperator: true },
      { instanceOperator: false },
      { totp: false, name: 'Other' },
      { passkeys: 0 },
    ].map((fields) => async () => send(`/api/users/${await person()}`, 'PATCH', fields)),
    passes: [{ name: 'Other' }, { status: 'disabled' }].map(
      (fields) => async () => send(`/api/users/${await person()}`, 'PATCH', fields),
    ),
  },
  deleteUser: { asks: [async () => send(`/api/users/${await person()}`, 'DELETE')] },
  makeResetLink: { asks: [async () => send(`/api/users/${await person()}/reset-password`, 'POST')] },
  createCredential: { asks: [async () => send(`${VAULT}/credentials`, 'POST', credential())] },
  replaceCredential: {
    asks: [async () => send(await credentialPath(), 'PUT', { fields: credential().fields })],
  },
  updateCredential: { asks: [async () => send(await credentialPath(), 'PATCH', { note: 'changed' })] },
  deleteCredential: { asks: [async () => send(await credentialPath(), 'DELETE')] },
  setSecret: { asks: [async () => send(`${VAULT}/secrets/NAME`, 'PUT', { value: 'v', hosts: [] })] },
  deleteSecret: {
    asks: [
      async () => {
        await gate.local(`${VAULT}/secrets/GONE`, { method: 'PUT', body: { value: 'v', hosts: [] } });
        return send(`${VAULT}/secrets/GONE`, 'DELETE');
      },
    ],
  },
  rotateSecretKey: { asks: [async () => send('/api/settings/secret-keys/rotate', 'POST', { workspaceId: 'example' })] },
  addOldSecretKey: {
    asks: [
      async () =>
        send('/api/settings/secret-keys/old', 'POST', {
          workspaceId: 'example',
          key: randomBytes(32).toString('hex'),
        }),
    ],
  },
  startOverSecretKey: {
    asks: [async () => send('/api/settings/secret-keys/start-over', 'POST', { wanted: '0123456789abcdef' })],
    // An open vault has no lost key to give up.
    status: 409,
  },
  deleteWorkspace: {
    asks: [
      async () => {
        const name = await workspace();
        return send(`/api/workspaces/${name}?confirm=${name}`, 'DELETE');
      },
    ],
  },
};

const asAda = ({ path, options }: Sample) => gate.call(path, { ...options, headers: ada.headers });
const auditLines = async () => (await gate.local('/api/audit?limit=20')).json.data;

/** What only people have, and no key: `passkeys.test.ts` holds them. */
const OF_PASSKEYS = ['addPasskey', 'passkeyOptions', 'removePasskey'];

test('(A4) exactly these routes ask people for a fresh proof', () => {
  const flagged = Object.entries<RouteSpec>(ROUTES).flatMap(([id, { fresh }]) => (fresh === undefined ? [] : [id]));
  expect(flagged.sort()).toEqual([...Object.keys(CASES), ...OF_PASSKEYS].sort());
  for (const id of Object.keys(CASES)) {
    const { authModes, audited } = ROUTES[id as RouteId] as RouteSpec;
    expect(authModes, `${id} is for people`).toContain('jwt');
    expect(audited, `${id} changes something`).toBe(true);
  }
});

describe.each(Object.entries(CASES))('%s', (id, { asks, passes = [], status }) => {
  const wanted = status ?? (ROUTES[id as RouteId] as RouteSpec).status;

  test.each(asks.map((make, index) => [index, make] as const))(
    '(A4) after ten minutes a person is asked, changes nothing, and goes on once they proved it (%i)',
    async (_, make) => {
      gate.clock.advance(10 * MINUTE);
      const sample = await make();
      const [{ seq: before }] = await auditLines();
      expectProblem(await asAda(sample), 'FRESH_PROOF_REQUIRED', /password.*\/api\/auth\/confirm.*10 minutes/);
      const since = (await auditLines()).filter(({ seq }: { seq: number }) => seq > before);
      expect(since).toMatchObject([
        {
          action: 'request.refused',
          outcome: 'refused',
          actor: ada.id,
          detail: { code: 'FRESH_PROOF_REQUIRED', reason: 'fresh-proof', route: id },
        },
      ]);
      await confirmIdentity(gate, ada.headers);
      const done = await asAda(sample);
      expect(done.status, done.text).toBe(wanted);
    },
  );

  // Where a case of the body makes the change one that is asked for, the other bodies are not.
  if (passes.length > 0) {
    test('(A4) what gives no power away is not asked for', async () => {
      gate.clock.advance(10 * MINUTE);
      for (const make of passes) {
        const answer = await asAda(await make());
        expect(answer.status, answer.text).toBeLessThan(300);
      }
    });
  }

  test('(A4) no key and no command on the host is ever asked', async () => {
    if (id === 'adoptEnvKey') return;
    for (const make of asks) {
      const byKey = await make();
      const answer = await gate.call(byKey.path, { ...byKey.options, key: ADMIN_KEY });
      expect(answer.status, answer.text).toBe(wanted);
      const byOwner = await make();
      const local = await gate.local(byOwner.path, byOwner.options);
      expect(local.status, local.text).toBe(wanted);
    }
  });
});

describe('a proof', () => {
  const rotate = async (headers: Record<string, string>): Promise<Answer> =>
    gate.call(`/api/keys/${await key()}/rotate`, { method: 'POST', body: {}, headers });

  test('(A4) lasts ten minutes, and is for the session that gave it alone', async () => {
    const [here, there] = [await signIn(gate), await signIn(gate)];
    gate.clock.advance(10 * MINUTE - SECOND);
    expect((await rotate(here.headers)).status, 'signing in is a proof').toBe(200);
    gate.clock.advance(SECOND);
    expectProblem(await rotate(here.headers), 'FRESH_PROOF_REQUIRED');
    const { provenAt, freshUntil } = await confirmIdentity(gate, here.headers);
    expect(Date.parse(provenAt)).toBe(gate.clock.nowMs());
    expect(Date.parse(freshUntil)).toBe(gate.clock.nowMs() + 10 * MINUTE);
    expect((await rotate(here.headers)).status).toBe(200);
    expectProblem(await rotate(there.headers), 'FRESH_PROOF_REQUIRED');
    gate.clock.advance(10 * MINUTE);
    expectProblem(await rotate(here.headers), 'FRESH_PROOF_REQUIRED');
  });

  test('(A4) is not made longer by a clock that goes back, and is given anew at once', async () => {
    const { headers } = await signIn(gate);
    gate.clock.advance(-5 * MINUTE);
    expectProblem(await rotate(headers), 'FRESH_PROOF_REQUIRED');
    await confirmIdentity(gate, headers);
    expect((await rotate(headers)).status).toBe(200);
    gate.clock.advance(5 * MINUTE);
  });

  test('(A4) can be seen: whoami says until when, the list of sessions since when', async () => {
    const me = await signIn(gate);
    const { provenAt, freshUntil } = await confirmIdentity(gate, me.headers);
    const { principal } = (await gate.call('/api/auth/whoami', { headers: me.headers })).json;
    expect(principal.freshUntil).toBe(freshUntil);
    const { data } = (await gate.call('/api/auth/sessions', { headers: me.headers })).json;
    expect(data.find(({ current }: { current: boolean }) => current).provenAt).toBe(provenAt);
    const byKey = (await gate.call('/api/auth/whoami', { key: ADMIN_KEY })).json.principal;
    expect(byKey).not.toHaveProperty('freshUntil');
  });

  test('(A4) of an app is told by its session, however new its access token is', async () => {
    const app = await tokensOf(gate);
    gate.clock.advance(10 * MINUTE);
    const anew = (await gate.call('/api/auth/refresh', { body: { refresh_token: app.refresh_token } })).json;
    const bearer = { authorization: `Bearer ${anew.access_token}` };
    expectProblem(await rotate(bearer), 'FRESH_PROOF_REQUIRED');
    await confirmIdentity(gate, bearer);
    expect((await rotate(bearer)).status).toBe(200);
    // The token of before is of the same session.
    expect((await rotate({ authorization: `Bearer ${app.access_token}` })).status).toBe(200);
  });

  test('(A4) is given by changing the password too, which asks for it', async () => {
    const email = `${next('changer')}@example.com`;
    await createUser(gate, email, { role: 'owner' });
    const me = await signIn(gate, email);
    gate.clock.advance(10 * MINUTE);
    expectProblem(await rotate(me.headers), 'FRESH_PROOF_REQUIRED');
    const body = { currentPassword: PASSWORD, newPassword: OTHER_PASSWORD };
    expect((await gate.call('/api/auth/profile/password', { body, headers: me.headers })).status).toBe(200);
    expect((await rotate(me.headers)).status).toBe(200);
  });

  test('(A4) that is wrong is told at its field, goes on record, and ends no session', async () => {
    const me = await signIn(gate);
    gate.clock.advance(10 * MINUTE);
    const confirm = (body: object) => gate.call('/api/auth/confirm', { body, headers: me.headers });
    expectProblem(await confirm({ password: OTHER_PASSWORD }), 'FORBIDDEN', /^password: is not your password/);
    expectProblem(await confirm({ code: '123456' }), 'CONFLICT', /no authenticator app/);
    for (const body of [{}, { password: PASSWORD, code: '123456' }, { code: '12345-abcde-12345-abcde' }])
      expectProblem(await confirm(body), 'BAD_REQUEST');
    expectProblem(await rotate(me.headers), 'FRESH_PROOF_REQUIRED');
    expect((await gate.call('/api/auth/whoami', { headers: me.headers })).status).toBe(200);
    await confirmIdentity(gate, me.headers);
    const lines = (await gate.local('/api/audit?action=session.confirm&limit=3')).json.data;
    expect(lines).toMatchObject([
      { outcome: 'ok', actor: me.id, detail: { by: 'password' } },
      { outcome: 'refused', actor: me.id, detail: { reason: 'wrong code' } },
      { outcome: 'refused', actor: me.id, detail: { reason: 'wrong password' } },
    ]);
    for (const secret of [PASSWORD, OTHER_PASSWORD, '123456']) {
      expect(JSON.stringify(await auditLines())).not.toContain(secret);
      expect(gate.logs()).not.toContain(secret);
    }
  });

  test('(A4) cannot be guessed: ten wrong ones, in whatever sessions and forms, and the person waits', async () => {
    const email = `${next('guessed')}@example.com`;
    await createUser(gate, email, { role: 'owner' });
    const [here, there] = [await signIn(gate, email), await signIn(gate, email)];
    gate.clock.advance(10 * MINUTE);
    const wrong = { password: OTHER_PASSWORD };
    for (let index = 0; index < 5; index += 1) {
      const { headers } = index % 2 === 0 ? here : there;
      expectProblem(await gate.call('/api/auth/confirm', { body: wrong, headers }), 'FORBIDDEN');
      const body = { currentPassword: OTHER_PASSWORD, newPassword: PASSWORD };
      expectProblem(await gate.call('/api/auth/profile/password', { body, headers }), 'FORBIDDEN');
    }
    const held = await gate.call('/api/auth/confirm', { body: { password: PASSWORD }, headers: there.headers });
    expectProblem(held, 'RATE_LIMITED');
    expect(Number(held.headers.get('retry-after'))).toBeGreaterThan(0);
    expectProblem(await rotate(here.headers), 'FRESH_PROOF_REQUIRED');
    // Others go on, and signing in is counted apart.
    expect((await gate.call('/api/auth/confirm', { body: { password: PASSWORD }, headers: ada.headers })).status).toBe(
      200,
    );
    const again = await signIn(gate, email);
    expect((await rotate(again.headers)).status).toBe(200);
    gate.clock.advance(10 * MINUTE);
    await confirmIdentity(gate, here.headers);
    expect((await rotate(here.headers)).status).toBe(200);
  });

  test('(A4) is not kept from a person by strangers who fail at their sign-in', async () => {
    const email = `${next('pestered')}@example.com`;
    await createUser(gate, email, { role: 'owner' });
    const me = await signIn(gate, email);
    gate.clock.advance(10 * MINUTE);
    const login = () => gate.call('/api/auth/login', { body: { email, password: OTHER_PASSWORD } });
    for (let index = 0; index < 10; index += 1) expectProblem(await login(), 'UNAUTHORIZED');
    expectProblem(await login(), 'RATE_LIMITED');
    await confirmIdentity(gate, me.headers);
    expect((await rotate(me.headers)).status).toBe(200);
  });
});

test('(A4) a code of the app is a proof, once; a recovery code is none and is not spent', async () => {
  await using own = await startGatehouse();
  await setUp(own);
  const me = await signIn(own);
  const call = (path: string, body: object) => own.call(path, { body, headers: me.headers });
  const { secret } = (await call('/api/auth/profile/totp', { password: PASSWORD })).json;
  const app = new TOTP({ secret: Secret.fromBase32(secret) });
  const code = () => app.generate({ timestamp: own.clock.nowMs() });
  const { recoveryCodes } = (await call('/api/auth/profile/totp/confirm', { code: code() })).json;
  own.clock.advance(10 * MINUTE);
  const rotate = () => call('/api/settings/signing-keys/rotate', {});
  expectProblem(await rotate(), 'FRESH_PROOF_REQUIRED', /password, or the code of your authenticator app/);
  expectProblem(await call('/api/auth/confirm', { code: recoveryCodes[0] }), 'BAD_REQUEST', /^code: .*recovery code/);
  expectProblem(await rotate(), 'FRESH_PROOF_REQUIRED');
  const now = code();
  expect((await call('/api/auth/confirm', { code: now })).status).toBe(200);
  expect((await rotate()).status).toBe(200);
  expectProblem(await call('/api/auth/confirm', { code: now }), 'FORBIDDEN', /^code: is wrong, or was used before/);
  // The password does as well, and signing in takes the recovery code that was not spent.
  own.clock.advance(10 * MINUTE);
  expect((await call('/api/auth/confirm', { password: PASSWORD })).status).toBe(200);
  const body = { email: ADMIN_EMAIL, password: PASSWORD, totp: recoveryCodes[0] };
  expect((await own.call('/api/auth/login', { body })).status).toBe(200);
  // Six digits are soon through: ten wrong ones an hour, while the password still does.
  own.clock.advance(10 * MINUTE);
  const wrong = String((Number(code()) + 1) % 1_000_000).padStart(6, '0');
  for (let index = 0; index < 8; index += 1) await call('/api/auth/confirm', { code: wrong });
  own.clock.advance(10 * MINUTE);
  expectProblem(await call('/api/auth/confirm', { code: code() }), 'RATE_LIMITED');
  expect((await call('/api/auth/confirm', { password: PASSWORD })).status).toBe(200);
});

test('(A4) a proof survives a restart; a session of before says nothing and was proven when it began', async () => {
  const files = await temporaryWorkspaces();
  const clock = new TestClock();
  const rotate = (gate: RunningGatehouse, cookie: string) =>
    gate.call('/api/settings/signing-keys/rotate', {
      method: 'POST',
      headers: { cookie, origin: new URL(gate.url).origin },
    });
  let cookie: string;
  {
    await using first = await startGatehouse({}, { folder: files.path, clock });
    await setUp(first);
    const me = await signIn(first);
    cookie = me.cookie;
    clock.advance(10 * MINUTE);
    await confirmIdentity(first, me.headers);
  }
  const path = join(files.path, '.gatehouse/sessions.json');
  {
    await using second = await startGatehouse({}, { folder: files.path, clock });
    expect((await rotate(second, cookie)).status).toBe(200);
  }
  const document = await readFile(path, 'utf8');
  expect(document).toContain('"provenAt"');
  await writeFile(path, document.replace(/"provenAt":\s*"[^"]+",/g, ''));
  {
    await using third = await startGatehouse({}, { folder: files.path, clock });
    expectProblem(await rotate(third, cookie), 'FRESH_PROOF_REQUIRED');
  }
});
