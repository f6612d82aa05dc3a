import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ROUTES, type RouteSpec } from '../../src/contract/routes.js';
import { HOUR, SECOND } from '../support/clock.js';
import { ADMIN_KEY, type RunningGatehouse, startGatehouse } from '../support/gatehouse.js';
import { temporaryWorkspaces } from '../support/workspace.js';
import { expectProblem } from './problem.js';

const SPARE = 'spare-one-spare-one-spare-one-spare-one';
const FILES = { 'alpha/notes.md': '# Alpha\n\nFines are red.\n', 'beta/notes.md': '# Beta\n\nFines are blue.\n' };

async function makeOrganization(gate: RunningGatehouse, name: string): Promise<string> {
  const made = await gate.local('/api/organizations', { body: { name } });
  expect(made.status, made.text).toBe(201);
  return made.json.organization.id;
}

const limits = (gate: RunningGatehouse, id: string, over: object) =>
  gate.local(`/api/organizations/${id}/entitlements`, {
    method: 'PUT',
    body: { keys: null, workspaces: null, members: null, requestsPerHour: null, ...over },
  });

async function makeKey(gate: RunningGatehouse, family: string, body: object): Promise<{ id: string; token: string }> {
  const made = await gate.local(`/api/${family}`, { body: { name: 'made', scopes: ['*'], ...body } });
  expect(made.status, made.text).toBe(201);
  return { id: made.json.key.id, token: made.json.token };
}

const assign = (gate: RunningGatehouse, workspace: string, organizationId: string) =>
  gate.local(`/api/workspaces/${workspace}`, { method: 'PATCH', body: { organizationId } });

describe('two tenants on one instance', () => {
  let gate: RunningGatehouse;
  let other: string;
  let mine: Record<'key' | 'svc' | 'bound', { id: string; token: string }>;
  let theirs: Record<'key' | 'svc' | 'mcp', { id: string; token: string }>;
  let invite: string;

  beforeAll(async () => {
    gate = await startGatehouse({ ADMIN_API_KEY: ADMIN_KEY, API_RATE_LIMIT: 'off' }, { files: FILES });
    other = await makeOrganization(gate, 'Other');
    expect((await assign(gate, 'beta', other)).status).toBe(200);
    mine = {
      key: await makeKey(gate, 'keys', {}),
      svc: await makeKey(gate, 'service-keys', {}),
      bound: await makeKey(gate, 'keys', { workspaceIds: ['alpha'] }),
    };
    theirs = {
      key: await makeKey(gate, 'keys', { organizationId: other }),
      svc: await makeKey(gate, 'service-keys', { organizationId: other }),
      mcp: await makeKey(gate, 'mcp-tokens', { organizationId: other }),
    };
    const body = { email: 'a@example.com', role: 'viewer' };
    invite = (await gate.local(`/api/organizations/${other}/invites`, { body })).json.invite.id;
  });
  afterAll(() => gate[Symbol.asyncDispose]());

  /** A request of every org-scoped route that names what is the other tenant's, or what nobody has. */
  function probes(organizationId: string, keyId: string, workspaceId: string, inviteId: string) {
    const bodies: Record<string, unknown> = {
      createKey: { name: 'x', scopes: [], organizationId },
      createServiceKey: { name: 'x', scopes: [], organizationId },
      createMcpToken: { name: 'x', scopes: [], organizationId },
      verifyKey: { token: 'gate_sdk_test_nothing' },
      updateKey: { note: 'x' },
      updateServiceKey: { note: 'x' },
      updateMcpToken: { note: 'x' },
      ask: { workspaceId, question: 'Which colour are fines?' },
      renameOrganization: { name: 'x' },
      changeRole: { role: 'viewer' },
      createInvite: { email: 'b@example.com', role: 'viewer' },
      createWorkspace: { id: 'x', organizationId },
      createPrompt: { name: 'x', text: 'x', organizationId },
      replacePrompt: { name: 'x', text: 'x' },
    };
    return Object.entries<RouteSpec>(ROUTES).flatMap(([id, route]) => {
      if (route.reach !== 'organization' && route.reach !== 'either') return [];
      if (!route.authModes.includes('service_role')) return [];
      const path = route.path
        .replace(':organizationId', organizationId)
        .replace(':workspaceId', workspaceId)
        .replace(':id', keyId)
        .replace(':inviteId', inviteId)
        .replace(':prompt', keyId.replace('key_', 'prm_'))
        .replace(':userId', 'usr_0000000000000000000000');
      // What names nothing of the other tenant by itself names the organization in the query.
      const names = route.path.includes(':') || JSON.stringify(bodies[id] ?? '').includes(organizationId);
      const query = names || id === 'ask' ? '' : `?organizationId=${organizationId}`;
      const options = {
        method: route.method,
        ...(route.body === undefined ? {} : { body: bodies[id] ?? {} }),
      };
      return [{ id, path: `${path}${query}`, options }];
    });
  }

  test('A7, K6: a service key finds nothing of another organization: foreign and unknown look alike on every route', async () => {
    const unknown = probes('org_none', `key_${'0'.repeat(22)}`, 'nowhere', `inv_${'0'.repeat(22)}`);
    let asked = 0;
    for (const keyId of [theirs.key.id, theirs.svc.id, theirs.mcp.id]) {
      for (const [index, probe] of probes(other, keyId, 'beta', invite).entries()) {
        const foreign = await gate.call(probe.path, { ...probe.options, key: mine.svc.token });
        const none = await gate.call(unknown[index]?.path ?? '', { ...unknown[index]?.options, key: mine.svc.token });
        expect([403, 404], `${probe.id} ${foreign.text}`).toContain(foreign.status);
        expect([none.status, none.json.code, none.json.detail], probe.id).toEqual([
          foreign.status,
          foreign.json.code,
          foreign.json.detail,
        ]);
        expect(foreign.text).not.toContain(other);
        asked += 1;
      }
    }
    expect(asked).toBeGreaterThan(90);
  });

  test('A7: lists and answers hold nothing of the other one', async () => {
    const ids = [theirs.key.id, theirs.svc.id, theirs.mcp.id, other, 'beta', invite];
    const paths = [
      '/api/keys',
      '/api/service-keys',
      '/api/mcp-tokens',
      '/api/workspaces',
      '/api/organizations',
      '/api/audit',
    ];
    for (const path of [...paths, '/api/organizations/org_default/invites', '/api/organizations/org_default/members']) {
      const answer = await gate.call(`${path}?limit=200`, { key: mine.svc.token });
      expect(answer.status, `${path} ${answer.text}`).toBe(200);
      for (const id of ids) expect(answer.text, path).not.toContain(`"${id}"`);
    }
    const seen = await gate.call('/api/workspaces', { key: theirs.svc.token });
    expect(seen.json.data.map(({ id }: { id: string }) => id)).toEqual(['beta']);
    expect(seen.json.data[0].organizationId).toBe(other);
  });

  test('A7: the other one finds what is its own, named or not', async () => {
    for (const query of ['', `?organizationId=${other}`]) {
      const keys = await gate.call(`/api/keys${query}`, { key: theirs.svc.token });
      expect(keys.json.data.map(({ id }: { id: string }) => id)).toEqual([theirs.key.id]);
      const lines = await gate.call(`/api/audit${query}`, { key: theirs.svc.token });
      const organizations = new Set(lines.json.data.map((line: { organizationId?: string }) => line.organizationId));
      expect([...organizations]).toEqual([other]);
    }
    const answer = await gate.call('/api/ask', {
      key: theirs.key.token,
      body: { workspaceId: 'beta', question: 'blue fines' },
    });
    expect(answer.json.answer).toContain('blue');
  });

  test('A7: a key that is verified by another tenant reads as unknown', async () => {
    const answer = await gate.call('/api/keys/verify', { key: mine.svc.token, body: { token: theirs.key.token } });
    expect(answer.json).toEqual({ valid: false, code: 'NOT_FOUND' });
  });

  test('A7: a key bound to workspace A finds no workspace B, of whichever organization', async () => {
    for (const workspaceId of ['beta', 'nowhere']) {
      const asked = await gate.call('/api/ask', { key: mine.bound.token, body: { workspaceId, question: 'fines?' } });
      expectProblem(asked, 'NOT_FOUND');
      expectProblem(await gate.call(`/api/workspaces/${workspaceId}`, { key: mine.bound.token }), 'NOT_FOUND');
    }
    const listed = await gate.call('/api/workspaces', { key: mine.bound.token });
    expect(listed.json.data.map(({ id }: { id: string }) => id)).toEqual(['alpha']);
  });

  test('K11: a key is not bound to a workspace of another organization, whoever makes it', async () => {
    for (const [organizationId, workspaceId] of [
      ['org_default', 'beta'],
      [other, 'alpha'],
    ]) {
      const body = { name: 'x', organizationId, workspaceIds: [workspaceId] };
      expectProblem(await gate.local('/api/keys', { body }), 'NOT_FOUND');
    }
    const patch = { method: 'PATCH', body: { workspaceIds: ['alpha'] } };
    expectProblem(await gate.local(`/api/keys/${theirs.key.id}`, patch), 'NOT_FOUND');
  });

  test('A7: operators see all, or the one they name', async () => {
    const idsOf = (answer: { json: { data: { id: string }[] } }) => answer.json.data.map(({ id }) => id).sort();
    expect(idsOf(await gate.local('/api/workspaces'))).toEqual(['alpha', 'beta']);
    expect(idsOf(await gate.local(`/api/workspaces?organizationId=${other}`))).toEqual(['beta']);
    expect(idsOf(await gate.call('/api/keys', { key: ADMIN_KEY }))).toContain(theirs.key.id);
    expect(idsOf(await gate.call('/api/keys?organizationId=org_default', { key: ADMIN_KEY }))).not.toContain(
      theirs.key.id,
    );
    const lines = await gate.call(`/api/audit?organizationId=${other}&action=key.*`, { key: ADMIN_KEY });
    expect(lines.json.data).toMatchObject([{ action: 'key.create', organizationId: other, target: theirs.key.id }]);
    expectProblem(await gate.call('/api/audit?organizationId=org_none', { key: ADMIN_KEY }), 'FORBIDDEN');
  });

  test('A7: jobs are of the organization whose workspace is asked about, whoever asks', async () => {
    const ask = async (workspaceId: string) =>
      (await gate.local('/api/ask', { body: { workspaceId, question: 'fines' } })).json.jobId;
    await mkdir(join(gate.folder, 'nobodys'));
    const jobs = { mine: await ask('alpha'), theirs: await ask('beta'), nobodys: await ask('nobodys') };
    const seen = async (key: string) =>
      (await gate.call('/api/jobs', { key })).json.data.map((job: { id: string }) => job.id);
    expect(await seen(mine.svc.token)).toContain(jobs.mine);
    expect(await seen(theirs.svc.token)).toContain(jobs.theirs);
    for (const foreign of [jobs.theirs, jobs.nobodys]) {
      expect(await seen(mine.svc.token)).not.toContain(foreign);
      expectProblem(await gate.call(`/api/jobs/${foreign}`, { key: mine.svc.token }), 'NOT_FOUND');
    }
    expect(await seen(theirs.svc.token)).not.toContain(jobs.nobodys);
    expect(await seen(ADMIN_KEY)).toEqual(expect.arrayContaining(Object.values(jobs)));
    await rm(join(gate.folder, 'nobodys'), { recursive: true });
  });

  test('R4: refusals stand in the log of the organization that was refused, and the chain holds', async () => {
    await gate.call('/api/settings/signing-keys/rotate', { method: 'POST', key: theirs.svc.token });
    const lines = await gate.call('/api/audit?action=request.refused', { key: theirs.svc.token });
    expect(lines.json.data[0]).toMatchObject({ actor: theirs.svc.id, organizationId: other, outcome: 'refused' });
    const mineToo = await gate.call('/api/audit?action=request.refused&limit=200', { key: mine.svc.token });
    for (const line of mineToo.json.data) expect(line.organizationId).toBe('org_default');
    expect((await gate.local('/api/audit/verify')).json).toMatchObject({ ok: true, fault: null });
  });

  test('R3: an organization id of any other form is refused where it is named', async () => {
    const long = `org_${'a'.repeat(5000)}`;
    for (const id of [
      'org_',
      'ORG_default',
      'org_default%00',
      '__proto__',
      long,
      'org_default&organizationId=org_default',
    ]) {
      const answer = await gate.call(`/api/keys?organizationId=${id}`, { key: mine.svc.token });
      expect([400, 403], `${id} ${answer.text}`).toContain(answer.status);
    }
    for (const organizationId of [1, null, [], {}, 'org_', '__proto__']) {
      const answer = await gate.call('/api/keys', { key: mine.svc.token, body: { name: 'x', organizationId } });
      expectProblem(answer, 'BAD_REQUEST');
    }
  });
});

describe('workspaces and their organizations', () => {
  test('A7: one organization owns every folder; making a second one takes nothing from it', async () => {
    await using folder = await temporaryWorkspaces(FILES);
    const owners = async (gate: RunningGatehouse) =>
      Object.fromEntries(
        (await gate.local('/api/workspaces')).json.data.map((one: { id: string; organizationId: string }) => [
          one.id,
          one.organizationId,
        ]),
      );
    let other: string;
    {
      await using gate = await startGatehouse({}, { folder: folder.path });
      expect(await owners(gate)).toEqual({ alpha: 'org_default', beta: 'org_default' });
      await mkdir(join(folder.path, 'early'));
      other = await makeOrganization(gate, 'Other');
      await mkdir(join(folder.path, 'late'));
      expect(await owners(gate), 'a folder that came later is of nobody yet').toEqual({
        alpha: 'org_default',
        beta: 'org_default',
        early: 'org_default',
        late: null,
      });
      const { token } = await makeKey(gate, 'service-keys', {});
      const seen = await gate.call('/api/workspaces', { key: token });
      expect(seen.json.data.map(({ id }: { id: string }) => id)).toEqual(['alpha', 'beta', 'early']);
      expectProblem(await gate.call('/api/workspaces/late', { key: token }), 'NOT_FOUND');
      expectProblem(
        await gate.call('/api/ask', { key: token, body: { workspaceId: 'late', question: 'x' } }),
        'NOT_FOUND',
      );
      expect((await assign(gate, 'late', other)).json.workspace).toMatchObject({ id: 'late', organizationId: other });
      expect((await assign(gate, 'beta', other)).status).toBe(200);
    }
    await using gate = await startGatehouse({}, { folder: folder.path });
    expect(await owners(gate)).toEqual({ alpha: 'org_default', beta: other, early: 'org_default', late: other });
    const lines = await gate.local('/api/audit?action=workspace.assign');
    expect(lines.json.data).toMatchObject([
      { target: 'beta', detail: { from: 'org_default', to: other } },
      { target: 'late', detail: { from: null, to: other } },
    ]);
    for (const line of lines.json.data)
      expect(line, 'neither tenant is told of the other').not.toHaveProperty('organizationId');
  });

  test('A7: a key that is bound to a workspace which moved away reaches nothing there', async () => {
    await using gate = await startGatehouse({}, { files: FILES });
    const other = await makeOrganization(gate, 'Other');
    const { token } = await makeKey(gate, 'keys', { workspaceIds: ['beta'] });
    const ask = () => gate.call('/api/ask', { key: token, body: { workspaceId: 'beta', question: 'Which colour?' } });
    expect((await ask()).status).toBe(200);
    await assign(gate, 'beta', other);
    expectProblem(await ask(), 'NOT_FOUND');
    expect((await gate.call('/api/workspaces', { key: token })).json.data).toEqual([]);
    await assign(gate, 'beta', 'org_default');
    expect((await ask()).status).toBe(200);
  });

  test('A7: only operators assign, only what is there, and only to who is there', async () => {
    await using gate = await startGatehouse({ ADMIN_API_KEY: ADMIN_KEY }, { files: FILES });
    const other = await makeOrganization(gate, 'Other');
    const { token } = await makeKey(gate, 'service-keys', {});
    const patch = (key: string, workspace: string, organizationId: string) =>
      gate.call(`/api/workspaces/${workspace}`, { method: 'PATCH', key, body: { organizationId } });
    expectProblem(await patch(token, 'alpha', other), 'FORBIDDEN');
    expectProblem(await patch(token, 'alpha', 'org_default'), 'FORBIDDEN');
    expectProblem(await patch(ADMIN_KEY, 'nowhere', other), 'NOT_FOUND');
    expectProblem(await patch(ADMIN_KEY, 'alpha', 'org_none'), 'FORBIDDEN');
    expect((await patch(ADMIN_KEY, 'alpha', other)).status).toBe(200);
  });

  test('A7: an organization has at most the workspaces it may have, also when many are assigned at once', async () => {
    const files = Object.fromEntries(Array.from({ length: 8 }, (_, index) => [`w${index}/a.md`, 'x']));
    await using gate = await startGatehouse({}, { files });
    const other = await makeOrganization(gate, 'Other');
    await limits(gate, other, { workspaces: 3 });
    const answers = await Promise.all(Array.from({ length: 8 }, (_, index) => assign(gate, `w${index}`, other)));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(3);
    const refused = answers.filter(({ status }) => status !== 200);
    for (const answer of refused) expectProblem(answer, 'ENTITLEMENT_REACHED');
    expect(refused[0]?.json.detail).toBe(
      'This organization may have 3 workspaces and has 3. An operator can raise the limit.',
    );
    expect((await gate.local(`/api/organizations/${other}/entitlements`)).json.used.workspaces).toBe(3);
    const held = (await gate.local(`/api/workspaces?organizationId=${other}`)).json.data[0].id;
    expect((await assign(gate, held, other)).status, 'what is theirs stays theirs').toBe(200);
    await rm(join(gate.folder, held), { recursive: true });
    await gate.local('/api/workspaces');
    const next = (await gate.local('/api/workspaces?organizationId=org_default')).json.data[0].id;
    expect((await assign(gate, next, other)).status, 'a folder that is gone takes no room').toBe(200);
  });

  test('A7: losing the list of organizations gives nobody what another one had', async () => {
    await using folder = await temporaryWorkspaces(FILES);
    let tokens: { mine: string; theirs: string };
    {
      await using gate = await startGatehouse({}, { folder: folder.path });
      const other = await makeOrganization(gate, 'Other');
      await assign(gate, 'beta', other);
      tokens = {
        mine: (await makeKey(gate, 'keys', {})).token,
        theirs: (await makeKey(gate, 'keys', { organizationId: other })).token,
      };
    }
    await rm(join(folder.path, '.gatehouse', 'organizations.json'));
    await mkdir(join(folder.path, 'gamma'));
    await using gate = await startGatehouse({}, { folder: folder.path });
    const seen = async (key: string) =>
      (await gate.call('/api/workspaces', { key })).json.data.map(({ id }: { id: string }) => id);
    expect(await seen(tokens.mine), 'and nobody is locked out').toEqual(['alpha']);
    expect(await seen(tokens.theirs)).toEqual(['beta']);
  });
});

describe('A7: keys are limited, of every family together', () => {
  test('the refusal names the limit, what there is, and who can raise it; a revoked key makes room', async () => {
    await using gate = await startGatehouse({ VALID_API_KEYS: SPARE }, { files: {} });
    await limits(gate, 'org_default', { keys: 3 });
    const families = ['keys', 'service-keys', 'mcp-tokens'];
    const made = [];
    for (const family of families) made.push(await makeKey(gate, family, {}));
    const other = await makeOrganization(gate, 'Other');
    const lines = async () => (await gate.local('/api/audit?limit=200')).json.data.length;
    const before = await lines();
    for (const family of families) {
      const refused = await gate.local(`/api/${family}`, { body: { name: 'fourth' } });
      expectProblem(refused, 'ENTITLEMENT_REACHED');
      expect(refused.json.detail).toBe('This organization may have 3 keys and has 3. An operator can raise the limit.');
      expect(refused.text).not.toContain('"token"');
    }
    const [{ fingerprint }] = (await gate.local('/api/env-keys')).json.data;
    const adopt = (organizationId: string) =>
      gate.local(`/api/env-keys/${fingerprint}/adopt`, { body: { name: 'adopted', organizationId } });
    expectProblem(await adopt('org_default'), 'ENTITLEMENT_REACHED');
    const refusals = (await gate.local('/api/audit?action=request.refused')).json.data;
    expect(refusals).toMatchObject(Array(4).fill({ detail: { code: 'ENTITLEMENT_REACHED', reason: 'entitlement' } }));
    expect(await lines(), 'a key that was not made has no line of being made').toBe(before + 4);

    expect((await gate.local(`/api/keys/${made[0]?.id}/rotate`, { method: 'POST' })).status, 'no new key').toBe(200);
    await makeKey(gate, 'keys', { organizationId: other });
    await gate.local(`/api/mcp-tokens/${made[2]?.id}/revoke`, { method: 'POST' });
    const adopted = await adopt('org_default');
    expect(adopted.status, adopted.text).toBe(201);
    expect((await gate.local('/api/organizations/org_default/entitlements')).json).toMatchObject({
      entitlements: { keys: 3 },
      used: { keys: 3 },
    });
  });

  test('K5: an environment key is adopted by the organization that is named', async () => {
    await using gate = await startGatehouse({ VALID_API_KEYS: SPARE }, { files: FILES });
    const other = await makeOrganization(gate, 'Other');
    await assign(gate, 'beta', other);
    const [{ fingerprint }] = (await gate.local('/api/env-keys')).json.data;
    const adopt = (organizationId: string) =>
      gate.local(`/api/env-keys/${fingerprint}/adopt`, { body: { name: 'adopted', organizationId } });
    expectProblem(await adopt('org_none'), 'FORBIDDEN');
    expect((await adopt(other)).json.key).toMatchObject({ organizationId: other });
    const seen = await gate.call('/api/workspaces', { key: SPARE });
    expect(seen.json.data.map(({ id }: { id: string }) => id)).toEqual(['beta']);
  });

  test('of twenty keys made at once exactly those are made that there is room for', async () => {
    await using gate = await startGatehouse({}, { files: {} });
    await limits(gate, 'org_default', { keys: 5 });
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        gate.local(`/api/${['keys', 'service-keys', 'mcp-tokens'][index % 3]}`, { body: { name: `k${index}` } }),
      ),
    );
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(5);
    for (const answer of answers) if (answer.status !== 201) expectProblem(answer, 'ENTITLEMENT_REACHED');
    const file = JSON.parse(await readFile(join(gate.folder, 'api-keys.json'), 'utf8'));
    expect(file.keys).toHaveLength(5);
  });
});

describe('A7: requests are limited, of all its callers together', () => {
  test('and the refusal says that it is the whole organization', async () => {
    await using gate = await startGatehouse({}, { files: FILES });
    const other = await makeOrganization(gate, 'Other');
    await limits(gate, 'org_default', { requestsPerHour: 3 });
    const keys = [await makeKey(gate, 'keys', {}), await makeKey(gate, 'service-keys', {})];
    const foreign = await makeKey(gate, 'keys', { organizationId: other });
    const statuses = [];
    for (let round = 0; round < 2; round += 1)
      for (const { token } of keys) statuses.push((await gate.call('/api/workspaces', { key: token })).status);
    expect(statuses).toEqual([200, 200, 200, 429]);
    const refused = await gate.call('/api/workspaces', { key: keys[0]?.token ?? '' });
    expectProblem(refused, 'RATE_LIMITED');
    expect(refused.json.detail).toMatch(/^The limit of the whole organization is 3 requests in 3600 seconds\./);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    expect((await gate.call('/api/workspaces', { key: foreign.token })).status, 'others are not').toBe(200);
    gate.clock.advance(HOUR + SECOND);
    expect((await gate.call('/api/workspaces', { key: keys[0]?.token ?? '' })).status).toBe(200);
    await limits(gate, 'org_default', {});
    for (let round = 0; round < 5; round += 1)
      expect((await gate.call('/api/workspaces', { key: keys[1]?.token ?? '' })).status).toBe(200);
  });
});

describe('R3: what no organization could have', () => {
  test('is refused by name, and changes nothing', async () => {
    await using gate = await startGatehouse({}, { files: {} });
    const none = { keys: null, workspaces: null, members: null, requestsPerHour: null };
    const bad: [string, string, unknown][] = [
      ...[-1, 1.5, '3', true, [], {}, 1e300, Number.MAX_SAFE_INTEGER + 1].map((keys): [string, string, unknown] => [
        'PUT',
        'entitlements',
        { ...none, keys },
      ]),
      ['PUT', 'entitlements', { ...none, requestsPerHour: 0 }],
      ['PUT', 'entitlements', { keys: 1 }],
      ['PUT', 'entitlements', { ...none, seats: 1 }],
      ['PUT', 'entitlements', []],
      ...['', ' ', 'x'.repeat(101), 'a\u0000b', 'a\nb', '\u202etxt', 7, null].map((name): [string, string, unknown] => [
        'PATCH',
        '',
        { name },
      ]),
      ['POST', 'invites', { email: 'a@example.com' }],
      ['POST', 'invites', { email: 'a@example.com', role: 'guest' }],
      ['POST', 'invites', { email: 'a@example.com', role: 'king' }],
      ['POST', 'invites', { email: `${'a'.repeat(300)}@example.com`, role: 'viewer' }],
      ['POST', 'invites', { email: ['a@example.com'], role: 'viewer' }],
      ['PATCH', 'members/usr_0000000000000000000000', { role: 'guest' }],
      ['PATCH', 'members/usr_0000000000000000000000', {}],
    ];
    const before = (await gate.local('/api/organizations/org_default')).text;
    for (const [method, tail, body] of bad) {
      const path = `/api/organizations/org_default${tail === '' ? '' : `/${tail}`}`;
      expectProblem(await gate.local(path, { method, body }), 'BAD_REQUEST');
    }
    expectProblem(await gate.local('/api/organizations', { body: { name: '' } }), 'BAD_REQUEST');
    expect((await gate.local('/api/organizations/org_default')).text).toBe(before);
    expect((await gate.local('/api/organizations/org_default/entitlements')).json.entitlements).toEqual(none);
  });

  test('pages and paths of other forms are refused or found nothing', async () => {
    await using gate = await startGatehouse({}, { files: {} });
    for (const list of ['', '/org_default/members', '/org_default/invites']) {
      for (const query of ['limit=0', 'limit=201', 'limit=x', 'cursor=nothing', 'cursor=__proto__', 'page=2'])
        expectProblem(await gate.local(`/api/organizations${list}?${query}`), 'BAD_REQUEST');
    }
    for (const id of ['%2e%2e', '__proto__', 'org_none', 'org_default%2Fmembers', 'x'.repeat(2000)])
      expectProblem(await gate.local(`/api/organizations/${id}/members`), 'FORBIDDEN');
    expectProblem(
      await gate.local('/api/organizations/org_default/invites/__proto__', { method: 'DELETE' }),
      'NOT_FOUND',
    );
  });
});

describe('R2: while the list of organizations cannot be read', () => {
  test('changes of it answer 503, the gate goes on, and nothing is overwritten', async () => {
    await using gate = await startGatehouse({}, { files: FILES });
    const { token } = await makeKey(gate, 'keys', {});
    const file = join(gate.folder, '.gatehouse', 'organizations.json');
    const whole = await readFile(file, 'utf8');
    await writeFile(file, whole.slice(0, -9));
    expectProblem(await gate.local('/api/organizations', { body: { name: 'x' } }), 'STORE_UNAVAILABLE');
    expectProblem(await limits(gate, 'org_default', { keys: 1 }), 'STORE_UNAVAILABLE');
    expect((await gate.call('/api/workspaces', { key: token })).status).toBe(200);
    expect((await gate.call('/readyz')).status).toBe(503);
    expect(await readFile(file, 'utf8')).toBe(whole.slice(0, -9));
    await writeFile(file, whole);
    expect((await limits(gate, 'org_default', { keys: 1 })).status).toBe(200);
  });
});
