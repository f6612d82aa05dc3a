import { describe, expect, test } from 'vitest';
import type { CreateCredential } from '../../src/contract/credentials.js';
import { openTestVault, refusalOf, type TestVault } from './kit.js';
import { SAMPLES } from './samples.js';

const KEY = String(SAMPLES['stripe']?.['apiKey']);
const PAGE = { limit: 50 };

const ask = (over: Partial<CreateCredential> = {}): CreateCredential => ({
  name: 'stripe',
  type: 'stripe',
  fields: { apiKey: KEY },
  ...over,
});

describe('keeping', () => {
  test('V2: what is answered and what is on disk hold everything but the secrets', async () => {
    const kit = await openTestVault();
    const { credential, warnings } = await kit.vault.credentials.create(
      kit.by(),
      'one',
      ask({
        fields: { apiKey: KEY, account: 'acct_12345678' },
        note: 'for billing',
        optionalHosts: ['files.stripe.com'],
      }),
    );
    expect(warnings).toEqual([]);
    expect(credential).toMatchObject({
      name: 'stripe',
      workspaceId: 'one',
      organizationId: 'org_default',
      fields: { account: 'acct_12345678' },
      secretFields: ['apiKey'],
      hosts: ['api.stripe.com', 'files.stripe.com'],
      state: 'ready',
      lastTest: null,
      lastUsedAt: null,
    });
    expect(kit.vault.credentials.show(kit.by().bounds, 'one', 'stripe').credential).toEqual(credential);
    expect(kit.vault.credentials.show(kit.by().bounds, 'one', credential.id).credential).toEqual(credential);
    const files = (await kit.read('credentials.json')) + (await kit.read('workspace-keys.json'));
    expect(files + kit.logs() + JSON.stringify(kit.lines)).not.toContain(KEY);
    expect(files).not.toContain(Buffer.from(KEY).toString('base64').slice(4, 20));
  });

  test('V2: each workspace has a key of its own, and the fingerprint stands beside every token', async () => {
    const kit = await openTestVault();
    const first = await kit.add('stripe', 'a');
    const second = await kit.add('github', 'b');
    const other = await kit.add('stripe', 'a', { workspaceId: 'two' });
    expect(second.keyId).toBe(first.keyId);
    expect(other.keyId).not.toBe(first.keyId);
    expect(first.keyId).toMatch(/^[0-9a-f]{16}$/);
  });

  test('a name is unique in its workspace and nowhere else, and is no id', async () => {
    const kit = await openTestVault();
    await kit.add('stripe', 'main');
    expect(await refusalOf(() => kit.add('github', 'main'))).toMatch(/^CONFLICT: name: main is taken/);
    await kit.add('github', 'main', { workspaceId: 'two' });
    const both = await Promise.allSettled([kit.add('stripe', 'twin'), kit.add('stripe', 'twin')]);
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    await kit.add('slack', 'spare');
    expect(await refusalOf(() => kit.vault.credentials.update(kit.by(), 'one', 'spare', { name: 'main' }))).toMatch(
      /^CONFLICT/,
    );
    const renamed = await kit.vault.credentials.update(kit.by(), 'one', 'spare', { name: 'slack', note: 'n' });
    expect(renamed).toMatchObject({ name: 'slack', note: 'n', state: 'ready' });
    expect(await opens(kit, renamed.id)).toBe(true);
  });

  test('the list goes by name, in pages, by type and by health', async () => {
    const kit = await openTestVault();
    for (const name of ['c', 'a', 'b']) await kit.add('stripe', name);
    await kit.add('github', 'd');
    const list = (query = {}) => kit.vault.credentials.list(kit.by().bounds, 'one', { ...PAGE, ...query });
    expect(list().data.map(({ name }) => name)).toEqual(['a', 'b', 'c', 'd']);
    const first = list({ limit: 3 });
    expect(list({ limit: 3, cursor: first.nextCursor }).data.map(({ name }) => name)).toEqual(['d']);
    expect(list({ type: 'github' }).data).toHaveLength(1);
    expect(list({ health: 'untested' }).data).toHaveLength(4);
    expect(list({ health: 'invalid' }).data).toEqual([]);
  });

  test('V1: an unknown type, a foreign field and a host that the type does not offer are refused', async () => {
    const kit = await openTestVault();
    const create = (over: Partial<CreateCredential>) =>
      refusalOf(() => kit.vault.credentials.create(kit.by(), 'one', ask(over)));
    expect(await create({ type: 'nothing' })).toMatch(/^BAD_REQUEST: type: there is no such type/);
    expect(await create({ fields: { apiKey: KEY, host: 'x' } })).toMatch(/fields.host: Stripe has no such field/);
    expect(await create({ optionalHosts: ['evil.example'] })).toMatch(/optionalHosts: Stripe offers files.stripe.com/);
    expect(kit.lines.filter(({ action }) => action.startsWith('credential'))).toEqual([]);
  });

  test('deleting is refused while a key names it, unless forced, and the refusal names the key', async () => {
    const kit = await openTestVault();
    const { id } = await kit.add('stripe', 'main');
    kit.users.set(id, [{ kind: 'key', id: 'key_1', name: 'agent' }]);
    expect(kit.vault.credentials.show(kit.by().bounds, 'one', id).usedBy).toEqual(kit.users.get(id));
    const remove = (force: boolean) => kit.vault.credentials.remove(kit.by(), 'one', 'main', force);
    expect(await refusalOf(() => remove(false))).toMatch(/^CONFLICT: It is used by key agent \(key_1\)/);
    expect((await remove(true)).id).toBe(id);
    expect(await refusalOf(() => remove(true))).toMatch(/^NOT_FOUND/);
  });
});

describe('replacing', () => {
  test('V2: every secret is asked anew; null takes an optional one away', async () => {
    const kit = await openTestVault();
    const { id } = await kit.add('slack', 'slack', { fields: { signingSecret: 'a'.repeat(32) } });
    const replace = (fields: Record<string, unknown>) => kit.vault.credentials.replace(kit.by(), 'one', id, { fields });
    const accessToken = 'xoxb-9876543210-fedcba';
    expect(await refusalOf(() => replace({}))).toMatch(/fields.accessToken: is missing/);
    expect(await refusalOf(() => replace({ accessToken }))).toMatch(/fields.signingSecret: set now, and not given/);
    const { credential } = await replace({ accessToken, signingSecret: null });
    expect(credential.secretFields).toEqual(['accessToken']);
    const opened = await kit.vault.source.open(kit.by(), id, { purpose: 'proxy', host: 'slack.com' });
    expect(opened.secrets).toEqual([accessToken]);
  });

  test('V2: a host field cannot be changed with the secret kept', async () => {
    const kit = await openTestVault();
    const { id } = await kit.add('openai', 'llm');
    const replace = (fields: Record<string, unknown>) =>
      refusalOf(() => kit.vault.credentials.replace(kit.by(), 'one', id, { fields }));
    expect(await replace({ baseUrl: 'https://evil.example/v1' })).toMatch(/^BAD_REQUEST: fields.apiKey: is missing/);
    expect(kit.vault.credentials.show(kit.by().bounds, 'one', id).credential.hosts).toEqual(['api.openai.com']);
    const { credential } = await kit.vault.credentials.replace(kit.by(), 'one', id, {
      fields: { apiKey: 'another', baseUrl: 'https://llm.example/v1' },
    });
    expect(credential.hosts).toEqual(['llm.example']);
    expect(credential.lastTest).toBeNull();
  });

  test('a choice that takes a field off the form takes its secret with it', async () => {
    const kit = await openTestVault();
    const { id } = await kit.add('twilio', 'sms');
    const { credential } = await kit.vault.credentials.replace(kit.by(), 'one', id, {
      fields: { accountSid: `AC${'0'.repeat(32)}`, authType: 'authToken', authToken: 'f'.repeat(32) },
    });
    expect(credential.secretFields).toEqual(['authToken']);
  });
});

describe('opening', () => {
  test('V4: the audit line is on disk before anything opens: who, which, for what, to which host', async () => {
    const kit = await openTestVault();
    const { id } = await kit.add('stripe', 'main');
    const by = kit.by({ id: 'key_7' });
    const opened = await kit.vault.source.open(by, id, { purpose: 'proxy', host: 'api.stripe.com' });
    expect(opened).toMatchObject({ id, name: 'main', baseUrl: 'https://api.stripe.com', hosts: ['api.stripe.com'] });
    expect((await opened.auth()).headers).toEqual([['Authorization', `Bearer ${KEY}`]]);
    expect(kit.lines.at(-1)).toEqual({
      action: 'credential.open',
      actor: 'key_7',
      target: id,
      address: '192.0.2.7',
      requestId: 'req_test',
      detail: { workspaceId: 'one', name: 'main', type: 'stripe', purpose: 'proxy', host: 'api.stripe.com' },
    });
    expect(kit.vault.credentials.show(kit.by().bounds, 'one', id).credential.lastUsedAt).not.toBeNull();
  });

  test('V4: when the line cannot be written nothing is opened', async () => {
    const kit = await openTestVault();
    const { id } = await kit.add('stripe', 'main');
    await kit.vault.secrets.set(kit.by(), 'one', 'KEY', { value: 'v', hosts: [] });
    kit.silenced = true;
    expect(await refusalOf(() => opens(kit, id))).toMatch(/^AUDIT_UNAVAILABLE/);
    const open = () => kit.vault.secrets.open(kit.by(), 'one', 'KEY', { purpose: 'endpoint', host: null });
    expect(await refusalOf(open)).toMatch(/^AUDIT_UNAVAILABLE/);
    kit.silenced = false;
    expect(kit.vault.credentials.show(kit.by().bounds, 'one', id).credential.lastUsedAt).toBeNull();
  });

  test('V2: a credential that is turned to another host while its opening is audited does not go to the old one', async () => {
    const kit = await openTestVault();
    const { id } = await kit.add('openai', 'llm');
    const opening = kit.vault.source.open(kit.by(), id, { purpose: 'proxy', host: 'api.openai.com' });
    const replacing = kit.vault.credentials.replace(kit.by(), 'one', id, {
      fields: { apiKey: 'of-the-other-host', baseUrl: 'https://llm.example' },
    });
    const [opened] = await Promise.allSettled([opening, replacing]);
    if (opened.status === 'fulfilled') expect(opened.value.secrets).not.toContain('of-the-other-host');
    else expect(String(opened.reason)).toMatch(/FORBIDDEN/);
  });

  test('V6: a host that is not the credential’s is refused, and no line says it was opened', async () => {
    const kit = await openTestVault();
    const { id } = await kit.add('google_sheets', 'sheets');
    const before = kit.lines.length;
    for (const host of ['evil.example', 'sheets.googleapis.com:8443', 'oauth2.googleapis.com', ''])
      expect(await refusalOf(() => kit.vault.source.open(kit.by(), id, { purpose: 'proxy', host })), host).toMatch(
        /^FORBIDDEN: The credential sheets may not be sent to/,
      );
    expect(kit.lines).toHaveLength(before);
  });

  test('K11: a caller without this credential, or without its workspace, meets an unknown one', async () => {
    const kit = await openTestVault();
    const mine = await kit.add('stripe', 'mine');
    const other = await kit.add('stripe', 'other', { workspaceId: 'two' });
    const open = (principal: Parameters<TestVault['by']>[0], id: string) =>
      refusalOf(() => kit.vault.source.open(kit.by(principal), id, { purpose: 'proxy', host: 'api.stripe.com' }));
    const unknown = await open({}, 'cred_0000000000000000000000');
    expect(unknown).toMatch(/^NOT_FOUND/);
    expect(await open({ credentialIds: [] }, mine.id)).toBe(unknown);
    expect(await open({ credentialIds: [other.id] }, mine.id)).toBe(unknown);
    expect(await open({ workspaceIds: ['one'], credentialIds: [other.id] }, other.id)).toBe(unknown);
    expect(await open({ organizationId: 'org_other' }, mine.id)).toBe(unknown);
    expect(await open({ workspaceIds: ['one'], credentialIds: [mine.id] }, mine.id)).toBe('nothing was refused');
    const seen = kit.vault.credentials.list(kit.by({ credentialIds: [] }).bounds, 'one', PAGE);
    expect(seen.data).toEqual([]);
    const show = (principal: object) =>
      refusalOf(() => kit.vault.credentials.show(kit.by(principal).bounds, 'one', mine.id));
    expect(await show({ credentialIds: [] })).toBe(
      (await refusalOf(() => kit.vault.credentials.show(kit.by().bounds, 'one', 'nothing'))) as string,
    );
    expect(await refusalOf(() => kit.vault.credentials.show(kit.by().bounds, 'two', mine.id))).toMatch(/^NOT_FOUND/);
  });

  test('names become ids: id, workspace/name, and a bare name where there is one workspace', async () => {
    const kit = await openTestVault();
    const { id } = await kit.add('stripe', 'main');
    for (const [name, workspaceIds, expected] of [
      [id, null, id],
      ['one/main', null, id],
      ['main', ['one'], id],
      ['main', ['one', 'two'], null],
      ['main', null, null],
      ['two/main', null, null],
      ['one/', null, null],
      ['__proto__', ['one'], null],
    ] as const)
      expect(kit.vault.resolve(name, workspaceIds), name).toBe(expected);
  });
});

describe('hands on the files', () => {
  const MOVES: readonly [string, (lines: Line[]) => void][] = [
    ['its token moved to another record', ([a, b]) => void Object.assign(a as Line, { sealed: (b as Line)['sealed'] })],
    ['another host', ([a]) => void Object.assign(a as Line, { fields: { baseUrl: 'https://evil.example' } })],
    ['another type', ([a]) => void Object.assign(a as Line, { type: 'anthropic' })],
    ['another id', ([a]) => void Object.assign(a as Line, { id: 'cred_0000000000000000000000' })],
    ['another workspace', ([a]) => void Object.assign(a as Line, { workspaceId: 'two' })],
    ['an optional host turned on', ([a]) => void Object.assign(a as Line, { optionalHosts: ['files.stripe.com'] })],
    ['a secret field renamed', ([a]) => void Object.assign(a as Line, { secretFields: ['token'] })],
    ['a truncated token', ([a]) => changeToken(a as Line, (token) => token.slice(0, -8))],
    [
      'a flipped bit',
      ([a]) => changeToken(a as Line, (token) => `${token.slice(0, 40)}${flip(token[40])}${token.slice(41)}`),
    ],
    ['an empty token', ([a]) => changeToken(a as Line, () => '')],
  ];

  test.each(MOVES)('V2: a record with %s does not open, and nothing leaks of it', async (_name, move) => {
    const kit = await openTestVault();
    const { id } = await kit.add('openai', 'one');
    await kit.add('openai', 'other', { fields: { apiKey: 'sk-of-the-other' } });
    const path = kit.folder.path;
    await kit.close();
    await kit.edit('credentials.json', (text) => {
      const document = JSON.parse(text) as { credentials: Line[] };
      move(document.credentials);
      return JSON.stringify(document);
    });
    const again = await openTestVault({ path, clock: kit.clock });
    const moved = again.vault.workspaceOf(id) === null ? 'cred_0000000000000000000000' : id;
    const refusal = await refusalOf(() => again.vault.source.open(again.by(), moved, { purpose: 'proxy', host: null }));
    expect(refusal).toMatch(/^(CREDENTIAL_UNREADABLE|VAULT_LOCKED)/);
    expect(refusal + again.logs()).not.toMatch(/sk-proj|sk-of-the-other/);
    const { data } = again.vault.credentials.list(again.by().bounds, 'one', PAGE);
    const intact = data.find(({ name }) => name === 'other');
    expect(await opens(again, intact?.id ?? '')).toBe(true);
  });

  test('V3: one bad record among a hundred: the list stays readable and the others stay usable', async () => {
    const kit = await openTestVault();
    for (let index = 0; index < 100; index += 1) await kit.add('stripe', `c${index}`);
    const path = kit.folder.path;
    await kit.close();
    await kit.edit('credentials.json', (text) => {
      const document = JSON.parse(text) as { credentials: Line[] };
      (document.credentials[7] as Line)['fields'] = 'not an object';
      changeToken(document.credentials[8] as Line, () => 'gAAAA');
      (document.credentials[9] as Line)['sealed'] = { keyId: '0123456789abcdef', token: 'x' };
      delete (document.credentials[10] as Line)['name'];
      return JSON.stringify(document);
    });
    const again = await openTestVault({ path, clock: kit.clock });
    const { data } = again.vault.credentials.list(again.by().bounds, 'one', { limit: 200 });
    expect(data).toHaveLength(100);
    const states = (state: string) => data.filter((view) => view.state === state);
    expect(states('damaged')).toHaveLength(2);
    expect(states('key_missing')).toMatchObject([{ name: 'c9', wants: '0123456789abcdef' }]);
    for (const { id, name, state } of states('ready'))
      expect(name === 'c8' || (await opens(again, id)), `${name} ${state}`).toBe(true);
    const [damaged] = states('damaged');
    await again.vault.credentials.remove(again.by(), 'one', damaged?.id ?? '', false);
    // What was not touched keeps its line, the damaged ones too.
    await again.vault.credentials.update(again.by(), 'one', 'c1', { note: 'changed' });
    expect(JSON.parse(await again.read('credentials.json')).credentials).toHaveLength(99);
    const replaced = await again.vault.credentials.replace(again.by(), 'one', 'c8', { fields: { apiKey: KEY } });
    expect(await opens(again, replaced.credential.id)).toBe(true);
  });

  test('a type that is gone from the catalogue is shown as damaged and not opened', async () => {
    const kit = await openTestVault();
    const { id } = await kit.add('stripe', 'main');
    const path = kit.folder.path;
    await kit.close();
    await kit.edit('credentials.json', (text) => text.replace('"type":"stripe"', '"type":"gone"'));
    const again = await openTestVault({ path });
    expect(again.vault.credentials.show(again.by().bounds, 'one', id).credential).toMatchObject({
      state: 'damaged',
      hosts: [],
    });
    expect(await refusalOf(() => opens(again, id))).toMatch(/^CREDENTIAL_UNREADABLE/);
  });
});

describe('secrets and variables', () => {
  test('V7: a secret is kept by name with the hosts it may be sent to, and goes nowhere else', async () => {
    const kit = await openTestVault();
    const { secrets } = kit.vault;
    const view = await secrets.set(kit.by(), 'one', 'API_KEY', { value: 'secret-value-1', hosts: ['*.example.com'] });
    expect(view).toMatchObject({ name: 'API_KEY', hosts: ['*.example.com'], state: 'ready', lastUsedAt: null });
    const open = (host: string | null) => secrets.open(kit.by(), 'one', 'API_KEY', { purpose: 'endpoint', host });
    expect(await open('api.example.com')).toBe('secret-value-1');
    expect(kit.lines.at(-1)).toMatchObject({
      action: 'secret.open',
      target: 'one/API_KEY',
      detail: { purpose: 'endpoint', host: 'api.example.com' },
    });
    expect(await refusalOf(() => open('example.com'))).toMatch(/^FORBIDDEN/);
    expect(await refusalOf(() => open('api.example.com:8443'))).toMatch(/^FORBIDDEN/);
    expect(secrets.show(kit.by().bounds, 'one', 'API_KEY').lastUsedAt).not.toBeNull();
    expect(secrets.names('one')).toEqual(['API_KEY']);
    expect((await kit.read('secrets.json')) + JSON.stringify(kit.lines) + kit.logs()).not.toContain('secret-value-1');
  });

  test('V7: hosts edited by hand close the secret', async () => {
    const kit = await openTestVault();
    await kit.vault.secrets.set(kit.by(), 'one', 'API_KEY', { value: 'secret-value-1', hosts: ['api.example.com'] });
    const path = kit.folder.path;
    await kit.close();
    await kit.edit('secrets.json', (text) => text.replace('api.example.com', 'evil.example'));
    const again = await openTestVault({ path });
    const open = () =>
      again.vault.secrets.open(again.by(), 'one', 'API_KEY', { purpose: 'endpoint', host: 'evil.example' });
    expect(await refusalOf(open)).toMatch(/^CREDENTIAL_UNREADABLE/);
  });

  test('V7: variables are plain, readable, and apart from secrets', async () => {
    const kit = await openTestVault();
    const { variables, secrets } = kit.vault;
    await variables.set(kit.by(), 'one', 'REGION', 'eu');
    await variables.set(kit.by(), 'one', 'REGION', 'us');
    expect(variables.list(kit.by().bounds, 'one', PAGE).data).toMatchObject([{ name: 'REGION', value: 'us' }]);
    expect(variables.values('one').get('REGION')).toBe('us');
    expect(variables.values('two').size).toBe(0);
    expect(secrets.list(kit.by().bounds, 'one', PAGE).data).toEqual([]);
    for (const name of ['region', 'A-B', '', '__proto__', 'A'.repeat(65)])
      expect(await refusalOf(() => variables.set(kit.by(), 'one', name, 'x')), name).toMatch(/^BAD_REQUEST/);
    await variables.remove(kit.by(), 'one', 'REGION');
    expect(await refusalOf(() => variables.remove(kit.by(), 'one', 'REGION'))).toMatch(/^NOT_FOUND/);
    expect(await refusalOf(() => variables.list(kit.by({ workspaceIds: ['two'] }).bounds, 'one', PAGE))).toMatch(
      /^NOT_FOUND/,
    );
  });
});

type Line = Record<string, unknown>;

async function opens(kit: TestVault, id: string): Promise<boolean> {
  const opened = await kit.vault.source.open(kit.by(), id, { purpose: 'proxy', host: null });
  return opened.secrets.length > 0;
}

function changeToken(line: Line, change: (token: string) => string): void {
  const { keyId, token } = line['sealed'] as { keyId: string; token: string };
  line['sealed'] = { keyId, token: change(token) };
}

function flip(character = 'A'): string {
  return character === 'A' ? 'B' : 'A';
}
