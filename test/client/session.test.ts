import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type AuthChange, createClient, type TokenStore } from '../../src/client/index.js';
import { ADA, type SignInStub, startSignInStub } from './sign-in-stub.js';

const REFRESH = '/api/auth/refresh';
const WHOAMI = '/api/auth/whoami';
const credentials = { email: ADA.email, password: 'correct horse battery' };

let stub: SignInStub;
beforeEach(async () => {
  stub = await startSignInStub();
});
afterEach(async () => {
  vi.useRealTimers();
  await stub[Symbol.asyncDispose]();
});

/** A store as an app would bring it: slow, and shared by every client that is given it. */
function ownStore(): TokenStore & { held: string | null } {
  return {
    held: null,
    async get() {
      await new Promise((resolve) => setTimeout(resolve, 2));
      return this.held ?? undefined;
    },
    async set(token) {
      this.held = token;
    },
    async remove() {
      this.held = null;
    },
  };
}

async function signedIn(refreshStorage: TokenStore | 'memory' = 'memory') {
  const client = createClient(stub.url, { refreshStorage });
  const changes: AuthChange[] = [];
  client.auth.onChange((change) => changes.push(change));
  await client.auth.signIn(credentials);
  return { client, changes };
}

/** Lets listeners hear what was announced. */
const heard = () => new Promise((resolve) => setTimeout(resolve, 5));

test('D4: before anybody signs in, calls are made as nobody and nothing is refreshed', async () => {
  const client = createClient(stub.url);
  expect(await client.whoami()).toMatchObject({ kind: 'anonymous' });
  expect(await client.auth.getUser()).toBeNull();
  expect(await client.auth.getAccessToken()).toBeNull();
  expect(await client.auth.refresh()).toBeNull();
  await client.auth.signOut();
  expect(stub.seen.map(({ url }) => url)).toEqual([WHOAMI]);
});

test('D4: a token is renewed half a minute before its end, and not earlier', async () => {
  vi.useFakeTimers({ toFake: ['Date'] });
  const { client } = await signedIn();
  vi.setSystemTime(Date.now() + 869_000);
  await client.whoami();
  expect(stub.count(REFRESH)).toBe(0);
  vi.setSystemTime(Date.now() + 2_000);
  await client.whoami();
  expect(stub.count(REFRESH)).toBe(1);
  expect(stub.seen.at(-1)?.headers.authorization).toBe('Bearer access-2');
});

test('D4: twenty calls at once renew a token once, before its end or when it is refused', async () => {
  vi.useFakeTimers({ toFake: ['Date'] });
  const { client } = await signedIn(ownStore());
  vi.setSystemTime(Date.now() + 900_000);
  await Promise.all(Array.from({ length: 20 }, () => client.whoami()));
  expect(stub.count(REFRESH)).toBe(1);
  stub.expireAccess();
  await Promise.all(Array.from({ length: 20 }, () => client.whoami()));
  expect(stub.count(REFRESH)).toBe(2);
  expect(stub.replayed).toBe(false);
});

test('a call that is refused with a new token too is not sent a third time', async () => {
  const { client } = await signedIn();
  stub.refuseAccess = true;
  await expect(client.whoami()).rejects.toMatchObject({ code: 'UNAUTHORIZED' });
  expect([stub.count(WHOAMI), stub.count(REFRESH)]).toEqual([2, 1]);
});

test('D4: a body goes along when the call is made again', async () => {
  const { client } = await signedIn();
  stub.expireAccess();
  await client.endpoints.call('shop', 'orders', { body: { item: 7 } });
  expect(stub.seen.filter(({ url }) => url === '/run/shop/orders').map(({ body }) => body)).toEqual(
    Array(2).fill('{"item":7}'),
  );
});

test('D4: a session that the server has ended is announced, forgotten, and the next call made as nobody', async () => {
  const store = ownStore();
  const { client, changes } = await signedIn(store);
  stub.expireAccess();
  stub.refuseRefresh = { status: 401, code: 'UNAUTHORIZED' };
  await expect(client.whoami()).rejects.toMatchObject({ code: 'UNAUTHORIZED' });
  await heard();
  expect(changes).toEqual([
    { user: ADA, reason: 'signed-in' },
    { user: null, reason: 'expired' },
  ]);
  expect(store.held).toBeNull();
  expect(await client.whoami()).toMatchObject({ kind: 'anonymous' });
  expect(stub.count(REFRESH)).toBe(1);
});

test('D4: whoever only asks who is signed in is told nobody, when the session has ended', async () => {
  for (const ask of ['getUser', 'getAccessToken', 'refresh'] as const) {
    const store = ownStore();
    const { client } = await signedIn(store);
    const later = createClient(stub.url, { refreshStorage: store });
    stub.refuseRefresh = { status: 401, code: 'UNAUTHORIZED' };
    expect(await later.auth[ask]()).toBeNull();
    stub.expireAccess();
    expect(await client.auth.getUser()).toBeNull();
    stub.refuseRefresh = { status: 503, code: 'UNAVAILABLE' };
    await client.auth.signIn(credentials);
    const unsure = createClient(stub.url, { refreshStorage: store });
    await expect(unsure.auth[ask]()).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    stub.refuseRefresh = null;
  }
});

test.each([
  [503, 'UNAVAILABLE'],
  [429, 'RATE_LIMITED'],
  [403, 'IP_NOT_ALLOWED'],
])('D4: a refresh that meets %i ends nothing: the session goes on when it has passed', async (status, code) => {
  const store = ownStore();
  const { client, changes } = await signedIn(store);
  stub.expireAccess();
  stub.refuseRefresh = { status, code };
  await expect(client.whoami()).rejects.toMatchObject({ code });
  expect(store.held).toBe('refresh-1');
  stub.refuseRefresh = null;
  expect(await client.whoami()).toMatchObject({ kind: 'user' });
  await heard();
  expect(changes).toHaveLength(1);
});

test('D4: signing out ends the session at the server, and nothing is sent as the user any more', async () => {
  const store = ownStore();
  const { client, changes } = await signedIn(store);
  await client.auth.signOut();
  expect(stub.seen.at(-1)).toMatchObject({ url: '/api/auth/logout', headers: { authorization: 'Bearer access-1' } });
  expect(store.held).toBeNull();
  expect(await client.whoami()).toMatchObject({ kind: 'anonymous' });
  await heard();
  expect(changes.at(-1)).toEqual({ user: null, reason: 'signed-out' });
  expect(changes).toHaveLength(2);
});

test('D4: signing out while tokens are renewed does not bring the session back', async () => {
  const store = ownStore();
  const { client, changes } = await signedIn(store);
  stub.expireAccess();
  let release = () => {};
  stub.holdRefresh = new Promise<void>((resolve) => {
    release = resolve;
  });
  const call = client.whoami();
  await vi.waitFor(() => expect(stub.count(REFRESH)).toBe(1), 10_000);
  const out = client.auth.signOut();
  release();
  await Promise.all([call, out]);
  expect(store.held).toBeNull();
  expect(await client.auth.getAccessToken()).toBeNull();
  expect(stub.seen.at(-1)).toMatchObject({ url: '/api/auth/logout', headers: { authorization: 'Bearer access-2' } });
  await heard();
  expect(changes.at(-1)).toEqual({ user: null, reason: 'signed-out' });
});

test('D4: signing out with an access token that is over renews it for that, so that the session does end', async () => {
  const { client } = await signedIn();
  stub.expireAccess();
  await client.auth.signOut();
  expect(stub.seen.slice(-3).map(({ url }) => url)).toEqual(['/api/auth/logout', REFRESH, '/api/auth/logout']);
  expect(await client.auth.getAccessToken()).toBeNull();
});

test('signing out without a server rejects, and the tokens are gone from here all the same', async () => {
  const store = ownStore();
  const { client, changes } = await signedIn(store);
  await stub[Symbol.asyncDispose]();
  await expect(client.auth.signOut()).rejects.toMatchObject({ code: 'NETWORK' });
  expect(store.held).toBeNull();
  expect(await client.auth.getAccessToken()).toBeNull();
  await heard();
  expect(changes.at(-1)).toEqual({ user: null, reason: 'signed-out' });
});

test('D4: a new client finds the session in a store of your own; another user who signed in there is announced', async () => {
  const store = ownStore();
  const { client: first, changes } = await signedIn(store);
  const second = createClient(stub.url, { refreshStorage: store });
  expect(await second.whoami()).toMatchObject({ id: 'usr_ada' });
  stub.user = { ...ADA, id: 'usr_eve' };
  await second.auth.signIn(credentials);
  await first.auth.refresh();
  await heard();
  expect(changes.map(({ user }) => user?.id)).toEqual(['usr_ada', 'usr_eve']);
});

test('a store that fails is heard of, and does not sign in halfway', async () => {
  const store = { ...ownStore(), set: () => Promise.reject(new Error('the disk is full')) };
  const client = createClient(stub.url, { refreshStorage: store });
  await expect(client.auth.signIn(credentials)).rejects.toThrow('the disk is full');
  expect(await client.auth.getAccessToken()).toBeNull();
});

test('D4: the signal of one call does not end the renewal that others wait for', async () => {
  const { client } = await signedIn();
  stub.expireAccess();
  let release = () => {};
  stub.holdRefresh = new Promise<void>((resolve) => {
    release = resolve;
  });
  const stop = new AbortController();
  const impatient = client.whoami({ signal: stop.signal });
  const patient = client.whoami();
  await vi.waitFor(() => expect(stub.count(REFRESH)).toBe(1), 10_000);
  stop.abort();
  await expect(impatient).rejects.toMatchObject({ code: 'ABORTED' });
  release();
  expect(await patient).toMatchObject({ kind: 'user' });
});

test('signing in and recovering a password never carry the session that is open', async () => {
  const { client } = await signedIn();
  await client.auth.signIn({ ...credentials, totp: '123456' });
  await client.auth.forgotPassword({ email: ADA.email });
  await client.auth.resetPassword({ token: 't'.repeat(20), password: 'another long password' });
  await client.auth.confirmEmail({ token: 't'.repeat(20) });
  const sent = stub.seen.slice(-4);
  expect(sent.map(({ headers }) => headers.authorization)).toEqual(Array(4).fill(undefined));
  expect(sent.map(({ url }) => url)).toEqual([
    '/api/auth/login',
    '/api/auth/password/forgot',
    '/api/auth/password/reset',
    '/api/auth/email/confirm',
  ]);
  expect(JSON.parse(sent[0]?.body ?? '')).toEqual({ ...credentials, totp: '123456' });
});

test('whoever stops listening hears nothing more, and a listener that throws stops no other', async () => {
  const client = createClient(stub.url);
  const thrown: unknown[] = [];
  const onThrown = (error: unknown) => thrown.push(error);
  // Vitest fails on what nobody caught, and here somebody should see it.
  const others = process.listeners('uncaughtException');
  process.removeAllListeners('uncaughtException').on('uncaughtException', onThrown);
  const heardBy: string[] = [];
  const stopFirst = client.auth.onChange(() => heardBy.push('first'));
  client.auth.onChange(() => {
    throw new Error('a listener');
  });
  client.auth.onChange(() => heardBy.push('third'));
  await client.auth.signIn(credentials);
  await heard();
  stopFirst();
  await client.auth.signOut();
  await heard();
  process.off('uncaughtException', onThrown);
  for (const other of others) process.on('uncaughtException', other);
  expect(heardBy).toEqual(['first', 'third', 'third']);
  expect(thrown).toHaveLength(2);
});
