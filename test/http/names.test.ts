import { afterAll, beforeAll, expect, test } from 'vitest';
import { MAX_NAMES } from '../../src/contract/names.js';
import type { OrganizationView } from '../../src/contract/organizations.js';
import { type CallOptions, type RunningGatehouse, startGatehouse } from '../support/gatehouse.js';
import { createUser, signIn } from '../support/people.js';
import { expectProblem } from './problem.js';

let gate: RunningGatehouse;
let elsewhere: string;
/** One of each kind, in `org_default` unless it says otherwise. */
let ids: Record<
  'api' | 'foreign' | 'service' | 'mcp' | 'person' | 'nameless' | 'stranger' | 'credential' | 'prompt',
  string
>;

const CREDENTIALS = '/api/workspaces/example/credentials';

beforeAll(async () => {
  gate = await startGatehouse({ API_RATE_LIMIT: 'off' });
  const made: { organization: OrganizationView } = (
    await gate.local('/api/organizations', { body: { name: 'Elsewhere' } })
  ).json;
  elsewhere = made.organization.id;
  const key = async (fields: object, path = '/api/keys') =>
    (await gate.local(path, { body: { scopes: [], ...fields } })).json.key.id as string;
  const stripe = { name: 'payments', type: 'stripe', fields: { apiKey: 'rk_test_51Nabcdefghijklmnopqrstuvwx' } };
  ids = {
    api: await key({ name: 'Mobile app' }),
    foreign: await key({ name: 'Their app', organizationId: elsewhere }),
    service: await key({ name: 'Nightly sync' }, '/api/service-keys'),
    mcp: await key({ name: 'Editor' }, '/api/mcp-tokens'),
    person: await createUser(gate, 'grace@example.com', { name: 'Grace', role: 'viewer' }),
    nameless: await createUser(gate, 'alan@example.com', { role: 'admin' }),
    stranger: await createUser(gate, 'eve@example.com', { name: 'Eve', organizationId: elsewhere, role: 'owner' }),
    prompt: (await gate.local('/api/prompts', { body: { name: 'reviewer', text: 'Review it.' } })).json.prompt.id,
    credential: (await gate.local(CREDENTIALS, { body: stripe })).json.credential.id,
  };
});
afterAll(() => gate[Symbol.asyncDispose]());

async function namesFor(options: CallOptions, more = ''): Promise<Record<string, string>> {
  const all = [
    ...Object.values(ids),
    'org_default',
    elsewhere,
    'key_gone',
    'usr_gone',
    'cred_gone',
    'local',
    '__proto__',
  ];
  const path = `/api/names?ids=${all.join(',')}${more}`;
  const answer =
    options.key === undefined && options.headers === undefined ? gate.local(path) : gate.call(path, options);
  const { status, json } = await answer;
  expect(status).toBe(200);
  return json.names;
}

test('operators are told all there is, under the names it has now, and nothing of what is gone', async () => {
  expect(await namesFor({})).toEqual({
    [ids.api]: 'Mobile app',
    [ids.foreign]: 'Their app',
    [ids.service]: 'Nightly sync',
    [ids.mcp]: 'Editor',
    [ids.person]: 'Grace',
    [ids.nameless]: 'alan@example.com',
    [ids.stranger]: 'Eve',
    [ids.credential]: 'payments',
    [ids.prompt]: 'reviewer',
    org_default: 'Default',
    [elsewhere]: 'Elsewhere',
  });
  await gate.local(`/api/keys/${ids.api}`, { method: 'PATCH', body: { name: 'Phone app' } });
  expect((await namesFor({}))[ids.api]).toBe('Phone app');
  await gate.local(`/api/keys/${ids.api}`, { method: 'PATCH', body: { name: 'Mobile app' } });
});

test('A7: members are told of their own organization what its lists would tell them, and of another nothing', async () => {
  const admin = await signIn(gate, 'alan@example.com');
  expect(await namesFor({ headers: admin.headers })).toEqual({
    [ids.api]: 'Mobile app',
    [ids.service]: 'Nightly sync',
    [ids.mcp]: 'Editor',
    [ids.person]: 'Grace',
    [ids.nameless]: 'alan@example.com',
    [ids.credential]: 'payments',
    [ids.prompt]: 'reviewer',
    org_default: 'Default',
  });
  const stranger = await signIn(gate, 'eve@example.com');
  expect(await namesFor({ headers: stranger.headers })).toEqual({
    [ids.foreign]: 'Their app',
    [ids.stranger]: 'Eve',
    [elsewhere]: 'Elsewhere',
  });
  expectProblem(
    await gate.call(`/api/names?ids=${ids.api}&organizationId=${elsewhere}`, { headers: admin.headers }),
    'FORBIDDEN',
  );
});

test('K4: a key is told what its scopes and its bounds could read; itself always', async () => {
  const narrow = await gate.createKey({ name: 'narrow', scopes: ['ask:run'] });
  expect(await namesFor({ key: narrow.token })).toEqual({ org_default: 'Default' });
  const own = await gate.call(`/api/names?ids=${narrow.key.id}`, { key: narrow.token });
  expect(own.json).toEqual({ names: { [narrow.key.id]: 'narrow' } });

  const reader = await gate.createKey({ name: 'reader', scopes: ['keys:read', 'members:read', 'secrets:read'] });
  // Service keys and MCP tokens are not API keys' to list, and no credential was given to it.
  expect(await namesFor({ key: reader.token })).toEqual({
    [ids.api]: 'Mobile app',
    [ids.person]: 'Grace',
    [ids.nameless]: 'alan@example.com',
    org_default: 'Default',
  });
  const user = await gate.createKey({ scopes: ['secrets:read'], credentialIds: [ids.credential] });
  expect(await namesFor({ key: user.token })).toEqual({ [ids.credential]: 'payments', org_default: 'Default' });
  const elsewhereBound = await gate.createKey({ scopes: ['keys:read'], workspaceIds: ['example'] });
  // Keys that reach more than it does are none of its business.
  expect(await namesFor({ key: elsewhereBound.token })).toEqual({ org_default: 'Default' });
});

test('bad input names the field, and nothing is told', async () => {
  for (const query of ['', '?ids=', '?ids=,,,', `?ids=${'x'.repeat(101)}`, '?ids=a&ids=b', '?ids=a&other=1'])
    expectProblem(await gate.local(`/api/names${query}`), 'BAD_REQUEST', /ids|other/);
  const many = Array.from({ length: MAX_NAMES + 1 }, (_, at) => `key_${at}`).join(',');
  expectProblem(await gate.local(`/api/names?ids=${many}`), 'BAD_REQUEST', /ids/);
  expectProblem(await gate.call(`/api/names?ids=${ids.api}`), 'UNAUTHORIZED');
});
