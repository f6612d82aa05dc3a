import { expect, onTestFinished, test } from 'vitest';
import { Explain } from '../../src/contract/explain.js';
import { REQUESTS_KEPT_PER_KEY, type RecentRequest, type RequestList } from '../../src/contract/requests.js';
import { ADMIN_KEY, type RunningGatehouse, startGatehouse } from '../support/gatehouse.js';
import { createUser, signIn } from '../support/people.js';
import { expectProblem } from './problem.js';

async function open(settings: Record<string, string> = {}): Promise<RunningGatehouse> {
  const gate = await startGatehouse({ API_RATE_LIMIT: 'off', ...settings });
  onTestFinished(() => gate[Symbol.asyncDispose]());
  return gate;
}

const listed = async (gate: RunningGatehouse, query = ''): Promise<RecentRequest[]> =>
  (await gate.local(`/api/requests${query}`)).json.data;

test('the newest request is first, with what became of it and who sent it from where', async () => {
  const gate = await open();
  const { key, token } = await gate.createKey({ name: 'ci', scopes: [] });
  await gate.call('/api/auth/whoami', { key: token });
  gate.clock.advance(1000);
  const refused = await gate.call('/api/keys?search=hidden', { key: token });
  const [newest, before] = await listed(gate);
  expect(newest).toEqual({
    at: new Date(gate.clock.nowMs()).toISOString(),
    requestId: refused.headers.get('x-request-id'),
    method: 'GET',
    route: 'listKeys',
    path: '/api/keys',
    outcome: 'FORBIDDEN',
    status: 403,
    organizationId: 'org_default',
    principal: { kind: 'api_key', id: key.id },
    keyId: key.id,
    keyName: 'ci',
    secret: { last4: token.slice(-4), newest: true },
    address: '127.0.0.1',
    durationMs: expect.any(Number),
    explain: { method: 'GET', path: '/api/keys', door: 'api', ip: '127.0.0.1', keyId: key.id },
  });
  expect(before).toMatchObject({ route: 'whoami', outcome: 'ALLOWED', status: 200 });
  const { text } = await gate.local('/api/requests');
  expect(text).not.toContain(token);
  expect(text).not.toContain('hidden');
});

test('what it holds asks Explain for the same refusal', async () => {
  const gate = await open({ TRUST_PROXY: 'loopback' });
  const { token } = await gate.createKey({ scopes: ['projects:read'], allowedIps: ['10.0.0.0/8'] });
  const route = { path: '/orders/:id', host: 'app.example.com', authModes: ['api_key'], scopes: ['billing:write'] };
  expect((await gate.local('/api/settings/routes', { method: 'PUT', body: { routes: [route] } })).status).toBe(200);
  const facts = {
    'x-forwarded-method': 'GET',
    'x-forwarded-uri': '/orders/7',
    'x-forwarded-host': 'app.example.com',
    'x-forwarded-proto': 'https',
  };
  await gate.call('/api/keys', { key: token, headers: { 'x-forwarded-for': '10.0.0.5' } });
  await gate.call('/api/keys', { key: token, headers: { 'x-forwarded-for': '192.0.2.7' } });
  await gate.call('/api/keys', { headers: { 'x-forwarded-for': '192.0.2.7' } });
  await gate.call('/api/verify', { key: token, headers: { ...facts, 'x-forwarded-for': '10.0.0.5' } });
  const refused = await listed(gate, '?outcome=REFUSED');
  expect(refused.map(({ route }) => route)).toEqual([
    'upstream ANY app.example.com/orders/:id',
    'listKeys',
    'listKeys',
    'listKeys',
  ]);
  for (const { explain, outcome, status } of refused) {
    const answer = await gate.local('/api/explain', { body: Explain.parse(explain) });
    expect(answer.json, JSON.stringify(explain)).toMatchObject({ code: outcome, status, allow: false });
  }
});

test.each([
  ['the first routes.json, which has a default alone', null, 'upstream default'],
  ['a routes.json without a default', { routes: [] }, 'upstream no route'],
])('what no route names asks Explain too: %s', async (_, routes, route) => {
  const gate = await open({ TRUST_PROXY: 'loopback' });
  if (routes !== null)
    expect((await gate.local('/api/settings/routes', { method: 'PUT', body: routes })).status).toBe(200);
  const facts = {
    'x-forwarded-method': 'GET',
    'x-forwarded-uri': '/somewhere?q=private',
    'x-forwarded-host': 'a.example',
  };
  const { token } = await gate.createKey({ allowedIps: ['10.0.0.0/8'] });
  await gate.call('/api/verify', { key: token, headers: { ...facts, 'x-forwarded-for': '192.0.2.7' } });
  await gate.call('/api/verify', { headers: { ...facts, 'x-forwarded-for': '192.0.2.7' } });
  const refused = await listed(gate, '?outcome=REFUSED');
  expect(refused.map((one) => one.route)).toEqual([route, route]);
  for (const { explain, outcome, status } of refused) {
    expect(JSON.stringify(explain)).not.toContain('private');
    const answer = await gate.local('/api/explain', { body: Explain.parse(explain) });
    expect(answer.json, JSON.stringify(explain)).toMatchObject({ code: outcome, status, allow: false });
  }
});

test('it can be asked for one key, one outcome, and page by page', async () => {
  const gate = await open();
  const quiet = await gate.createKey({ name: 'quiet', scopes: [] });
  const busy = await gate.createKey({ name: 'busy', scopes: [] });
  await gate.call('/api/auth/whoami', { key: quiet.token });
  for (let n = 0; n < REQUESTS_KEPT_PER_KEY + 10; n += 1) await gate.call('/api/auth/whoami', { key: busy.token });
  await gate.call('/api/keys', { key: busy.token });
  await gate.call('/api/auth/whoami', { key: 'gate_sdk_test_wrong' });

  expect((await listed(gate, `?keyId=${quiet.key.id}`)).map(({ keyName }) => keyName)).toEqual(['quiet']);
  expect((await listed(gate, '?outcome=FORBIDDEN')).map(({ route }) => route)).toEqual(['listKeys']);
  const [unknown] = await listed(gate, '?outcome=UNAUTHORIZED');
  expect(unknown).toMatchObject({ principal: { kind: 'unknown', id: null }, keyId: null, organizationId: null });
  const seen: string[] = [];
  let cursor: string | null = '';
  while (cursor !== null) {
    const page: RequestList = (
      await gate.local(`/api/requests?keyId=${busy.key.id}&limit=7${cursor && `&cursor=${cursor}`}`)
    ).json;
    seen.push(...page.data.map(({ requestId }: RecentRequest) => requestId));
    cursor = page.nextCursor;
  }
  expect(new Set(seen).size).toBe(REQUESTS_KEPT_PER_KEY + 11);
  expect(seen).toHaveLength(REQUESTS_KEPT_PER_KEY + 11);
  expectProblem(await gate.local('/api/requests?cursor=nonsense'), 'BAD_REQUEST');
});

test('an organization sees its own; what nobody known sent is for operators', async () => {
  const gate = await open({ ADMIN_API_KEY: ADMIN_KEY, VALID_API_KEYS: 'c1ient-c1ient-c1ient-c1ient-c1ient-c1ient' });
  const { json } = await gate.local('/api/organizations', { body: { name: 'elsewhere' } });
  const elsewhere: string = json.organization.id;
  const own = await gate.createKey({ name: 'own', scopes: ['keys:read'] });
  const foreign = await gate.createKey({ name: 'foreign', scopes: ['keys:read'], organizationId: elsewhere });
  const service = await gate.local('/api/service-keys', { body: { name: 'service', scopes: ['keys:read'] } });
  for (const key of [
    own.token,
    foreign.token,
    service.json.token,
    'wrong',
    ADMIN_KEY,
    'c1ient-'.repeat(6).slice(0, -1),
  ])
    await gate.call('/api/auth/whoami', { key });
  const names = async (key: string, query = '') =>
    (await gate.call(`/api/requests${query}`, { key })).json.data.map(
      ({ keyName, principal }: RecentRequest) => keyName ?? principal.kind,
    );
  // A key does not see what service keys of its organization do, since it cannot list them.
  expect(new Set(await names(own.token))).toEqual(new Set(['own']));
  expect(new Set(await names(service.json.token))).toEqual(new Set(['own', 'service']));
  expect(new Set(await names(foreign.token))).toEqual(new Set(['foreign']));
  const everything = new Set(await names(ADMIN_KEY));
  for (const name of ['own', 'foreign', 'service', 'unknown', 'env_admin', 'env_client'])
    expect(everything).toContain(name);
  expect(new Set(await names(ADMIN_KEY, `?organizationId=${elsewhere}`))).toEqual(new Set(['foreign']));
  expectProblem(await gate.call(`/api/requests?organizationId=${elsewhere}`, { key: own.token }), 'FORBIDDEN');
  const hidden = await gate.call(`/api/requests?keyId=${foreign.key.id}`, { key: own.token });
  const missing = await gate.call('/api/requests?keyId=key_0000000000000000000000', { key: own.token });
  for (const answer of [hidden, missing]) expectProblem(answer, 'NOT_FOUND');
  expect(hidden.json.detail).toBe(missing.json.detail);
});

test('pages that people look at do not fill the list, but what they are refused is in it', async () => {
  const gate = await open();
  await createUser(gate, 'viewer@example.com', { role: 'viewer' });
  const viewer = await signIn(gate, 'viewer@example.com');
  for (let n = 0; n < 3; n += 1) await gate.call('/api/workspaces', { headers: viewer.headers });
  await gate.call('/api/keys', { headers: viewer.headers });
  const seen = (await listed(gate)).filter(({ principal }) => principal.kind === 'user');
  expect(seen.map(({ route, outcome }) => [route, outcome])).toEqual([['listKeys', 'FORBIDDEN']]);
  expect(seen[0]?.explain).toBeNull();
});
