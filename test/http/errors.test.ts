import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Answer, type RunningGatehouse, startGatehouse } from '../support/gatehouse.js';
import { expectProblem, expectProblemShape } from './problem.js';

let gate: RunningGatehouse;
let key: string;

beforeAll(async () => {
  gate = await startGatehouse({ API_RATE_LIMIT: 'off' });
  key = (await gate.createKey({ scopes: ['*'] })).token;
});
afterAll(() => gate[Symbol.asyncDispose]());

const call = (path: string, method = 'GET'): Promise<Answer> => gate.call(path, { key, method });

describe('paths that nobody knows', () => {
  test.each(['/api', '/api/', '/api/nothing', '/api/keys/', '/API/keys', '/api/ask/more', '/run/x', '/mcp'])(
    'R3: %s asks a stranger for a key, so that routes cannot be read from outside, and then says 404',
    async (path) => {
      // The router is case-sensitive: what is not under `/api` exactly is outside of it and open.
      if (path.startsWith('/api') || path.startsWith('/run') || path.startsWith('/mcp'))
        expectProblem(await gate.call(path), 'UNAUTHORIZED');
      expectProblem(await call(path), 'NOT_FOUND', 'There is nothing at this path.');
    },
  );

  test.each([
    '/.well-known/oauth-authorization-server',
    '/.well-known/oauth-protected-resource/mcp',
    '/favicon.ico',
    '/robots.txt',
    '/healthz/',
    '/Healthz',
    '/index.html',
    '/.env',
    '/.git/config',
    '/workspaces/api-keys.json',
    '/..%2f..%2fetc/passwd',
    '/%2e%2e/%2e%2e/etc/passwd',
    '//evil.example/x',
    '/%00',
  ])('R3: %s outside of every prefix is a 404 in JSON, with and without a key', async (path) => {
    expectProblem(await gate.call(path), 'NOT_FOUND');
    expectProblem(await call(path), 'NOT_FOUND');
  });

  test.each(['/api/%zz', '/api/keys/%zz', '/api/keys/%', '/api/workspaces/%c3%28', '/api/workspaces/%e0%a4%a'])(
    'R3: %s with a broken %% is a 400 that says so, or no path at all',
    async (path) => {
      const answer = await call(path);
      expectProblemShape(answer);
      expect([400, 404]).toContain(answer.status);
      expectProblemShape(await gate.call(path));
    },
  );

  test.each([
    '/api/workspaces/..',
    '/api/workspaces/%2e%2e',
    '/api/workspaces/..%2f',
    '/api/workspaces/..%2f..%2fetc',
    '/api/workspaces/.gatehouse',
    '/api/workspaces/%2e%2e%2f.gatehouse',
    '/api/workspaces/example%2f..%2f..',
    '/api/workspaces/example%00',
    '/api/workspaces/__proto__',
    '/api/workspaces/constructor',
    '/api/workspaces/EXAMPLE',
    `/api/workspaces/${'a'.repeat(5000)}`,
    '/api/keys/..%2f..%2fapi-keys.json',
    '/api/keys/__proto__',
    '/api/keys/key_0000000000000000000000',
    '/api/keys/%F0%9F%92%A9',
  ])('R3: %s finds nothing', async (path) => {
    expectProblem(await call(path), 'NOT_FOUND');
  });
});

describe('methods', () => {
  test.each([
    ['PUT', '/api/keys', 'GET, POST'],
    ['DELETE', '/api/keys', 'GET, POST'],
    ['PUT', '/api/keys/key_0000000000000000000000', 'GET, PATCH, DELETE'],
    ['GET', '/api/ask', 'POST'],
    ['OPTIONS', '/api/ask', 'POST'],
    ['POST', '/healthz', 'GET'],
    ['DELETE', '/api/audit', 'GET'],
  ])('R3: %s %s is a 405 that names what the path answers', async (method, path, allow) => {
    const answer = await call(path, method);
    expectProblem(answer, 'METHOD_NOT_ALLOWED', `This path answers ${allow}.`);
    expect(answer.headers.get('allow')).toBe(allow);
  });

  test('R3: a stranger is not told which methods a path answers', async () => {
    const answer = await gate.call('/api/keys', { method: 'PUT' });
    expectProblem(answer, 'UNAUTHORIZED');
    expect(answer.headers.get('allow')).toBeNull();
  });

  test('R3: HEAD answers like GET, without a body', async () => {
    const good = await call('/api/keys', 'HEAD');
    expect({ status: good.status, text: good.text }).toEqual({ status: 200, text: '' });
    const bad = await gate.call('/api/keys', { method: 'HEAD' });
    expect({ status: bad.status, text: bad.text }).toEqual({ status: 401, text: '' });
    expect(bad.headers.get('content-type')).toBe('application/problem+json');
  });
});

describe('queries', () => {
  test.each([
    ['limit=0', /limit/],
    ['limit=-1', /limit/],
    ['limit=abc', /limit/],
    ['limit=1.5', /limit/],
    ['limit=201', /limit/],
    ['limit=1e9', /limit/],
    ['limit=Infinity', /limit/],
    ['limit=5&limit=6', /limit/],
    ['limit[]=5', /unknown field/],
    ['limit[a]=5', /unknown field/],
    ['cursor=garbage', /cursor/],
    ['cursor=a&cursor=b', /cursor/],
    [`cursor=${'a'.repeat(300)}`, /cursor/],
    ['status=alive', /status/],
    ['search=a&search=b', /search/],
    ['nonsense=1', /unknown field "nonsense"/],
    ['__proto__=1', /unknown field "__proto__"/],
    ['constructor[prototype][x]=1', /unknown field/],
    ['organizationId=nobody', /organization/],
  ])('R3: ?%s is refused and the field is named', async (query, detail) => {
    const answer = await call(`/api/keys?${query}`);
    expectProblemShape(answer);
    expect([400, 403]).toContain(answer.status);
    expect(answer.json.detail).toMatch(detail);
  });

  test('R3: a foreign and an unknown organization are refused in the same words', async () => {
    const answers = await Promise.all(['org_other', 'org_nobody'].map((id) => call(`/api/keys?organizationId=${id}`)));
    for (const answer of answers) expectProblem(answer, 'FORBIDDEN', /^organizationId: /);
    expect(answers[0]?.json.detail).toBe(answers[1]?.json.detail);
    expectProblem(await call('/api/keys?organizationId=org_default&organizationId=org_other'), 'FORBIDDEN');
  });

  test.each([
    ['/api/audit?limit=abc', /limit/],
    ['/api/audit?cursor=garbage', /cursor/],
    ['/api/workspaces?limit=0', /limit/],
  ])('R3: %s is refused for operators too', async (path, detail) => {
    expectProblem(await gate.local(path), 'BAD_REQUEST', detail);
  });
});

test('R3: every answer, good or bad, carries an id of ours and the security headers, and says nothing of its parts', async () => {
  const forged = { headers: { 'X-Request-Id': 'forged', 'X-Gatehouse-Request-Id': 'forged' } };
  for (const path of ['/healthz', '/', '/api/keys', '/nothing']) {
    const { headers } = await gate.call(path, forged);
    expect(headers.get('x-request-id')).toMatch(/^req_/);
    expect(headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('x-powered-by')).toBeNull();
    expect(headers.get('etag')).toBeNull();
    expect(headers.get('access-control-allow-origin')).toBeNull();
  }
  expect(gate.logs()).not.toContain('forged');
});

test('R3: the start page says how to go on and needs no key', async () => {
  const answer = await gate.call('/');
  expect(answer.status).toBe(200);
  expect(answer.headers.get('content-type')).toContain('text/plain');
  expect(answer.text).toContain('keys create');
});
