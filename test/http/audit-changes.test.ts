import { describe, expect, test } from 'vitest';
import type { AuditLine } from '../../src/contract/audit.js';
import { ROUTES } from '../../src/contract/routes.js';
import { type RunningGatehouse, startGatehouse } from '../support/gatehouse.js';
import { createUser, setUp, signIn } from '../support/people.js';

const SECRETS = ['sk-marked-one-9f2c', 'sk-marked-two-51ab', 'value-marked-three-77', 'value-marked-four-08'];

/** Sends a change and gives the newest line of its action. */
async function changed(gate: RunningGatehouse, method: string, path: string, body: object): Promise<AuditLine> {
  const answer = await gate.local(path, { method, body });
  expect(answer.status, `${method} ${path} ${answer.text}`).toBeLessThan(300);
  const { json } = await gate.local('/api/audit?limit=20');
  return json.data.find((line: AuditLine) => !/^(credential\.open|audit\.)/.test(line.action));
}

const made = async (gate: RunningGatehouse, path: string, body: object, method = 'POST') =>
  (await gate.local(path, { method, body })).json;

describe('R4: every route that changes a record leaves what it was and what it is now', () => {
  test('field by field, and no secret, digest or name of a person among it', { timeout: 60_000 }, async () => {
    await using gate = await startGatehouse({ API_RATE_LIMIT: 'off' }, { files: { 'one/a.txt': 'a' } });
    await setUp(gate);
    const seen: Record<string, AuditLine> = {};
    const sent: string[] = [];
    const change = async (method: string, path: string, body: object) => {
      sent.push(`${method} ${path}`);
      const line = await changed(gate, method, path, body);
      seen[line.action] = line;
      return line.changes;
    };

    const { key } = await gate.createKey({ name: 'Deploys', scopes: ['ask:run'] });
    expect(
      await change('PATCH', `/api/keys/${key.id}`, {
        name: 'Deploys 2',
        scopes: ['ask:run', 'jobs:read'],
        allowedIps: ['10.0.0.0/8'],
        rateLimit: { requests: 5, windowSeconds: 60 },
      }),
    ).toEqual(
      expect.arrayContaining([
        { field: 'name', before: 'Deploys', after: 'Deploys 2' },
        { field: 'scopes', before: 'ask:run', after: 'ask:run, jobs:read' },
        { field: 'allowedIps', before: '', after: '10.0.0.0/8' },
      ]),
    );
    expect(await change('PATCH', `/api/keys/${key.id}`, { name: 'Deploys 2' })).toBeUndefined();
    const rotated = await change('POST', `/api/keys/${key.id}/rotate`, { graceSeconds: 60 });
    expect(rotated?.map(({ field }) => field)).toEqual(['secrets']);
    const revoked = await change('POST', `/api/keys/${key.id}/revoke`, { reason: 'lost' });
    expect(revoked).toEqual([{ field: 'revokedAt', before: null, after: new Date(gate.clock.nowMs()).toISOString() }]);
    const service = await made(gate, '/api/service-keys', { name: 'Sync' });
    expect(await change('PATCH', `/api/service-keys/${service.key.id}`, { note: 'nightly' })).toEqual([
      { field: 'note', before: '', after: 'nightly' },
    ]);
    const mcp = await made(gate, '/api/mcp-tokens', { name: 'Editor', readOnly: true });
    expect(await change('PATCH', `/api/mcp-tokens/${mcp.key.id}`, { readOnly: false })).toEqual([
      { field: 'readOnly', before: 'true', after: 'false' },
    ]);

    const at = '/api/workspaces/one';
    const openai = { name: 'model', type: 'openai', fields: { apiKey: SECRETS[0] } };
    const { credential } = await made(gate, `${at}/credentials`, openai);
    expect(
      await change('PATCH', `${at}/credentials/${credential.id}`, { note: 'of the team', readOnly: true }),
    ).toEqual([
      { field: 'note', before: '', after: 'of the team' },
      { field: 'readOnly', before: 'false', after: 'true' },
    ]);
    const fields = { apiKey: SECRETS[1], organization: 'org-team' };
    expect(await change('PUT', `${at}/credentials/${credential.id}`, { fields })).toEqual(
      expect.arrayContaining([{ field: 'fields.apiKey', before: '•••', after: '•••' }]),
    );
    expect(await change('PUT', `${at}/secrets/NAME`, { value: SECRETS[2], hosts: ['a.example.com'] })).toEqual([
      { field: 'hosts', before: null, after: 'a.example.com' },
      { field: 'note', before: null, after: '' },
      { field: 'value', before: '•••', after: '•••' },
    ]);
    expect(await change('PUT', `${at}/secrets/NAME`, { value: SECRETS[3], hosts: ['b.example.com'] })).toEqual([
      { field: 'hosts', before: 'a.example.com', after: 'b.example.com' },
      { field: 'value', before: '•••', after: '•••' },
    ]);
    // Public, but what was pasted by mistake could never be taken out of the log again.
    expect(await change('PUT', `${at}/variables/REGION`, { value: 'value-marked-variable' })).toEqual([
      { field: 'value', before: '•••', after: '•••' },
    ]);
    expect(await change('PATCH', at, { exclude: ['dist/**'] })).toEqual([
      { field: 'exclude', before: '', after: 'dist/**' },
    ]);
    expect(await change('PATCH', at, { defaultProvider: { credentialId: credential.id, model: 'gpt-x' } })).toEqual([
      { field: 'credentialId', before: null, after: credential.id },
      { field: 'model', before: null, after: 'gpt-x' },
    ]);
    const { prompt } = await made(gate, '/api/prompts', { name: 'reviewer', text: 'Be careful.' });
    expect(await change('PUT', `/api/prompts/${prompt.id}`, { name: 'reviewer', text: 'Be quick.' })).toEqual([
      { field: 'text', before: '•••', after: '•••' },
    ]);

    const network = { allowedIps: ['127.0.0.0/8'], confirm: true, revertAfterSeconds: 0 };
    expect(await change('PUT', '/api/settings/network', network)).toEqual([
      { field: 'allowedIps', before: null, after: '127.0.0.0/8' },
    ]);
    const routes = [{ path: '/a/*', authModes: ['public'], scopes: [] }];
    expect(await change('PUT', '/api/settings/routes', { routes })).toEqual([
      { field: 'routes', before: null, after: expect.stringContaining('"path":"/a/*"') },
      { field: 'default', before: expect.stringContaining('service_role'), after: null },
    ]);
    const declared = [{ scope: 'invoices:see', description: 'see bills' }];
    expect(await change('PUT', '/api/settings/scopes', { declared })).toEqual([
      { field: 'declared', before: null, after: expect.stringContaining('invoices:see') },
    ]);
    expect(await change('PUT', '/api/settings/lan-targets/one', { targets: ['10.1.2.3'] })).toEqual([
      { field: 'targets', before: '', after: '10.1.2.3' },
    ]);

    const grace = await createUser(gate, 'grace@example.com', { role: 'viewer', name: 'Grace Marked' });
    expect(await change('PATCH', `/api/organizations/org_default/members/${grace}`, { role: 'member' })).toEqual([
      { field: 'role', before: 'viewer', after: 'member' },
    ]);
    expect(await change('PATCH', `/api/users/${grace}`, { name: 'G. Marked', status: 'disabled' })).toEqual([
      { field: 'status', before: 'active', after: 'disabled' },
      { field: 'name', before: '•••', after: '•••' },
    ]);
    expect(await change('PATCH', '/api/organizations/org_default', { name: 'Acme' })).toEqual([
      { field: 'name', before: expect.any(String), after: 'Acme' },
    ]);
    expect(
      await change('PUT', '/api/organizations/org_default/entitlements', {
        keys: 10,
        workspaces: null,
        members: null,
        requestsPerHour: null,
      }),
    ).toEqual([{ field: 'keys', before: null, after: '10' }]);

    const ada = await signIn(gate);
    const renamed = { method: 'PATCH', body: { name: 'Ada Marked' }, headers: ada.headers };
    expect((await gate.call('/api/auth/profile', renamed)).status).toBe(200);
    sent.push('PATCH /api/auth/profile');
    const own = (await gate.local('/api/audit?limit=5&action=profile.update')).json.data[0];
    expect(own.changes).toEqual([{ field: 'name', before: '•••', after: '•••' }]);

    expect(Object.keys(seen).length).toBeGreaterThan(17);
    // A route that is added has to be here, or say why it changes no record.
    const updates = Object.values(ROUTES).filter(({ method }) => method === 'PATCH' || method === 'PUT');
    const left = updates
      .map(({ method, path }) => `${method} ${path}`)
      .filter((route) => !sent.some((one) => new RegExp(`^${route.replace(/:\w+/g, '[^/]+')}$`).test(one)));
    // Passkeys need an authenticator: test/http/passkeys.test.ts. Files are no records.
    expect(left).toEqual(['PATCH /api/auth/passkeys/:id', 'PUT /api/workspaces/:workspaceId/file']);
    const log = JSON.stringify((await gate.local('/api/audit?limit=200')).json);
    for (const secret of [...SECRETS, 'value-marked-variable', 'Be quick', 'Marked', 'sha256:'])
      expect(log).not.toContain(secret);
    expect((await gate.local('/api/audit/verify')).json.ok).toBe(true);
  });
});
