import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type CallOptions, type RunningGatehouse, startGatehouse } from '../support/gatehouse.js';
import { temporaryWorkspaces } from '../support/workspace.js';
import { SAMPLES } from '../vault/samples.js';
import { expectProblem } from './problem.js';

let gate: RunningGatehouse;
beforeAll(async () => {
  gate = await startGatehouse({ API_RATE_LIMIT: 'off' }, { files: { 'one/a.txt': 'a', 'two/b.txt': 'b' } });
});
afterAll(() => gate[Symbol.asyncDispose]());

const at = (path = '', workspace = 'one') => `/api/workspaces/${workspace}/credentials${path}`;
const local = (path: string, options?: CallOptions) => gate.local(path, options);
const add = async (name: string, type = 'stripe', workspace = 'one') => {
  const made = await local(at('', workspace), { body: { name, type, fields: SAMPLES[type] } });
  expect(made.status, made.text).toBe(201);
  return made.json.credential;
};

test('V1: the catalogue is listed, searched, and tells fields, hosts and whether there is a test', async () => {
  const all = await local('/api/credential-types');
  expect(all.json.data).toHaveLength(27);
  const { json } = await local('/api/credential-types?search=github&category=dev');
  expect(json.data).toMatchObject([
    {
      id: 'github',
      hosts: ['{apiHost}'],
      testable: true,
      protocol: 'http',
      direction: 'outbound',
      detect: ['ghp_', 'github_pat_', 'gho_', 'ghu_', 'ghs_'],
    },
  ]);
  expect(json.data[0].fields.find(({ name }: { name: string }) => name === 'apiHost')).toMatchObject({
    decidesHost: true,
    secret: false,
    default: 'api.github.com',
  });
});

test('V2: a credential’s life over the wire: made, shown, replaced, renamed, forgotten; its secret never comes back', async () => {
  const secret = String(SAMPLES['stripe']?.['apiKey']);
  const texts: string[] = [];
  const call = async (path: string, options?: CallOptions) => {
    const answer = await local(path, options);
    texts.push(answer.text);
    return answer;
  };
  const made = await call(at(), { body: { name: 'life', type: 'stripe', fields: { apiKey: secret } } });
  expect(made.status).toBe(201);
  expect(made.headers.get('cache-control')).toBe('no-store');
  const { id } = made.json.credential;
  expect((await call(at('/life'))).json.credential.id).toBe(id);
  expect((await call(at(`/${id}`))).json).toMatchObject({ credential: { name: 'life' }, usedBy: [] });
  const replaced = await call(at(`/${id}`), { method: 'PUT', body: { fields: { apiKey: 'sk_test_0123456789ab' } } });
  expect(replaced.status).toBe(200);
  expect(
    (await call(at(`/${id}`), { method: 'PATCH', body: { name: 'renamed', note: 'n' } })).json.credential,
  ).toMatchObject({
    name: 'renamed',
    note: 'n',
  });
  expectProblem(await call(at('/life')), 'NOT_FOUND');
  expect((await call(at('/renamed'), { method: 'DELETE' })).status).toBe(200);
  expectProblem(await call(at(`/${id}`)), 'NOT_FOUND');
  expect(texts.join('')).not.toMatch(/rk_test_51|sk_test_0123/);
});

test('K11, V4: a key gets credentials by id, workspace/name or bare name, and only those its maker may see', async () => {
  const main = await add('main');
  const other = await add('main', 'github', 'two');
  const bound = async (credentialIds: string[], workspaceIds?: string[]) =>
    local('/api/keys', { body: { name: 'k', credentialIds, ...(workspaceIds === undefined ? {} : { workspaceIds }) } });
  expect((await bound(['main'], ['one'])).json.key.credentialIds).toEqual([main.id]);
  expect((await bound(['two/main', main.id])).json.key.credentialIds).toEqual([other.id, main.id]);
  for (const refused of [
    await bound(['main']),
    await bound(['one/nothing']),
    await bound(['cred_0000000000000000000000']),
  ])
    expectProblem(refused, 'BAD_REQUEST');

  const maker = (
    await local('/api/keys', { body: { name: 'm', scopes: ['keys:write', 'secrets:read'], credentialIds: [main.id] } })
  ).json;
  const handOut = (credentialIds: string[]) =>
    gate.call('/api/keys', { key: maker.token, body: { name: 'x', scopes: [], credentialIds } });
  expect((await handOut([main.id])).status).toBe(201);
  const foreign = await handOut([other.id]);
  expectProblem(foreign, 'BAD_REQUEST');
  const unknown = await handOut(['cred_0000000000000000000000']);
  expect(foreign.json.detail.replace(other.id, 'X')).toBe(
    unknown.json.detail.replace('cred_0000000000000000000000', 'X'),
  );

  const seen = await gate.call(at(), { key: maker.token });
  expect(seen.json.data.map((view: { id: string }) => view.id)).toEqual([main.id]);
  expectProblem(await gate.call(at('/main', 'two'), { key: maker.token }), 'NOT_FOUND');
  expect((await local(at('/main'))).json.usedBy.length).toBeGreaterThan(2);
  const refusal = await local(at('/main'), { method: 'DELETE' });
  expectProblem(refusal, 'CONFLICT');
  expect(refusal.json.detail).toMatch(/key k \(key_/);
  expect((await local(at('/main?force=true'), { method: 'DELETE' })).status).toBe(200);
});

describe('bad input', () => {
  const fields = { apiKey: 'sk_test_0123456789ab' };
  test.each<[string, unknown]>([
    ['a name in capitals', { name: 'Stripe', type: 'stripe', fields }],
    ['a name with --', { name: 'a--b', type: 'stripe', fields }],
    ['a name that looks like an id', { name: 'cred_0000000000000000000000', type: 'stripe', fields }],
    ['a name of 64', { name: 'a'.repeat(64), type: 'stripe', fields }],
    ['no name', { type: 'stripe', fields }],
    ['no fields', { name: 'a', type: 'stripe' }],
    ['fields as a list', { name: 'a', type: 'stripe', fields: ['apiKey'] }],
    ['fields as text', { name: 'a', type: 'stripe', fields: 'apiKey' }],
    ['an unknown field beside them', { name: 'a', type: 'stripe', fields, secret: 'x' }],
    ['a type that is none', { name: 'a', type: '__proto__', fields }],
    ['a type of another kind', { name: 'a', type: 7, fields }],
    ['a field __proto__', '{"name":"a","type":"stripe","fields":{"__proto__":{"apiKey":"x"}}}'],
    ['a field constructor', { name: 'a', type: 'stripe', fields: { ...fields, constructor: 'x' } }],
    ['CRLF in a secret', { name: 'a', type: 'stripe', fields: { apiKey: 'sk_test_1\r\nX-Evil: 1' } }],
    ['CRLF in a host', { name: 'a', type: 'github', fields: { accessToken: 'ghp_x', apiHost: 'a\r\nb' } }],
    ['userinfo in a URL', { name: 'a', type: 'openai', fields: { ...fields, baseUrl: 'https://u:p@api.openai.com' } }],
    ['a javascript URL', { name: 'a', type: 'openai', fields: { ...fields, baseUrl: 'javascript:alert(1)' } }],
    ['an optional host of somebody else', { name: 'a', type: 'stripe', fields, optionalHosts: ['evil.example'] }],
    ['a note with a line break', { name: 'a', type: 'stripe', fields, note: 'a\nb' }],
    ['broken JSON', '{"name":"a"'],
    ['nothing', ''],
  ])('R3: %s is a 400 that names the field', async (_name, body) => {
    const answer = await local(at(), { method: 'POST', body });
    expectProblem(answer, 'BAD_REQUEST');
    expect(answer.text).not.toContain('sk_test_0123456789ab');
    expect(answer.text).not.toContain('X-Evil');
  });

  test('R3: fields of 200 KB are refused, a body beyond the limit is 413', async () => {
    const huge = await local(at(), { body: { name: 'a', type: 'stripe', fields: { apiKey: 'k'.repeat(200_000) } } });
    expectProblem(huge, 'BAD_REQUEST');
    expect(huge.text.length).toBeLessThan(500);
    const beyond = await local(at(), { body: { name: 'a', type: 'stripe', fields: { apiKey: 'k'.repeat(300_000) } } });
    expectProblem(beyond, 'PAYLOAD_TOO_LARGE');
    const many = Object.fromEntries(Array.from({ length: 5000 }, (_, index) => [`f${index}`, 'x']));
    const wide = await local(at(), { body: { name: 'a', type: 'stripe', fields: many } });
    expectProblem(wide, 'BAD_REQUEST');
    expect(wide.text.length).toBeLessThan(2000);
  });

  test.each(['%2e%2e', '..', 'a%2fb', '%00', 'cred_', '__proto__', 'a'.repeat(5000), '%F0%9F%94%91'])(
    'R3: a credential called %s is not found, whatever is asked of it',
    async (name) => {
      for (const options of [
        {},
        { method: 'DELETE' },
        { method: 'PATCH', body: { note: 'x' } },
        { method: 'PUT', body: { fields: {} } },
      ]) {
        const { status } = await local(at(`/${name}`), options);
        expect([400, 404, 405]).toContain(status);
      }
    },
  );

  test('R3: secrets and variables take names and hosts of their form only', async () => {
    const put = (path: string, body: unknown) => local(`/api/workspaces/one/${path}`, { method: 'PUT', body });
    for (const name of ['lower', '1A', 'A'.repeat(65), '%20A', 'A-B']) {
      expectProblem(await put(`secrets/${name}`, { value: 'v', hosts: [] }), 'BAD_REQUEST');
      expectProblem(await put(`variables/${name}`, { value: 'v' }), 'BAD_REQUEST');
    }
    for (const body of [
      { value: '', hosts: [] },
      { value: 'v' },
      { value: 'v', hosts: ['*'] },
      { value: 'v', hosts: ['https://a.example'] },
      { value: 'v', hosts: ['a.example/x'] },
      { value: 'v', hosts: ['user@a.example'] },
      { value: 'v'.repeat(20_000), hosts: [] },
      { value: 7, hosts: [] },
      { value: 'v', hosts: [], value2: 'x' },
    ])
      expectProblem(await put('secrets/NAME', body), 'BAD_REQUEST');
    expectProblem(await local('/api/workspaces/one/secrets/NAME'), 'NOT_FOUND');
    expectProblem(await local('/api/workspaces/nowhere/secrets'), 'NOT_FOUND');
  });
});

test('V3: with another key the gate goes on, lists stay readable, and everything says which key is wanted', async () => {
  await using folder = await temporaryWorkspaces({ 'one/a.txt': 'a' });
  const settings = (digit: string) => ({ MASTER_KEY: digit.repeat(64), API_RATE_LIMIT: 'off' });
  let wanted = '';
  {
    await using before = await startGatehouse(settings('a'), { folder: folder.path });
    const body = { name: 'kept', type: 'stripe', fields: SAMPLES['stripe'] };
    expect((await before.local(at(), { body })).status).toBe(201);
    wanted = (await before.local('/api/settings/secret-keys')).json.instance.fingerprint;
  }
  await using after = await startGatehouse(settings('b'), { folder: folder.path });
  expect((await after.call('/readyz')).json.status).toBe('degraded');
  const { token } = await after.createKey();
  expect((await after.call('/api/auth/whoami', { key: token })).status).toBe(200);
  const list = await after.local(at());
  expect(list.json.data).toMatchObject([{ name: 'kept', state: 'locked', wants: wanted }]);
  expect((await after.local('/api/settings/secret-keys')).json).toMatchObject({
    instance: { fingerprint: null, locked: { wanted } },
    wanted: [{ fingerprint: wanted, workspaceId: 'one', credentials: [list.json.data[0].id] }],
  });
  for (const [path, options] of [
    [at('/kept/test'), { method: 'POST' }],
    [at(), { body: { name: 'new', type: 'stripe', fields: SAMPLES['stripe'] } }],
    ['/api/workspaces/one/secrets/A', { method: 'PUT', body: { value: 'v', hosts: [] } }],
    ['/api/settings/secret-keys/rotate', { body: {} }],
  ] as const) {
    const refusal = await after.local(path, options);
    expectProblem(refusal, 'VAULT_LOCKED');
    expect(refusal.json.detail).toContain(wanted);
  }
  expect((await after.local('/api/workspaces/one/variables/A', { method: 'PUT', body: { value: 'v' } })).status).toBe(
    200,
  );
});

test('V3: after a lost key is given up the house works again: tokens are signed, credentials are kept', async () => {
  await using folder = await temporaryWorkspaces({ 'one/a.txt': 'a' });
  const settings = (digit: string) => ({ MASTER_KEY: digit.repeat(64), API_RATE_LIMIT: 'off' });
  const trade = async (on: RunningGatehouse) =>
    on.call('/api/auth/token', { key: (await on.createKey()).token, body: {} });
  {
    await using before = await startGatehouse(settings('a'), { folder: folder.path });
    expect((await trade(before)).status).toBe(200);
  }
  {
    await using locked = await startGatehouse(settings('b'), { folder: folder.path });
    const { wanted } = (await locked.local('/api/settings/secret-keys')).json.instance.locked;
    const given = await locked.local('/api/settings/secret-keys/start-over', { body: { wanted } });
    expect(given.json.state).toBe('restart');
  }
  await using after = await startGatehouse(settings('b'), { folder: folder.path });
  expect((await after.call('/readyz')).json.status).toBe('ok');
  expect((await trade(after)).status).toBe(200);
  const body = { name: 'fresh', type: 'stripe', fields: SAMPLES['stripe'] };
  expect((await after.local(at(), { body })).status).toBe(201);
});
