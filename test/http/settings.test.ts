import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { FIRST_ROUTES } from '../../src/contract/upstream-routes.js';
import { startGatehouse } from '../support/gatehouse.js';
import { expectProblem } from './problem.js';

const put = (body: unknown) => ({ method: 'PUT', body });
const BILLING = { methods: ['POST'], path: '/billing/portal', authModes: ['api_key'], scopes: ['billing:write'] };

describe('/api/settings/routes', () => {
  test('G6: the file is replaced whole, and decides from the next request on', async () => {
    await using running = await startGatehouse();
    expect((await running.local('/api/settings/routes')).json).toEqual({
      file: FIRST_ROUTES,
      fault: null,
      warnings: [],
    });
    const set = await running.local('/api/settings/routes', put({ routes: [BILLING] }));
    expect(set.json).toEqual({ file: { routes: [BILLING] }, fault: null, warnings: [] });
    const tested = async (body: object) => (await running.local('/api/settings/routes/test', { body })).json;
    expect(await tested({ method: 'POST', path: '/billing/portal?x=1' })).toMatchObject({
      policy: 'upstream POST /billing/portal',
      refusal: null,
      scopes: ['billing:write'],
    });
    expect(await tested({ method: 'POST', path: '/billing/../portal' })).toMatchObject({
      refusal: { code: 'BAD_REQUEST' },
    });
    expect(await tested({ method: 'GET', path: '/billing/portal' })).toMatchObject({ refusal: { code: 'FORBIDDEN' } });
    const text = await readFile(join(running.folder, '.gatehouse', 'routes.json'), 'utf8');
    expect(text).toContain(`    ${JSON.stringify(BILLING)}\n`);
  });

  test('R3: the same checks as for the file: every fault is named, and nothing is changed', async () => {
    await using running = await startGatehouse();
    for (const [body, words] of [
      [{}, 'routes'],
      [{ routes: [{ ...BILLING, path: '/a/../b' }] }, 'routes[0].path'],
      [{ routes: [{ ...BILLING, scopes: ['x'] }] }, 'routes[0].scopes[0]'],
      [{ routes: [BILLING], rutes: [] }, 'rutes'],
      [{ routes: [], hosts: ['https://app.example.com'] }, 'hosts[0]'],
      [{ routes: Array(1001).fill(BILLING) }, 'routes'],
      [null, 'JSON object'],
    ] as const) {
      const refused = await running.local('/api/settings/routes', put(body));
      expectProblem(refused, 'BAD_REQUEST');
      expect(refused.json.detail).toContain(words);
    }
    expect((await running.local('/api/settings/routes')).json.file).toEqual(FIRST_ROUTES);
  });

  test('R2: an edit that nobody can read is shown, and not overwritten', async () => {
    await using running = await startGatehouse();
    const path = join(running.folder, '.gatehouse', 'routes.json');
    await writeFile(path, '{"routes":[}');
    await vi.waitFor(
      async () => expect((await running.local('/api/settings/routes')).json.fault).toContain('routes.json, line 1'),
      2000,
    );
    expect((await running.local('/api/settings/routes')).json.file).toEqual(FIRST_ROUTES);
    expectProblem(await running.local('/api/settings/routes', put({ routes: [] })), 'STORE_UNAVAILABLE');
    expect(await readFile(path, 'utf8')).toBe('{"routes":[}');
  });

  test('a hundred changes at once are made one after the other, and the file parses', async () => {
    await using running = await startGatehouse();
    const answers = await Promise.all(
      Array.from({ length: 100 }, (_, index) =>
        running.local('/api/settings/routes', put({ routes: [{ ...BILLING, path: `/n${index}` }] })),
      ),
    );
    expect(answers.every(({ status }) => status === 200)).toBe(true);
    const file = JSON.parse(await readFile(join(running.folder, '.gatehouse', 'routes.json'), 'utf8'));
    expect((await running.local('/api/settings/routes')).json.file).toEqual(file);
  });
});

describe('/api/settings/scopes', () => {
  test('G6: a declared scope can be given to keys, and opens the route that asks for it', async () => {
    await using running = await startGatehouse({ TRUST_PROXY: 'loopback' });
    const gift = { ...BILLING, scopes: ['gifts:write'] };
    const set = await running.local('/api/settings/routes', put({ routes: [gift] }));
    expect(set.json.warnings).toEqual([
      'routes[0]: no key can be given gifts:write. Declare it: gatehouse scopes declare gifts:write',
    ]);
    const unknown = await running.local('/api/keys', { body: { name: 'k', scopes: ['gifts:write'] } });
    expectProblem(unknown, 'BAD_REQUEST');
    expect(unknown.json.detail).toContain('scopes[0]: unknown scope "gifts:write"');

    const declared = await running.local(
      '/api/settings/scopes',
      put({ declared: [{ scope: 'gifts:write', description: 'Redeem gift cards' }] }),
    );
    expect(declared.json.declared).toEqual([{ scope: 'gifts:write', description: 'Redeem gift cards' }]);
    expect((await running.local('/api/settings/routes')).json.warnings).toEqual([]);
    const asked = async (scopes: string[]) => {
      const { token } = await running.createKey({ scopes });
      const headers = { 'X-Forwarded-Method': 'POST', 'X-Forwarded-Uri': '/billing/portal', 'X-Forwarded-Host': 'h' };
      return (await running.call('/api/verify', { key: token, headers })).status;
    };
    expect(await asked(['gifts:write'])).toBe(204);
    expect(await asked(['gifts:*'])).toBe(204);
    expect(await asked(['*'])).toBe(204);
    expect(await asked(['billing:write'])).toBe(403);
    expectProblem(await running.local('/api/keys', { body: { name: 'k', scopes: ['gifts:read'] } }), 'BAD_REQUEST');
  });

  test('K11: a declared scope is handed out only by who holds it', async () => {
    await using running = await startGatehouse();
    await running.local('/api/settings/scopes', put({ declared: [{ scope: 'gifts:write' }] }));
    const { token } = await running.createKey({ scopes: ['keys:write'] });
    expectProblem(
      await running.call('/api/keys', { key: token, body: { name: 'k', scopes: ['gifts:write'] } }),
      'FORBIDDEN',
    );
  });

  test('R3: shipped scopes, wildcards, settings scopes and doubles cannot be declared', async () => {
    await using running = await startGatehouse();
    for (const declared of [
      [{ scope: 'ask:run' }],
      [{ scope: '*' }],
      [{ scope: 'gifts:*' }],
      [{ scope: 'gifts' }],
      [{ scope: 'settings:write' }],
      [{ scope: 'settings:other' }],
      [{ scope: 'a:b' }, { scope: 'a:b' }],
      [{ scope: 'a:b', description: 'x\ny' }],
    ]) {
      expectProblem(await running.local('/api/settings/scopes', put({ declared })), 'BAD_REQUEST');
    }
  });
});
