import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { Explanation } from '../../src/contract/explain.js';
import { ROUTES, type RouteSpec } from '../../src/contract/routes.js';
import { HOUR } from '../support/clock.js';
import { ADMIN_KEY, type Answer, type RunningGatehouse, startGatehouse } from '../support/gatehouse.js';
import { ADMIN_EMAIL, createUser, setUp, signIn } from '../support/people.js';
import { expectProblem } from './problem.js';

const CLIENT_KEY = 'c1ient-c1ient-c1ient-c1ient-c1ient-c1ient';

const explain = async (running: RunningGatehouse, body: object, key?: string): Promise<Answer> =>
  key === undefined
    ? running.local('/api/explain', { body })
    : running.call('/api/explain', { key, body: JSON.stringify(body) });

/** The explanation in one line a step. */
async function told(running: RunningGatehouse, body: object, key?: string): Promise<Explanation> {
  const answer = await explain(running, body, key);
  expect(answer.status, answer.text).toBe(200);
  return Explanation.parse(answer.json);
}

const GET_KEYS = { method: 'GET', path: '/api/keys' };

describe('a request is explained', () => {
  test('G11: one that would be let in, with a line for each step', async () => {
    await using running = await startGatehouse({ TRUST_PROXY: '10.0.0.0/8', ENVIRONMENT: 'production' });
    const { key, token } = await running.createKey({
      scopes: ['keys:read'],
      allowedIps: ['203.0.113.0/24'],
      rateLimit: { requests: 5, windowSeconds: 60 },
    });
    const found = await told(running, {
      ...GET_KEYS,
      token,
      peer: '10.0.0.7',
      headers: { 'X-Forwarded-For': '198.51.100.1, 203.0.113.9, 10.0.0.8' },
    });
    expect(found).toMatchObject({ allow: true, status: 200, code: 'ALLOWED', firstFailure: null });
    expect(found.caller).toEqual({ kind: 'api_key', id: key.id, organizationId: 'org_default' });
    expect(found.steps.map(({ step, outcome, words }) => `${step} ${outcome}: ${words}`)).toEqual([
      'route pass: it is the route listKeys',
      'address pass: 203.0.113.9: the peer of the socket, 10.0.0.7, is in TRUST_PROXY; X-Forwarded-For, 1 from the right: 10.0.0.8, in TRUST_PROXY too; X-Forwarded-For, 2 from the right: 203.0.113.9',
      'allowlist pass: ALLOWED_IPS admits every address',
      'credential pass: x-api-key',
      `authenticate pass: ${key.id}, known by api-keys.json`,
      'bounds pass: its list of addresses holds 203.0.113.9; of production, which this instance admits; in org_default',
      'mode pass: api_key fits jwt, api_key, service_role',
      "rate pass: 5 of 5 left, anew in 60 s: the key's own limit",
      'scopes pass: keys:read',
    ]);
    expect(found.policy).toMatchObject({ id: 'listKeys', scopes: ['keys:read'], operatorOnly: false, counted: true });
  });

  test('G11: by the id of a key, without the key, as if its newest secret were shown', async () => {
    await using running = await startGatehouse();
    const { key } = await running.createKey({ scopes: ['ask:run'] });
    const found = await told(running, { ...GET_KEYS, keyId: key.id });
    expect(found).toMatchObject({
      allow: false,
      status: 403,
      code: 'FORBIDDEN',
      firstFailure: { step: 'scopes', words: 'This credential lacks the scope keys:read.' },
    });
    expect(found.firstFailure?.remedy).toBe(
      `Give it to the key: \`gatehouse keys update ${key.id} --scopes ask:run,keys:read\`.`,
    );
    await running.local(`/api/keys/${key.id}/rotate`, { body: { graceSeconds: 0 } });
    expect((await told(running, { method: 'GET', path: '/api/auth/whoami', keyId: key.id })).allow).toBe(true);
  });

  const refusals: [string, object, string, RegExp][] = [
    ['no credential', { ...GET_KEYS, token: null }, 'authenticate 401 UNAUTHORIZED', /gatehouse keys create/],
    ['an empty key', { ...GET_KEYS, token: '' }, 'authenticate 401 UNAUTHORIZED', /variable/],
    ['a key with a blank', { ...GET_KEYS, token: 'two words' }, 'authenticate 401 UNAUTHORIZED', /Copy the key again/],
    ['an unknown key', { ...GET_KEYS, token: 'nobody' }, 'authenticate 401 UNAUTHORIZED', /keys list/],
    [
      'two keys',
      { ...GET_KEYS, headers: { 'x-api-key': 'one', authorization: 'Bearer two' } },
      'credential 400 AMBIGUOUS_CREDENTIALS',
      /one header/,
    ],
    [
      'a header sent twice',
      { ...GET_KEYS, headers: { 'X-Api-Key': ['one', 'one'] } },
      'credential 400 AMBIGUOUS_CREDENTIALS',
      /one header/,
    ],
    [
      'another scheme',
      { ...GET_KEYS, headers: { authorization: 'Basic dXNlcjpwYXNz' } },
      'authenticate 401 UNAUTHORIZED',
      /x-api-key/,
    ],
    [
      'an address that is kept out',
      { ...GET_KEYS, token: null, ip: '192.0.2.1' },
      'allowlist 403 IP_NOT_ALLOWED',
      /ALLOWED_IPS/,
    ],
    [
      'a proxy that sends nonsense',
      { ...GET_KEYS, token: null, peer: '10.0.0.1', headers: { 'x-forwarded-for': 'unknown' } },
      'address 400 BAD_REQUEST',
      /X-Forwarded-For/,
    ],
    [
      'a path that is not there',
      { method: 'GET', path: '/api/nothing', token: ADMIN_KEY },
      'route 404 NOT_FOUND',
      /api\.md/,
    ],
    ['a path outside', { method: 'GET', path: '/favicon.ico', token: null }, 'route 404 NOT_FOUND', /api\.md/],
    [
      'another method',
      { method: 'PUT', path: '/api/keys', token: ADMIN_KEY },
      'route 405 METHOD_NOT_ALLOWED',
      /api\.md/,
    ],
    ['a broken escape', { method: 'GET', path: '/api/%zz', token: ADMIN_KEY }, 'route 400 BAD_REQUEST', /api\.md/],
    [
      'a path that is not there, without a key',
      { method: 'GET', path: '/api/nothing', token: null },
      'authenticate 401 UNAUTHORIZED',
      /x-api-key/,
    ],
    [
      'an operator’s route',
      { method: 'GET', path: '/api/env-keys', token: CLIENT_KEY },
      'mode 403 FORBIDDEN',
      /ADMIN_API_KEY/,
    ],
    [
      'a foreign organization',
      { method: 'GET', path: '/api/keys?organizationId=org_x', token: CLIENT_KEY },
      'bounds 403 FORBIDDEN',
      /organization/,
    ],
    [
      'an unknown workspace',
      { method: 'GET', path: '/api/workspaces/nothing', token: CLIENT_KEY },
      'bounds 404 NOT_FOUND',
      /workspace/,
    ],
  ];

  test.each(refusals)('G11: %s, with the first failure and its remedy', async (_what, body, outcome, remedy) => {
    await using running = await startGatehouse({
      ADMIN_API_KEY: ADMIN_KEY,
      VALID_API_KEYS: CLIENT_KEY,
      ALLOWED_IPS: '127.0.0.1, 203.0.113.0/24',
      TRUST_PROXY: '10.0.0.0/8',
    });
    const { allow, status, code, firstFailure, steps } = await told(running, body);
    expect(allow).toBe(false);
    expect(`${firstFailure?.step} ${status} ${code}`).toBe(outcome);
    expect(firstFailure?.remedy).toMatch(remedy);
    expect(steps.at(-1)).toMatchObject({ step: firstFailure?.step, outcome: 'fail' });
    expect(steps.slice(0, -1).filter(({ outcome }) => outcome === 'fail')).toEqual([]);
  });

  test('G11: ended keys, spent limits, address lists, environments', async () => {
    await using running = await startGatehouse({ ENVIRONMENT: 'production' });
    const path = { method: 'GET', path: '/api/auth/whoami' };
    const { key, token } = await running.createKey({ rateLimit: { requests: 1, windowSeconds: 60 } });
    expect((await running.call('/api/auth/whoami', { key: token })).status).toBe(200);
    const spent = await told(running, { ...path, token });
    expect(spent).toMatchObject({ status: 429, firstFailure: { step: 'rate' } });
    expect(spent.firstFailure?.remedy).toBe(
      `Wait 60 s, or give the key a limit of its own: \`gatehouse keys update ${key.id} --rate LIMIT\`.`,
    );
    const listed = await running.createKey({ allowedIps: ['192.0.2.1'] });
    const elsewhere = await told(running, { ...path, keyId: listed.key.id, ip: '192.0.2.2' });
    expect(elsewhere).toMatchObject({ status: 403, firstFailure: { step: 'bounds' } });
    expect(elsewhere.firstFailure?.remedy).toContain(`keys update ${listed.key.id} --ip LIST`);
    const unnamed = await told(running, { ...path, keyId: listed.key.id });
    expect(unnamed.allow).toBe(true);
    expect(unnamed.steps.filter(({ outcome }) => outcome === 'skip').map(({ step }) => step)).toEqual([
      'address',
      'allowlist',
    ]);
    expect(unnamed.steps.find(({ step }) => step === 'bounds')?.words).toContain('not judged');
    const other = await running.createKey({ environment: 'staging' });
    expect(await told(running, { ...path, keyId: other.key.id })).toMatchObject({
      status: 403,
      firstFailure: { step: 'bounds', words: expect.stringContaining('staging') },
    });
    await running.local(`/api/keys/${key.id}/revoke`, { method: 'POST' });
    const revoked = await told(running, { ...path, token });
    expect(revoked).toMatchObject({ status: 401, caller: { id: key.id }, firstFailure: { step: 'authenticate' } });
    expect(revoked.firstFailure?.remedy).toContain('does not come back');
  });

  test('G11: a JWT of ours, also one that no request was made with yet', async () => {
    await using running = await startGatehouse();
    const { key, token } = await running.createKey({ scopes: ['ask:run'] });
    const { access_token } = (await running.call('/api/auth/token', { method: 'POST', key: token })).json;
    const found = await told(running, {
      method: 'GET',
      path: '/api/auth/whoami',
      token: access_token,
      ip: '192.0.2.1',
    });
    expect(found).toMatchObject({ allow: true, caller: { id: key.id } });
    expect(found.steps.find(({ step }) => step === 'authenticate')?.words).toMatch(/a JWT of ours, good until 20/);
  });

  test('G11: an environment key to operators, by its fingerprint', async () => {
    await using running = await startGatehouse({ ADMIN_API_KEY: ADMIN_KEY, VALID_API_KEYS: CLIENT_KEY });
    const [admin, client] = (await running.local('/api/env-keys')).json.data;
    for (const [token, { fingerprint, variable }] of [
      [ADMIN_KEY, admin],
      [CLIENT_KEY, client],
    ]) {
      const { steps } = await told(running, { method: 'GET', path: '/api/auth/whoami', token });
      expect(steps.find(({ step }) => step === 'authenticate')?.words).toBe(`env:${fingerprint}, known by ${variable}`);
    }
  });

  test('G11: every route of the table is found as the door finds it, under BASE_PATH too', async () => {
    await using running = await startGatehouse({ BASE_PATH: '/gate' }, {});
    for (const [id, route] of Object.entries<RouteSpec>(ROUTES)) {
      const path = route.path.replace(':workspaceId', 'example').replace(/:\w+/g, 'x');
      for (const prefix of ['', '/gate']) {
        const body = { method: route.method, path: `${prefix}${path}` };
        const { json } = await running.local('/gate/api/explain', { body });
        expect(json, id).toMatchObject({ policy: { id } });
      }
    }
  });
});

test('G11, G6: a request to an app behind Gatehouse is judged by routes.json', async () => {
  await using running = await startGatehouse();
  const routes = [
    { methods: ['POST'], path: '/billing/portal', authModes: ['api_key'], scopes: ['billing:write'] },
    { path: '/public/*', authModes: ['public'], scopes: [], rateLimit: { requests: 9, windowSeconds: 60 } },
    { path: '/bearer', host: 'app.example.com', authModes: ['api_key'], scopes: [], slots: ['bearer'] },
  ];
  await writeFile(join(running.folder, '.gatehouse', 'routes.json'), JSON.stringify({ routes }));
  await expect.poll(() => running.gatehouse.settings.routes.value?.routes.length, { timeout: 5000 }).toBe(3);
  const { key, token } = await running.createKey({ scopes: ['billing:read'] });
  const door = 'upstream';
  const portal = { door, method: 'POST', path: '/billing/portal?x=1', keyId: key.id };
  expect(await told(running, portal)).toMatchObject({
    status: 403,
    firstFailure: { step: 'scopes', remedy: expect.stringContaining('--scopes billing:read,billing:write') },
    policy: { id: 'upstream POST /billing/portal', scopes: ['billing:write'] },
  });
  const open = await told(running, { door, method: 'GET', path: '/public/x/y', token: null, ip: '192.0.2.1' });
  expect(open).toMatchObject({ allow: true, caller: { kind: 'anonymous' } });
  expect(open.steps.find(({ step }) => step === 'rate')?.words).toBe("9 of 9 left, anew in 60 s: the route's limit");
  const bearer = { door, method: 'GET', path: '/bearer', token, headers: { Host: 'app.example.com' } };
  const found = await told(running, bearer);
  expect(found.steps.find(({ step }) => step === 'credential')?.words).toBe('Authorization: Bearer');
  for (const path of ['/bearer', '/nowhere', '/billing%2fportal', '/BILLING/portal']) {
    const closed = await told(running, { door, method: 'POST', path, keyId: key.id });
    expect(closed, path).toMatchObject({ allow: false, firstFailure: { step: 'mode' } });
    expect(closed.firstFailure?.remedy).toContain('routes test');
  }
});

describe('who may ask', () => {
  test('G11: a key without keys:read may ask about itself, and about nobody else, whether there or not', async () => {
    await using running = await startGatehouse();
    const { key, token } = await running.createKey({ scopes: ['ask:run'] });
    const other = await running.createKey({});
    const ask = { method: 'POST', path: '/api/ask' };
    expect(await told(running, ask, token)).toMatchObject({ allow: true, caller: { id: key.id } });
    expect(await told(running, { ...ask, keyId: key.id }, token)).toMatchObject({ allow: true });
    expect(await told(running, { ...ask, token }, token)).toMatchObject({ allow: true });
    expect(await told(running, { method: 'GET', path: '/healthz' }, token)).toMatchObject({ allow: true });
    expect(await told(running, GET_KEYS, token)).toMatchObject({ status: 403, firstFailure: { step: 'scopes' } });
    const others = [
      { ...ask, token: other.token },
      { ...ask, token: 'nobody' },
      { ...ask, token: null },
      { ...ask, keyId: other.key.id },
      { ...ask, keyId: 'key_0000000000000000000000' },
      { ...ask, headers: { 'x-api-key': other.token } },
      { ...ask, headers: { authorization: 'Bearer nobody' } },
      { ...ask, headers: { cookie: 'gatehouse_session=x' } },
    ];
    const answers = await Promise.all(others.map((body) => explain(running, body, token)));
    for (const answer of answers) expectProblem(answer, 'FORBIDDEN', /keys:read/);
    expect(new Set(answers.map(({ json }) => json.detail)).size).toBe(1);
  });

  test('G11: a foreign key reads exactly like one that does not exist', async () => {
    await using running = await startGatehouse();
    const asker = await running.createKey({ scopes: ['keys:read'], workspaceIds: ['example'] });
    const foreign = await running.createKey({ scopes: ['*'] });
    const revoked = await running.createKey({ scopes: ['*'] });
    await running.local(`/api/keys/${revoked.key.id}/revoke`, { method: 'POST' });
    const service = (await running.local('/api/service-keys', { body: { name: 's', workspaceIds: ['example'] } })).json;
    await using elsewhere = await startGatehouse();
    const nobody = (await elsewhere.createKey({})).token;
    const shape = (token: string) => told(running, { ...GET_KEYS, token, ip: '192.0.2.1' }, asker.token);
    const unknown = await shape(nobody);
    expect(unknown).toMatchObject({ status: 401, caller: null });
    for (const token of [foreign.token, revoked.token, service.token]) expect(await shape(token)).toEqual(unknown);
    const byId = await Promise.all(
      [foreign.key.id, revoked.key.id, service.key.id, 'key_0000000000000000000000'].map((keyId) =>
        explain(running, { ...GET_KEYS, keyId }, asker.token),
      ),
    );
    for (const answer of byId) expectProblem(answer, 'NOT_FOUND');
    expect(new Set(byId.map(({ json }) => json.detail)).size).toBe(1);
  });

  test('G11, K9: environment keys read as unknown to everybody but operators', async () => {
    await using running = await startGatehouse({ ADMIN_API_KEY: ADMIN_KEY, VALID_API_KEYS: CLIENT_KEY });
    const { token } = await running.createKey({ scopes: ['*'] });
    for (const shown of [ADMIN_KEY, CLIENT_KEY]) {
      const found = await told(running, { ...GET_KEYS, token: shown }, token);
      expect(found).toMatchObject({ status: 401, caller: null });
      expect(JSON.stringify(found)).not.toContain('env:');
    }
    expect(await told(running, { ...GET_KEYS, token: CLIENT_KEY }, ADMIN_KEY)).toMatchObject({
      caller: { kind: 'env_client' },
    });
  });

  test('G11, G2, G3: only operators are told of the lists of addresses and of proxies', async () => {
    await using running = await startGatehouse({ ALLOWED_IPS: '127.0.0.1', TRUST_PROXY: '10.0.0.1' });
    const { token } = await running.createKey({ scopes: ['*'] });
    const out = await told(running, { ...GET_KEYS, ip: '192.0.2.1' }, token);
    expect(out).toMatchObject({
      allow: true,
      steps: expect.arrayContaining([
        { step: 'allowlist', outcome: 'skip', words: expect.stringContaining('only operators') },
      ]),
    });
    expectProblem(await explain(running, { ...GET_KEYS, peer: '10.0.0.1' }, token), 'FORBIDDEN');
    for (const name of ['X-Forwarded-For', 'x-real-ip']) {
      const headers = { [name]: '192.0.2.1' };
      expectProblem(await explain(running, { ...GET_KEYS, headers }, token), 'FORBIDDEN');
    }
  });

  test('G11, G2: people who are operators are told of the lists while they act in an organization, and no others', async () => {
    await using running = await startGatehouse({ ALLOWED_IPS: '127.0.0.1,192.0.2.0/24', TRUST_PROXY: '192.0.2.9' });
    await setUp(running);
    await createUser(running, 'owner@example.com', { role: 'owner' });
    const question = { ...GET_KEYS, ip: '198.51.100.1', organizationId: 'org_default' };
    const asked = async (email: string, body: object) => {
      const { headers } = await signIn(running, email);
      return running.call('/api/explain', { headers, body });
    };
    const operator = await asked(ADMIN_EMAIL, question);
    expect(operator.json).toMatchObject({ allow: false, code: 'IP_NOT_ALLOWED', firstFailure: { step: 'allowlist' } });
    const behindProxy = { ...GET_KEYS, peer: '192.0.2.9', headers: { 'X-Forwarded-For': '198.51.100.1' } };
    expect((await asked(ADMIN_EMAIL, behindProxy)).json.code).toBe('IP_NOT_ALLOWED');
    const owner = await asked('owner@example.com', question);
    expect(owner.json.allow).toBe(true);
    expect(owner.text).toContain('only operators are told');
    expectProblem(await asked('owner@example.com', behindProxy), 'FORBIDDEN');
  });
});

describe('explaining leaves no trace', () => {
  test('G11: nothing of the explained key is counted, throttled or noted as used', async () => {
    await using running = await startGatehouse({ API_RATE_LIMIT: '50' });
    const asker = await running.createKey({ scopes: ['keys:read'], rateLimit: { requests: 500, windowSeconds: 60 } });
    const { key, token } = await running.createKey({ rateLimit: { requests: 3, windowSeconds: 60 } });
    for (let round = 0; round < 70; round += 1) {
      await told(running, { ...GET_KEYS, token }, asker.token);
      await told(running, { ...GET_KEYS, token: 'wrong', ip: '127.0.0.1' }, asker.token);
    }
    expect((await running.local(`/api/keys/${key.id}`)).json.key.lastUsedAt).toBeNull();
    const used = await running.call('/api/auth/whoami', { key: token });
    expect(used.headers.get('ratelimit')).toBe('"minute";r=2;t=60');
    // The address is not throttled for wrong keys that were only asked about.
    expect((await running.call('/api/auth/whoami', { key: 'wrong' })).status).toBe(401);
  });

  test('K1, G11: no token that was asked about is in an answer, the log, the audit or a file', async () => {
    await using running = await startGatehouse({ ADMIN_API_KEY: ADMIN_KEY });
    const { token } = await running.createKey({ scopes: ['ask:run'] });
    const secrets = [token, 'marker-secret-0123456789abcdef'];
    const texts: string[] = [];
    for (const secret of secrets) {
      for (const body of [
        { ...GET_KEYS, token: secret },
        { ...GET_KEYS, headers: { authorization: `Bearer ${secret}`, 'x-api-key': `${secret}2` } },
        { ...GET_KEYS, headers: { authorization: `Basic ${secret}`, cookie: `gatehouse_session=${secret}` } },
        { ...GET_KEYS, peer: '10.0.0.1', headers: { 'x-forwarded-for': secret, 'x-real-ip': secret } },
        { ...GET_KEYS, headers: { [`bad name ${secret}`]: secret } },
        { ...GET_KEYS, headers: { 'x-api-key': `${secret}\n` } },
        { ...GET_KEYS, token: { secret } },
        { ...GET_KEYS, token: secret, keyId: secret },
        { ...GET_KEYS, ip: secret },
      ]) {
        texts.push((await explain(running, body)).text, (await explain(running, body, ADMIN_KEY)).text);
      }
    }
    await running.gatehouse.usage.flush();
    const audit = (await running.local('/api/audit?limit=200')).text;
    const file = await readFile(join(running.folder, '.gatehouse', 'usage.json'), 'utf8').catch(() => '');
    for (const secret of secrets) {
      for (const text of [...texts, running.logs(), audit, file]) expect(text).not.toContain(secret);
    }
  });

  test('R3: bad questions are refused and name the field', async () => {
    await using running = await startGatehouse();
    const bad: [object, RegExp][] = [
      [{}, /method.*path/],
      [{ method: 'get', path: '/' }, /method/],
      [{ method: 'GET', path: 'api/keys' }, /path/],
      [{ method: 'GET', path: '/a b' }, /path/],
      [{ method: 'GET', path: `/${'a'.repeat(9000)}` }, /path/],
      [{ ...GET_KEYS, token: 7 }, /token/],
      [{ ...GET_KEYS, token: 'x'.repeat(9000) }, /token/],
      [{ ...GET_KEYS, keyId: 'key_short' }, /keyId/],
      [{ ...GET_KEYS, token: 'a', keyId: 'key_0000000000000000000000' }, /one of token and keyId/],
      [{ ...GET_KEYS, ip: 'localhost' }, /ip: is not/],
      [{ ...GET_KEYS, peer: '1.2.3.4:80' }, /peer: is not/],
      [{ ...GET_KEYS, ip: '192.0.2.1', peer: '192.0.2.1' }, /one of ip and peer/],
      [{ ...GET_KEYS, headers: [] }, /headers/],
      [{ ...GET_KEYS, headers: { a: 1 } }, /headers/],
      [{ ...GET_KEYS, headers: Object.fromEntries(Array.from({ length: 101 }, (_, n) => [`h${n}`, ''])) }, /headers/],
      [{ ...GET_KEYS, door: 'window' }, /door/],
      [{ ...GET_KEYS, extra: 1 }, /extra/],
    ];
    for (const [body, detail] of bad) expectProblem(await explain(running, body), 'BAD_REQUEST', detail);
  });

  test('G11: what is foretold is what happens', async () => {
    await using running = await startGatehouse({ ADMIN_API_KEY: ADMIN_KEY, VALID_API_KEYS: CLIENT_KEY });
    const { token } = await running.createKey({ scopes: ['projects:read'], workspaceIds: ['example'] });
    const paths = [
      '/api/keys',
      '/api/workspaces',
      '/api/workspaces/example',
      '/api/workspaces/none',
      '/api/audit',
      '/api/none',
      '/none',
      '/',
      '/healthz',
      '/api/keys?organizationId=org_no',
      '/.well-known/jwks.json',
      '/api/%zz',
      '/api',
      '/API/keys',
      '/api/keys/',
      '/api/%6beys',
    ];
    const asked = [
      ...paths.map((path) => ['GET', path]),
      ['HEAD', '/api/keys'],
      ['DELETE', '/api/keys'],
      ['PATCH', '/healthz'],
      ['DELETE', '/'],
      ['DELETE', '/none'],
    ];
    for (const [method = '', path = ''] of asked) {
      for (const key of [undefined, token, 'wrong', ADMIN_KEY, CLIENT_KEY]) {
        const foretold = await told(running, { method, path, token: key ?? null });
        const { status } = await running.call(path, { method, ...(key === undefined ? {} : { key }) });
        expect(`${method} ${path} ${foretold.status}`, key).toBe(`${method} ${path} ${status}`);
      }
      running.clock.advance(HOUR);
    }
  });
});
