import { expect, test } from 'vitest';
import { startGateway } from './gateway.js';

const ORIGIN = 'https://app.example.com';
const settings = { CORS_ORIGINS: ORIGIN };
const preflight = (origin: string, more: Record<string, string> = {}) => ({
  method: 'OPTIONS',
  headers: {
    origin,
    'access-control-request-method': 'DELETE',
    'access-control-request-headers': 'x-api-key, x-app',
    ...more,
  },
});

test('G12: a preflight of a listed origin is answered here, without a credential; no other gets anywhere', async () => {
  await using gateway = await startGateway((_request, response) => response.end('app'), { settings });
  const listed = await fetch(`${gateway.url}/x`, preflight(ORIGIN));
  expect([listed.status, Object.fromEntries(listed.headers)]).toMatchObject([
    204,
    {
      'access-control-allow-origin': ORIGIN,
      'access-control-allow-methods': 'DELETE',
      'access-control-allow-headers': 'x-api-key, x-app',
      vary: expect.stringContaining('Origin'),
    },
  ]);
  expect(listed.headers.has('access-control-allow-credentials')).toBe(false);
  for (const init of [
    preflight('https://evil.example.com'),
    { method: 'OPTIONS', headers: { origin: ORIGIN } },
    { method: 'OPTIONS' },
  ]) {
    expect((await fetch(`${gateway.url}/x`, init)).status).toBe(401);
  }
  expect(gateway.seen).toEqual([]);
});

test('G12: a route that names OPTIONS lets preflight through to an app that answers for itself', async () => {
  await using gateway = await startGateway(
    (_request, response) => response.writeHead(204, { 'Access-Control-Allow-Origin': '*' }).end(),
    {
      routes: {
        routes: [{ methods: ['OPTIONS'], path: '/open/*', authModes: ['public'], scopes: [] }],
        default: { authModes: ['api_key'], scopes: [] },
      },
    },
  );
  const answer = await fetch(`${gateway.url}/open/x`, preflight(ORIGIN));
  expect([answer.status, answer.headers.get('access-control-allow-origin')]).toEqual([204, '*']);
  expect((await fetch(`${gateway.url}/other`, preflight(ORIGIN))).status).toBe(401);
  expect(gateway.seen.map(({ method, url }) => `${method} ${url}`)).toEqual(['OPTIONS /open/x']);
});

test('G12: scripts of a listed origin may read answers and refusals; an app that says it itself is left to', async () => {
  await using gateway = await startGateway(
    (request, response) =>
      response
        .writeHead(200, request.url === '/own' ? { 'Access-Control-Allow-Origin': 'https://own.example.com' } : {})
        .end(),
    { settings },
  );
  const { token } = await gateway.house.createKey();
  const allowed = async (path: string, origin: string, key = token) => {
    const { status, headers } = await fetch(`${gateway.url}${path}`, { headers: { origin, 'x-api-key': key } });
    return [status, headers.get('access-control-allow-origin'), headers.get('vary')];
  };
  expect(await allowed('/x', ORIGIN)).toEqual([200, ORIGIN, 'Origin']);
  expect(await allowed('/x', ORIGIN, 'wrong')).toEqual([401, ORIGIN, 'Origin']);
  expect(await allowed('/x', 'https://evil.example.com')).toEqual([200, null, 'Origin']);
  expect(await allowed('/own', ORIGIN)).toEqual([200, 'https://own.example.com', 'Origin']);
});

test('G9: the session cookie stays here, the app’s own cookies go on; credentials in places that are no slot are the app’s', async () => {
  await using gateway = await startGateway((_request, response) => response.end(), {
    routes: { routes: [], default: { authModes: ['api_key'], scopes: [], slots: ['x-api-key'] } },
  });
  const { token } = await gateway.house.createKey();
  await fetch(gateway.url, {
    headers: { 'x-api-key': token, authorization: 'Bearer of-the-app', cookie: 'a=1; gatehouse_session=secret; b=2' },
  });
  expect(gateway.seen[0]?.headers).toMatchObject({ authorization: 'Bearer of-the-app', cookie: 'a=1; b=2' });
  expect(JSON.stringify(gateway.seen)).not.toContain('secret');
});
