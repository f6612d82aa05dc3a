import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Challenges } from '../../src/identity/users/passkeys-challenges.js';
import { type Signing, SoftPasskey } from '../support/authenticator.js';
import { MINUTE, SECOND } from '../support/clock.js';
import { type Answer, type RunningGatehouse, startGatehouse } from '../support/gatehouse.js';
import {
  ADMIN_EMAIL,
  createUser,
  OTHER_PASSWORD,
  PASSWORD,
  type SignedInPerson,
  setUp,
  signIn,
} from '../support/people.js';
import { expectProblem } from './problem.js';
import { sendOne } from './raw.js';

const ORIGIN = 'https://gate.example.com';
const SITE = { origin: ORIGIN };
const PASSKEYS = '/api/auth/passkeys';
const nobodys = { rp: { id: 'gate.example.com', name: '' }, user: { id: 'AAAA', name: '', displayName: '' } };

describe('passkeys', () => {
  let gate: RunningGatehouse;
  let me: SignedInPerson;

  beforeEach(async () => {
    gate = await startGatehouse({ PUBLIC_URL: ORIGIN });
    await setUp(gate);
    me = await signIn(gate);
  });
  afterEach(() => gate[Symbol.asyncDispose]());

  const optionsToAdd = async (who = me) => {
    const answer = await gate.call(`${PASSKEYS}/options`, { method: 'POST', headers: who.headers });
    expect(answer.status, answer.text).toBe(200);
    return answer.json;
  };
  const add = (credential: unknown, who = me, name?: string) =>
    gate.call(PASSKEYS, { headers: who.headers, body: { credential, ...(name === undefined ? {} : { name }) } });
  const added = async (passkey: SoftPasskey, who = me, name = 'Laptop'): Promise<string> => {
    const answer = await add(passkey.create(await optionsToAdd(who), SITE), who, name);
    expect(answer.status, answer.text).toBe(201);
    return answer.json.passkey.id;
  };
  const optionsToSignIn = async () => {
    const answer = await gate.call(`${PASSKEYS}/sign-in/options`, { method: 'POST' });
    expect(answer.status, answer.text).toBe(200);
    return answer.json;
  };
  const show = (credential: unknown, fields: object = {}) =>
    gate.call(`${PASSKEYS}/sign-in`, { body: { credential, ...fields } });
  const signInWith = async (passkey: SoftPasskey, signing: Partial<Signing> = {}, fields: object = {}) =>
    show(passkey.get(await optionsToSignIn(), { ...SITE, ...signing }), fields);
  const list = async (who = me) => (await gate.call(PASSKEYS, { headers: who.headers })).json.data;
  const auditLines = async (action: string) =>
    (await gate.local(`/api/audit?limit=200&action=${action}`)).json.data as Record<string, unknown>[];
  const optionsToConfirm = async (who = me) => {
    const answer = await gate.call('/api/auth/confirm/options', { method: 'POST', headers: who.headers });
    expect(answer.status, answer.text).toBe(200);
    return answer.json;
  };
  const confirm = (body: object) => gate.call('/api/auth/confirm', { headers: me.headers, body });
  const expectRefused = (answer: Answer) =>
    expectProblem(answer, 'UNAUTHORIZED', /^This passkey opens no account here/);

  test('A4: one that was added signs its owner in, with a cookie or with tokens, and is on record', async () => {
    const passkey = new SoftPasskey();
    const id = await added(passkey);
    const withTokens = await signInWith(passkey);
    expect(withTokens.status, withTokens.text).toBe(200);
    expect(withTokens.json).toMatchObject({ user: { id: me.id, email: ADMIN_EMAIL }, token_type: 'Bearer' });
    const withCookie = await signInWith(passkey, {}, { use: 'cookie' });
    expect(Object.keys(withCookie.json)).toEqual(['user']);
    const [cookie = ''] = withCookie.headers.getSetCookie();
    expect(cookie).toMatch(/^__Host-gatehouse_session=\w{43}; Path=\/; Max-Age=\d+; HttpOnly; SameSite=Lax; Secure$/);
    const whoami = await gate.call('/api/auth/whoami', { headers: { cookie: cookie.split(';')[0] ?? '' } });
    expect(whoami.json.principal).toMatchObject({ kind: 'user', id: me.id });
    const [line] = await auditLines('user.passkey-add');
    expect(line).toMatchObject({ actor: me.id, target: me.id, outcome: 'ok', detail: { passkey: id, name: 'Laptop' } });
    const starts = await auditLines('session.start');
    expect(starts[0]).toMatchObject({ actor: me.id, detail: { kind: 'cookie', how: 'passkey' } });
    expect(starts.at(-1)).toMatchObject({ detail: { how: 'password' } });
  });

  test('A4: it counts as both factors: no code is asked for', async () => {
    const { Secret, TOTP } = await import('otpauth');
    const started = await gate.call('/api/auth/profile/totp', { headers: me.headers, body: { password: PASSWORD } });
    const app = new TOTP({ secret: Secret.fromBase32(started.json.secret) });
    const code = app.generate({ timestamp: gate.clock.nowMs() });
    await gate.call('/api/auth/profile/totp/confirm', { headers: me.headers, body: { code } });
    const login = await gate.call('/api/auth/login', { body: { email: ADMIN_EMAIL, password: PASSWORD } });
    expectProblem(login, 'TOTP_REQUIRED');
    const passkey = new SoftPasskey();
    await added(passkey);
    expect((await signInWith(passkey)).status).toBe(200);
  });

  test('A4: they are listed, renamed and removed; a removed one signs nobody in', async () => {
    const passkey = new SoftPasskey();
    const id = await added(passkey);
    gate.clock.advance(MINUTE);
    await signInWith(passkey);
    expect(await list()).toEqual([
      {
        id,
        name: 'Laptop',
        credentialId: passkey.id,
        rpId: 'gate.example.com',
        backedUp: false,
        createdAt: expect.any(String),
        lastUsedAt: new Date(gate.clock.nowMs()).toISOString(),
      },
    ]);
    const renamed = await gate.call(`${PASSKEYS}/${id}`, {
      method: 'PATCH',
      headers: me.headers,
      body: { name: 'Old laptop' },
    });
    expect(renamed.json.passkey.name).toBe('Old laptop');
    const removed = await gate.call(`${PASSKEYS}/${id}`, { method: 'DELETE', headers: me.headers });
    expect(removed.status).toBe(200);
    expect(await list()).toEqual([]);
    expectRefused(await signInWith(passkey));
    // The last one may go: the password stays.
    await signIn(gate);
    const lines = await auditLines('user.*');
    expect(lines.map(({ action }) => action)).toEqual([
      'user.passkey-remove',
      'user.passkey-rename',
      'user.passkey-add',
    ]);
    expect(lines[1]?.changes).toMatchObject([{ field: 'name', after: 'Old laptop' }]);
    // Whoever has none has nothing of it in the file, which an older version still reads.
    expect(await readFile(join(gate.folder, '.gatehouse/users.json'), 'utf8')).not.toContain('passkeys');
  });

  test('A4: without a name it has that of the browser; names are one line', async () => {
    const made = await add(new SoftPasskey().create(await optionsToAdd(), SITE));
    expect(made.json.passkey.name).toBe('node');
    const credential = new SoftPasskey().create(await optionsToAdd(), SITE);
    for (const name of ['', '  ', 'a\nb', 'x'.repeat(61)])
      expectProblem(await add(credential, me, name), 'BAD_REQUEST', /name/);
  });

  test('A4: nobody sees, renames or removes those of somebody else', async () => {
    await createUser(gate, 'bob@example.com');
    const bob = await signIn(gate, 'bob@example.com');
    const id = await added(new SoftPasskey());
    expect(await list(bob)).toEqual([]);
    const rename = { method: 'PATCH', headers: bob.headers, body: { name: 'Mine' } };
    expectProblem(await gate.call(`${PASSKEYS}/${id}`, rename), 'NOT_FOUND');
    expectProblem(await gate.call(`${PASSKEYS}/${id}`, { method: 'DELETE', headers: bob.headers }), 'NOT_FOUND');
    expect(await list()).toHaveLength(1);
  });

  test('A4: a passkey of one person is nobody else’s, and ten are enough', async () => {
    await createUser(gate, 'bob@example.com');
    const bob = await signIn(gate, 'bob@example.com');
    const passkey = new SoftPasskey();
    await added(passkey);
    expectProblem(await add(passkey.create(await optionsToAdd(bob), SITE), bob), 'CONFLICT', /there already/);
    expect((await optionsToAdd()).excludeCredentials).toMatchObject([{ id: passkey.id }]);
    expect((await optionsToAdd(bob)).excludeCredentials).toEqual([]);
    const last = await optionsToAdd();
    for (let count = 1; count < 10; count += 1) await added(new SoftPasskey());
    expectProblem(
      await gate.call(`${PASSKEYS}/options`, { method: 'POST', headers: me.headers }),
      'CONFLICT',
      /no more/,
    );
    expectProblem(await add(new SoftPasskey().create(last, SITE)), 'CONFLICT', /no more/);
    expect(await list()).toHaveLength(10);
  });

  describe('what was signed elsewhere, by others or for something else', () => {
    test('A4: none of it is added', async () => {
      const wrong: Partial<Signing>[] = [
        { origin: 'https://gate.example.com.evil.example' },
        { origin: `${ORIGIN}:8443` },
        { rpId: 'example.com' },
        { type: 'webauthn.get' },
        { present: false, verified: false },
        { verified: false },
      ];
      for (const signing of wrong) {
        const credential = new SoftPasskey().create(await optionsToAdd(), { ...SITE, ...signing });
        expectProblem(await add(credential), 'FORBIDDEN');
      }
      expect(await list()).toEqual([]);
    });

    test('A4: none of it signs anybody in', async () => {
      const passkey = new SoftPasskey();
      await added(passkey);
      const wrong: Partial<Signing>[] = [
        { origin: 'https://gate.example.com.evil.example' },
        { origin: 'http://gate.example.com' },
        { rpId: 'example.com' },
        { type: 'webauthn.create' },
        { present: false, verified: false },
        { verified: false },
        { userHandle: Buffer.from('usr_0000000000000000000000').toString('base64url') },
        { userHandle: null },
      ];
      for (const signing of wrong) {
        const answer = await signInWith(passkey, signing, { use: 'cookie' });
        expectRefused(answer);
        expect(answer.headers.getSetCookie()).toEqual([]);
      }
      expect(await list()).toMatchObject([{ lastUsedAt: null }]);
      expect((await signInWith(passkey)).status).toBe(200);
    });

    test('A4: in a frame on somebody else’s page it proves nothing', async () => {
      const passkey = new SoftPasskey();
      await added(passkey);
      expectProblem(await signInWith(passkey, { crossOrigin: true }), 'BAD_REQUEST', /challenge/);
    });

    test('A4: an unknown passkey, a wrong signature and somebody who may not come in look alike', async () => {
      const passkey = new SoftPasskey();
      await createUser(gate, 'bob@example.com');
      const bob = await signIn(gate, 'bob@example.com');
      await added(passkey, bob);
      const stranger = new SoftPasskey();
      const forged = { ...stranger.get(await optionsToSignIn(), SITE), id: passkey.id, rawId: passkey.id };
      forged.response.userHandle = passkey.userHandle;
      const answers = [await signInWith(stranger), await show(forged)];
      await gate.local(`/api/users/${bob.id}`, { method: 'PATCH', body: { status: 'disabled' } });
      answers.push(await signInWith(passkey));
      await gate.local(`/api/users/${bob.id}`, { method: 'DELETE' });
      answers.push(await signInWith(passkey));
      for (const answer of answers) expectRefused(answer);
      const told = answers.map(({ json: { requestId: _, ...rest } }) => JSON.stringify(rest));
      expect(new Set(told).size).toBe(1);
      const reasons = ['unknown passkey', 'account disabled', 'wrong passkey', 'unknown passkey'];
      expect((await auditLines('request.refused')).map(({ detail }) => detail)).toMatchObject(
        reasons.map((reason) => ({ reason: `sign-in: ${reason}`, route: 'passkeySignIn' })),
      );
    });

    test('A4: no answer before the signature tells whether there is anybody', async () => {
      const before = await optionsToSignIn();
      await added(new SoftPasskey());
      const after = await optionsToSignIn();
      expect(after).toEqual({ ...before, challenge: expect.any(String) });
      expect(after).toMatchObject({ allowCredentials: [], userVerification: 'required', rpId: 'gate.example.com' });
      expect(after.challenge).toHaveLength(before.challenge.length);
    });
  });

  describe('challenges', () => {
    test('A4: one lets in once, also when it comes many times at once', async () => {
      const passkey = new SoftPasskey();
      await added(passkey);
      const credential = passkey.get(await optionsToSignIn(), SITE);
      const answers = await Promise.all(Array.from({ length: 8 }, () => show(credential)));
      expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
      for (const answer of answers.filter(({ status }) => status !== 200))
        expectProblem(answer, 'BAD_REQUEST', /challenge is over, was used/);
      expectProblem(await show(credential), 'BAD_REQUEST', /was used before/);
    });

    test('A4: one adds once', async () => {
      const options = await optionsToAdd();
      expect((await add(new SoftPasskey().create(options, SITE))).status).toBe(201);
      expectProblem(await add(new SoftPasskey().create(options, SITE)), 'BAD_REQUEST', /was used before/);
      expect(await list()).toHaveLength(1);
    });

    test('A4: they are over after five minutes', async () => {
      const passkey = new SoftPasskey();
      await added(passkey);
      const [first, second, toAdd] = [await optionsToSignIn(), await optionsToSignIn(), await optionsToAdd()];
      gate.clock.advance(5 * MINUTE - SECOND);
      expect((await show(passkey.get(first, SITE))).status).toBe(200);
      gate.clock.advance(SECOND);
      expectProblem(await show(passkey.get(second, SITE)), 'BAD_REQUEST', /over/);
      expectProblem(await add(new SoftPasskey().create(toAdd, SITE)), 'BAD_REQUEST', /over/);
    });

    test('A4: one is good for what it was given for, and for whom', async () => {
      const passkey = new SoftPasskey();
      await added(passkey);
      await createUser(gate, 'bob@example.com');
      const bob = await signIn(gate, 'bob@example.com');
      const [mine, bobs, toSignIn] = [await optionsToAdd(), await optionsToAdd(bob), await optionsToSignIn()];
      expectProblem(await add(new SoftPasskey().create(bobs, SITE)), 'BAD_REQUEST', /challenge/);
      const planted = { ...SITE, challenge: toSignIn.challenge };
      expectProblem(await add(new SoftPasskey().create(mine, planted)), 'BAD_REQUEST', /challenge/);
      expectProblem(await signInWith(passkey, { challenge: mine.challenge }), 'BAD_REQUEST', /challenge/);
    });

    test('A4: made up, changed, of another instance or spelled otherwise they are none', async () => {
      const passkey = new SoftPasskey();
      await added(passkey);
      const { challenge } = await optionsToSignIn();
      const bytes = Buffer.from(challenge, 'base64url');
      for (let index = 0; index < bytes.length; index += 5) {
        const changed = Buffer.from(bytes);
        changed[index] = (changed[index] ?? 0) ^ 1;
        expectProblem(await signInWith(passkey, { challenge: changed.toString('base64url') }), 'BAD_REQUEST');
      }
      const others = new Challenges().issue('sign-in', gate.clock.nowMs());
      for (const made of ['', 'x', `${challenge}=`, `${challenge}A`, ` ${challenge}`, others, 'A'.repeat(62)])
        expectProblem(await signInWith(passkey, { challenge: made }), 'BAD_REQUEST');
    });

    test('A4: what was spent is remembered in a bounded number, and forgotten when it would be over', () => {
      const challenges = new Challenges();
      const spend = (nowMs: number) => {
        const challenge = challenges.issue('sign-in', nowMs);
        challenges.spend(challenge, nowMs);
        return challenge;
      };
      const first = spend(0);
      for (let count = 1; count < 10_000; count += 1) spend(0);
      expect(() => spend(0)).toThrow(/Too many/);
      expect(() => challenges.require(first, 'sign-in', 5 * MINUTE - 1)).toThrow(/used before/);
      spend(5 * MINUTE);
      expect(() => challenges.require(first, 'sign-in', 5 * MINUTE)).toThrow(/over/);
    });
  });

  test('A4: a counter that goes back or stands still tells of a copy: refused and on record', async () => {
    const passkey = new SoftPasskey({ counts: true });
    const id = await added(passkey);
    expect((await signInWith(passkey)).status).toBe(200);
    expect((await signInWith(passkey, { counter: 7 })).status).toBe(200);
    for (const counter of [7, 3, 0]) expectRefused(await signInWith(passkey, { counter }));
    expect((await signInWith(passkey, { counter: 8 })).status).toBe(200);
    const lines = await auditLines('user.passkey-copied');
    expect(lines).toHaveLength(3);
    expect(lines[0]).toMatchObject({ outcome: 'refused', actor: me.id, target: me.id, detail: { passkey: id } });
  });

  test('A4: whoever cannot sign cannot make a passkey look copied', async () => {
    const passkey = new SoftPasskey({ counts: true });
    await added(passkey);
    await signInWith(passkey, { counter: 5 });
    const stranger = new SoftPasskey().get(await optionsToSignIn(), { ...SITE, counter: 1 });
    stranger.response.userHandle = passkey.userHandle;
    expectRefused(await show({ ...stranger, id: passkey.id, rawId: passkey.id }));
    expect(await auditLines('user.passkey-copied')).toEqual([]);
  });

  test('A4: what the maker of the device says is not read, and no address in it is called', async () => {
    const calls: string[] = [];
    await using site = await listen((url) => calls.push(url));
    const x5c = [Buffer.from(`http://127.0.0.1:${site.port}/list.crl`)];
    const statement = {
      fmt: 'packed',
      attStmt: new Map<string, unknown>([
        ['alg', -7],
        ['sig', Buffer.alloc(70)],
        ['x5c', x5c],
      ]),
    };
    const passkey = new SoftPasskey();
    const made = await add(passkey.create(await optionsToAdd(), SITE, statement));
    expect(made.status, made.text).toBe(201);
    expect((await signInWith(passkey)).status).toBe(200);
    expect(calls).toEqual([]);
  });

  test('R3: garbage in any place is a 4xx, and adds nothing', async () => {
    const passkey = new SoftPasskey();
    await added(passkey);
    const good = passkey.get(await optionsToSignIn(), SITE);
    const made = new SoftPasskey().create(await optionsToAdd(), SITE);
    const deep = Buffer.concat([Buffer.alloc(20_000, 0x81), Buffer.from([0])]).toString('base64url');
    const huge = Buffer.from([0x9b, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff]).toString('base64url');
    const bad: unknown[] = ['', '!!', 'A', 'AAAA', deep, huge, 'A'.repeat(40_000), null, 7, {}, []];
    for (const field of ['clientDataJSON', 'attestationObject']) {
      for (const value of bad) {
        const answer = await add({ ...made, response: { ...made.response, [field]: value } });
        expect([400, 403], `${field} ${String(value).slice(0, 10)}: ${answer.text}`).toContain(answer.status);
      }
    }
    const options = await optionsToAdd();
    for (const attestationObject of [deep, huge, 'AAAA', Buffer.from([0xa0]).toString('base64url')]) {
      const fresh = new SoftPasskey().create(options, SITE);
      expectProblem(await add({ ...fresh, response: { ...fresh.response, attestationObject } }), 'FORBIDDEN');
    }
    for (const field of ['clientDataJSON', 'authenticatorData', 'signature', 'userHandle']) {
      for (const value of bad) {
        if (field === 'userHandle' && value === null) continue;
        const answer = await show({ ...good, response: { ...good.response, [field]: value } });
        expect([400, 401], `${field} ${String(value).slice(0, 10)}: ${answer.text}`).toContain(answer.status);
        gate.clock.advance(10 * MINUTE);
      }
    }
    expectProblem(await show({ ...good, id: 'A'.repeat(1365), rawId: 'A'.repeat(1365) }), 'BAD_REQUEST');
    expectProblem(await gate.call(`${PASSKEYS}/sign-in`, { body: 'x'.repeat(70_000) }), 'PAYLOAD_TOO_LARGE');
    expect(await list()).toHaveLength(1);
    expect((await signInWith(passkey)).status).toBe(200);
  });

  test('A4, G3: tries are bounded by address; good ones do not count', async () => {
    const passkey = new SoftPasskey();
    await added(passkey);
    for (let tries = 0; tries < 29; tries += 1) expectRefused(await signInWith(new SoftPasskey()));
    for (let tries = 0; tries < 3; tries += 1) expect((await signInWith(passkey)).status).toBe(200);
    expectRefused(await signInWith(new SoftPasskey()));
    expectProblem(await signInWith(passkey), 'RATE_LIMITED');
    gate.clock.advance(10 * MINUTE);
    expect((await signInWith(passkey)).status).toBe(200);
  });

  test('A3: another site cannot sign a browser in as somebody else', async () => {
    const passkey = new SoftPasskey();
    await added(passkey);
    const body = { credential: passkey.get(await optionsToSignIn(), SITE), use: 'cookie' };
    const answer = await gate.call(`${PASSKEYS}/sign-in`, { body, headers: { origin: 'https://evil.example' } });
    expectProblem(answer, 'FORBIDDEN');
    expect(answer.headers.getSetCookie()).toEqual([]);
  });

  test('A4: adding and removing ask for a fresh proof, and a passkey is one', async () => {
    const passkey = new SoftPasskey();
    const id = await added(passkey);
    gate.clock.advance(10 * MINUTE);
    const add2 = () => gate.call(`${PASSKEYS}/options`, { method: 'POST', headers: me.headers });
    const remove = () => gate.call(`${PASSKEYS}/${id}`, { method: 'DELETE', headers: me.headers });
    expectProblem(await add2(), 'FRESH_PROOF_REQUIRED', /, or a passkey to POST \/api\/auth\/confirm/);
    expectProblem(await remove(), 'FRESH_PROOF_REQUIRED');
    const made = new SoftPasskey().create({ ...nobodys, challenge: 'AAAA' }, SITE);
    expectProblem(await add(made), 'FRESH_PROOF_REQUIRED');

    const options = await optionsToConfirm();
    expect(options.allowCredentials).toMatchObject([{ id: passkey.id }]);
    const confirmed = await confirm({ passkey: passkey.get(options, { ...SITE, userHandle: null }) });
    expect(confirmed.status, confirmed.text).toBe(200);
    expect((await auditLines('session.confirm'))[0]).toMatchObject({ actor: me.id, detail: { by: 'passkey' } });
    expect((await add2()).status).toBe(200);
    expect((await remove()).status).toBe(200);
  });

  test('A4: a passkey signed in with is a fresh proof of that session', async () => {
    const passkey = new SoftPasskey();
    await added(passkey);
    gate.clock.advance(11 * MINUTE);
    const { access_token } = (await signInWith(passkey)).json;
    const headers = { authorization: `Bearer ${access_token}` };
    expect((await gate.call(`${PASSKEYS}/options`, { method: 'POST', headers })).status).toBe(200);
    expectProblem(
      await gate.call(`${PASSKEYS}/options`, { method: 'POST', headers: me.headers }),
      'FRESH_PROOF_REQUIRED',
    );
  });

  test('A4: as a fresh proof it is that of the session’s own person, for that session, once', async () => {
    await createUser(gate, 'bob@example.com');
    const bob = await signIn(gate, 'bob@example.com');
    const [mine, bobs] = [new SoftPasskey(), new SoftPasskey({ counts: true })];
    await added(mine);
    await added(bobs, bob);
    const elsewhere = await signIn(gate);
    gate.clock.advance(11 * MINUTE);
    const options = await optionsToConfirm();
    for (const signing of [{}, { userHandle: mine.userHandle }, { userHandle: null }])
      expectProblem(await confirm({ passkey: bobs.get(options, { ...SITE, ...signing }) }), 'FORBIDDEN', /^passkey: /);
    const planted = { ...options, challenge: (await optionsToConfirm(elsewhere)).challenge };
    expectProblem(await confirm({ passkey: mine.get(planted, SITE) }), 'BAD_REQUEST', /challenge/);
    expectProblem(await confirm({ passkey: mine.get(await optionsToSignIn(), SITE) }), 'BAD_REQUEST', /challenge/);
    expectProblem(await confirm({ passkey: mine.get(options, { ...SITE, verified: false }) }), 'FORBIDDEN');
    expectProblem(await confirm({ passkey: mine.get(options, SITE), password: PASSWORD }), 'BAD_REQUEST', /one of/);
    const good = mine.get(options, SITE);
    expect((await confirm({ passkey: good })).status).toBe(200);
    expectProblem(await confirm({ passkey: good }), 'BAD_REQUEST', /was used before/);
    // A fresh proof signs nobody in.
    expectProblem(await show(mine.get(await optionsToConfirm(), SITE)), 'BAD_REQUEST', /challenge/);
    expect(await auditLines('session.confirm')).toContainEqual(
      expect.objectContaining({ outcome: 'refused', actor: me.id, detail: { reason: 'wrong passkey' } }),
    );
    expectProblem(
      await gate.call(`${PASSKEYS}/options`, { method: 'POST', headers: elsewhere.headers }),
      'FRESH_PROOF_REQUIRED',
    );
    await createUser(gate, 'eve@example.com');
    const eve = await signIn(gate, 'eve@example.com');
    expectProblem(await gate.call('/api/auth/confirm/options', { method: 'POST', headers: eve.headers }), 'CONFLICT');
  });

  test('A4: a new password leaves passkeys, and the host takes them all away', async () => {
    const passkey = new SoftPasskey();
    await added(passkey);
    const link = (await gate.local(`/api/users/${me.id}/reset-password`, { method: 'POST' })).json;
    const token = link.path.slice(link.path.indexOf('#') + 1);
    await gate.call('/api/auth/password/reset', { body: { token, password: OTHER_PASSWORD } });
    expect((await signInWith(passkey)).status).toBe(200);
    expect((await gate.local(`/api/users/${me.id}`)).json.user.passkeys).toBe(1);
    const answer = await gate.local(`/api/users/${me.id}`, { method: 'PATCH', body: { passkeys: 0 } });
    expect(answer.json.user.passkeys).toBe(0);
    expectRefused(await signInWith(passkey));
    const [line] = await auditLines('user.update');
    expect(line).toMatchObject({ target: me.id, detail: { passkeys: 0 } });
    expectProblem(await gate.local(`/api/users/${me.id}`, { method: 'PATCH', body: { passkeys: 1 } }), 'BAD_REQUEST');
  });

  test('A3, R1: they survive a restart, and a challenge does not', async () => {
    const passkey = new SoftPasskey({ counts: true });
    await added(passkey);
    const old = await optionsToSignIn();
    await gate.gatehouse.close();
    await using again = await startGatehouse(
      { PUBLIC_URL: ORIGIN, SOCKET: 'off' },
      { folder: gate.folder, clock: gate.clock },
    );
    const showThere = (credential: unknown) => again.call(`${PASSKEYS}/sign-in`, { body: { credential } });
    expectProblem(await showThere(passkey.get(old, SITE)), 'BAD_REQUEST');
    const { json } = await again.call(`${PASSKEYS}/sign-in/options`, { method: 'POST' });
    expect((await showThere(passkey.get(json, SITE))).status).toBe(200);
  });
});

describe('where passkeys work', () => {
  const siteOf = async (gate: RunningGatehouse, ...headers: string[]) =>
    (
      await sendOne(
        gate.url,
        `${['GET /api/auth/options HTTP/1.1', ...headers, 'Connection: close'].join('\r\n')}\r\n\r\n`,
      )
    ).json.passkeys;

  test('A4: at PUBLIC_URL and nowhere else, whatever the request calls itself', async () => {
    await using gate = await startGatehouse({ PUBLIC_URL: `${ORIGIN}:8443`, TRUST_PROXY: 'loopback' });
    for (const host of ['gate.example.com:8443', 'localhost:3000', 'evil.example'])
      expect(await siteOf(gate, `Host: ${host}`, 'X-Forwarded-Proto: https')).toEqual({
        origin: `${ORIGIN}:8443`,
        lacks: null,
      });
  });

  test('A4: without PUBLIC_URL, what was called decides', async () => {
    await using gate = await startGatehouse({ TRUST_PROXY: 'loopback' });
    const cases: [string[], string, object][] = [
      [[], 'localhost:3000', { origin: 'http://localhost:3000', lacks: null }],
      [[], 'gate.localhost:3000', { origin: 'http://gate.localhost:3000', lacks: null }],
      [[], 'nas:3000', { origin: 'http://nas:3000', lacks: 'https' }],
      [[], '192.168.1.5:3000', { origin: 'http://192.168.1.5:3000', lacks: 'name' }],
      [[], '[::1]:3000', { origin: 'http://[::1]:3000', lacks: 'name' }],
      [[], '127.0.0.1:3000', { origin: 'http://127.0.0.1:3000', lacks: 'name' }],
      [['X-Forwarded-Proto: https'], 'nas', { origin: 'https://nas', lacks: null }],
      [['X-Forwarded-Proto: https'], '192.168.1.5', { origin: 'https://192.168.1.5', lacks: 'name' }],
      [['X-Forwarded-Proto: https', 'X-Forwarded-Host: gate.example.com'], 'inside', { origin: ORIGIN, lacks: null }],
      [[], 'not a host', { origin: 'http://not a host', lacks: 'name' }],
    ];
    for (const [headers, host, site] of cases) expect(await siteOf(gate, `Host: ${host}`, ...headers)).toEqual(site);
  });

  test('A4: a proxy that is not trusted makes no https', async () => {
    await using gate = await startGatehouse();
    expect(await siteOf(gate, 'Host: nas', 'X-Forwarded-Proto: https')).toEqual({
      origin: 'http://nas',
      lacks: 'https',
    });
  });

  test('A4: where they cannot be, every route says why and what to set', async () => {
    await using gate = await startGatehouse();
    await setUp(gate);
    const { headers } = await signIn(gate);
    const passkey = new SoftPasskey();
    const options = {
      challenge: 'AAAA',
      rpId: '127.0.0.1',
      timeout: 1,
      allowCredentials: [],
      userVerification: 'required' as const,
    };
    const credential = passkey.get(options, { origin: gate.url });
    for (const answer of [
      await gate.call(`${PASSKEYS}/options`, { method: 'POST', headers }),
      await gate.call(`${PASSKEYS}/sign-in/options`, { method: 'POST' }),
      await gate.call(`${PASSKEYS}/sign-in`, { body: { credential } }),
    ])
      expectProblem(answer, 'CONFLICT', /IP address.*Set PUBLIC_URL/);
    expect((await gate.call(PASSKEYS, { headers })).json).toEqual({ data: [], nextCursor: null });
  });

  test('A4: with PUBLIC_URL moved to another host, old ones sign nobody in there', async () => {
    await using first = await startGatehouse({ PUBLIC_URL: 'http://localhost:3000' });
    await setUp(first);
    const { headers } = await signIn(first);
    const passkey = new SoftPasskey();
    const { json: toAdd } = await first.call(`${PASSKEYS}/options`, { method: 'POST', headers });
    const credential = passkey.create(toAdd, { origin: 'http://localhost:3000' });
    expect((await first.call(PASSKEYS, { headers, body: { credential } })).status).toBe(201);
    await first.gatehouse.close();
    await using moved = await startGatehouse({ PUBLIC_URL: ORIGIN, SOCKET: 'off' }, { folder: first.folder });
    const { json } = await moved.call(`${PASSKEYS}/sign-in/options`, { method: 'POST' });
    const answer = await moved.call(`${PASSKEYS}/sign-in`, { body: { credential: passkey.get(json, SITE) } });
    expectProblem(answer, 'UNAUTHORIZED');
  });
});

/** A server that notes what it is asked for. */
async function listen(asked: (url: string) => void): Promise<AsyncDisposable & { readonly port: number }> {
  const server = createServer((request, response) => {
    asked(request.url ?? '');
    response.end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
