import { readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { FIRST_ROUTES, UpstreamRoutes } from '../../src/contract/upstream-routes.js';
import { formatRoutes } from '../../src/settings/routes.js';
import { type RunningGatehouse, startGatehouse } from '../support/gatehouse.js';

const fileOf = (running: { folder: string }) => join(running.folder, '.gatehouse', 'routes.json');

/** Edits by hand hold within two seconds. */
const soon = (check: () => void) => vi.waitFor(check, { timeout: 2000, interval: 20 });

const idOf = ({ gatehouse }: RunningGatehouse, method: string, path: string) =>
  gatehouse.upstream.match(method, path).id;

describe('routes.json', () => {
  test('G8: the first run writes a file that lets any valid key pass, readable by its owner only', async () => {
    await using running = await startGatehouse();
    expect(JSON.parse(await readFile(fileOf(running), 'utf8'))).toEqual(FIRST_ROUTES);
    expect((await stat(fileOf(running))).mode & 0o777).toBe(0o600);
    expect(idOf(running, 'GET', '/anything')).toBe('upstream default');
    expect(running.gatehouse.readiness()).toBe('ok');
  });

  test('G6: an edit by hand holds within two seconds', async () => {
    await using running = await startGatehouse();
    await writeFile(
      fileOf(running),
      '{"routes":[{"methods":["POST"],"path":"/billing/portal","authModes":["jwt"],"scopes":["billing:write"]}]}',
    );
    await soon(() => expect(idOf(running, 'POST', '/billing/portal')).toBe('upstream POST /billing/portal'));
    expect(idOf(running, 'GET', '/billing/portal')).toBe('upstream no route');
  });

  test.each([
    ['no JSON', '{"routes":[\n{"path":"/a",]}', ', line 2 (byte 25)'],
    ['a field nobody knows', '{"routes":[],"rutes":[]}', 'Unrecognized key: "rutes"'],
    ['a route without modes', '{"routes":[{"path":"/a","scopes":[]}]}', 'routes[0].authModes'],
    ['a bad path', '{"routes":[{"path":"/a/../b","authModes":["jwt"],"scopes":[]}]}', 'routes[0].path'],
    ['public with scopes', '{"routes":[{"path":"/a","authModes":["public"],"scopes":["a:b"]}]}', 'routes[0].scopes'],
    ['a key __proto__', '{"routes":[],"__proto__":{}}', '__proto__'],
    ['nothing', '', 'the file is empty'],
    ['null', 'null', 'expected object'],
  ])('R2: a broken edit (%s) keeps the last good one, loudly', async (_what, text, words) => {
    await using running = await startGatehouse();
    const good = '{"routes":[{"path":"/open","authModes":["public"],"scopes":[]}]}';
    await writeFile(fileOf(running), good);
    await soon(() => expect(idOf(running, 'GET', '/open')).toBe('upstream ANY /open'));

    await writeFile(fileOf(running), text);
    await soon(() => expect(running.gatehouse.settings.routes.fault).toContain(words));
    expect(idOf(running, 'GET', '/open')).toBe('upstream ANY /open');
    expect((await running.call('/readyz')).json).toEqual({ status: 'degraded' });
    expect(running.logs()).toContain('an edit cannot be used; what was read before goes on');
    expect(await readFile(fileOf(running), 'utf8')).toBe(text);

    await writeFile(fileOf(running), good);
    await soon(() => expect(running.gatehouse.settings.fault).toBeNull());
    expect((await running.call('/readyz')).json).toEqual({ status: 'ok' });
  });

  test('R2: a file that is missing refuses every request and names file and line, also after a restart', async () => {
    await using running = await startGatehouse();
    await rm(fileOf(running));
    await soon(() => expect(running.gatehouse.settings.routes.value).toBeNull());
    const refusal = running.gatehouse.upstream.match('GET', '/').closed?.();
    expect(refusal).toMatchObject({ code: 'FORBIDDEN' });
    expect(refusal?.detail).toContain('routes.json');
    expect(refusal?.detail).toContain(JSON.stringify(FIRST_ROUTES));
    expect(running.gatehouse.settings.fault).toContain(JSON.stringify(FIRST_ROUTES));

    await running.gatehouse.close();
    await using again = await startGatehouse({}, { folder: running.folder });
    expect(idOf(again, 'GET', '/')).toBe('upstream no routes.json');
  });

  test('R2: a file that cannot be read stops the start, which names the place', async () => {
    await using running = await startGatehouse();
    await running.gatehouse.close();
    await writeFile(fileOf(running), '{"routes":\n}');
    await expect(startGatehouse({}, { folder: running.folder })).rejects.toThrow(
      /routes\.json, line 2 .*Mend the file/,
    );
  });

  test('an editor that saves by rename is seen too', async () => {
    await using running = await startGatehouse();
    await writeFile(`${fileOf(running)}.new`, '{"routes":[]}');
    await rename(`${fileOf(running)}.new`, fileOf(running));
    await soon(() => expect(idOf(running, 'GET', '/')).toBe('upstream no route'));
  });

  test('what is written is one route a line and reads as what it was', () => {
    const file = UpstreamRoutes.parse({
      routes: [
        { methods: ['POST'], path: '/a/:id', authModes: ['api_key'], scopes: ['billing:write'], slots: ['x-api-key'] },
        { path: '/b/*', host: 'app.example.com', authModes: ['public'], scopes: [] },
      ],
      default: { authModes: ['jwt'], scopes: [], rateLimit: { requests: 5, windowSeconds: 60 } },
      hosts: ['app.example.com'],
    });
    expect(UpstreamRoutes.parse(JSON.parse(formatRoutes(file)))).toEqual(file);
    expect(formatRoutes(file).split('\n')).toHaveLength(9);
    expect(JSON.parse(formatRoutes(FIRST_ROUTES))).toEqual(FIRST_ROUTES);
  });
});
