import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { CERTIFICATES, standIn, toLoopback } from '../egress/stand-in.js';
import { expectProblem } from '../http/problem.js';
import { startGatehouse } from '../support/gatehouse.js';
import { eventually } from '../support/store-kit.js';

const put = (targets: unknown) => ({ method: 'PUT', body: { targets } });
const AT = '/api/settings/lan-targets/example';

describe('V6: what a workspace may call on a private network', () => {
  test('V6: nothing, until an operator says so; audited, kept, and over from the next call on when it is taken back', async () => {
    const { port } = await standIn((_request, response) => response.end('inside'));
    await using gate = await startGatehouse({}, { egress: { lookup: toLoopback, ca: [CERTIFICATES.ca] } });
    const reach = async (workspaceId: string) => {
      const url = `https://nas.vendor.test:${port}/`;
      return gate.gatehouse.egress.request({ workspaceId, method: 'GET', url }).then(
        ({ status, body }) => {
          body.destroy();
          return status;
        },
        ({ code }) => code,
      );
    };
    expect(await reach('example')).toBe('EGRESS_REFUSED');
    expect((await gate.local(AT, put([`nas.vendor.test:${port}`]))).status).toBe(200);
    expect(await reach('example')).toBe(200);
    expect(await reach('other')).toBe('EGRESS_REFUSED');
    const { json } = await gate.local('/api/audit?action=lan-targets.set');
    expect(json.data[0]).toMatchObject({
      actor: 'local',
      target: 'example',
      detail: { targets: [`nas.vendor.test:${port}`] },
    });
    expect((await gate.local('/api/settings/lan-targets')).json.data).toEqual([
      { workspaceId: 'example', targets: [`nas.vendor.test:${port}`] },
    ]);
    expect((await gate.local(AT, put([]))).status).toBe(200);
    expect(await reach('example')).toBe('EGRESS_REFUSED');
    expect((await gate.local('/api/settings/lan-targets')).json.data).toEqual([]);
  });

  test('V6: entries that would open everything, or are none, are refused and named', async () => {
    await using gate = await startGatehouse();
    const none = 'is neither an address, a CIDR range nor a host name in lower case';
    for (const [entry, why] of [
      ['0.0.0.0/0', 'is wider than /8: name the networks that are yours'],
      ['::/0', 'is wider than /7: name the networks that are yours'],
      ...['*', 'https://nas.lan', 'nas.lan/x', '127.1'].map((entry) => [entry, none]),
    ])
      expectProblem(
        await gate.local(AT, put(['10.0.0.1', entry])),
        'BAD_REQUEST',
        `targets: ${JSON.stringify(entry)} ${why}.`,
      );
    for (const body of [['x'.repeat(301)], [''], [1], 'x', Array(51).fill('10.0.0.1')])
      expectProblem(await gate.local(AT, put(body)), 'BAD_REQUEST');
    expectProblem(await gate.local('/api/settings/lan-targets/nowhere', put([])), 'NOT_FOUND');
    expect((await gate.local('/api/settings/lan-targets')).json.data).toEqual([]);
    const audit = await gate.local('/api/audit?action=lan-targets.set');
    expect(audit.json.data).toEqual([]);
  });

  test('V6: a change by hand holds within two seconds', async () => {
    await using gate = await startGatehouse();
    await gate.local(AT, put(['10.0.0.1']));
    const file = join(gate.folder, '.gatehouse', 'lan-targets.json');
    await writeFile(file, (await readFile(file, 'utf8')).replace('10.0.0.1', '10.0.0.2'));
    await eventually(() => gate.gatehouse.lanTargets.of('example').admits('x', 443, '10.0.0.2'), 2000);
    expect(gate.gatehouse.lanTargets.of('example').admits('x', 443, '10.0.0.1')).toBe(false);
  });
});
