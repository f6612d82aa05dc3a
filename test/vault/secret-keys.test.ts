import { randomBytes } from 'node:crypto';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parseMasterKey } from '../../src/kernel/key-text.js';
import { fingerprintOf } from '../../src/seal/seal.js';
import { openTestVault, refusalOf, type TestVault } from './kit.js';
import { SAMPLES } from './samples.js';

const KEY = String(SAMPLES['stripe']?.['apiKey']);
const masterKeyOf = async (kit: TestVault) =>
  parseMasterKey(await readFile(join(kit.folder.statePath, 'master.key'), 'utf8'));

async function filled(options: Parameters<typeof openTestVault>[0] = {}) {
  const kit = await openTestVault(options);
  const first = await kit.add('stripe', 'first');
  const second = await kit.add('stripe', 'second', { workspaceId: 'two' });
  await kit.vault.secrets.set(kit.by(), 'one', 'API_KEY', { value: 'secret-value-1', hosts: [] });
  return { kit, first, second };
}

/** Opens everything there is. */
async function allOpen(kit: TestVault): Promise<void> {
  for (const workspaceId of ['one', 'two'])
    for (const { id } of kit.vault.credentials.list(kit.by().bounds, workspaceId, { limit: 200 }).data)
      expect((await kit.vault.source.open(kit.by(), id, { purpose: 'proxy', host: null })).secrets).toEqual([KEY]);
  const opening = { purpose: 'endpoint', host: null };
  expect(await kit.vault.secrets.open(kit.by(), 'one', 'API_KEY', opening)).toBe('secret-value-1');
}

describe('the instance key', () => {
  test('V3: rotated: a new master.key, every workspace key wrapped anew, the old one forgotten', async () => {
    const { kit } = await filled();
    const before = await masterKeyOf(kit);
    const tokens = await kit.read('credentials.json');
    const changed = await kit.vault.secretKeys.rotate(kit.by(), {});
    const after = await masterKeyOf(kit);
    expect(changed).toEqual({ state: 'done', fingerprint: fingerprintOf(after), renewed: 2, unreadable: 0 });
    expect(after).not.toEqual(before);
    expect(kit.seal.fingerprint).toBe(fingerprintOf(after));
    expect(kit.keys.old).toEqual([]);
    expect(await kit.read('credentials.json'), 'the tokens themselves stay').toBe(tokens);
    expect(await kit.read('instance.json')).not.toContain('oldKeys');
    await allOpen(kit);
    const path = kit.folder.path;
    await kit.close();
    const again = await openTestVault({ path });
    await allOpen(again);
    await again.close();
    expect((await openTestVault({ path, masterKey: before })).seal.locked?.wanted).toBe(fingerprintOf(after));
  });

  test('V3: rotated to a key that is given; one that is in use is refused', async () => {
    const { kit } = await filled();
    const newKey = randomBytes(32);
    await kit.vault.secretKeys.rotate(kit.by(), { newKey: newKey.toString('hex') });
    expect(await masterKeyOf(kit)).toEqual(newKey);
    await allOpen(kit);
    const again = () => kit.vault.secretKeys.rotate(kit.by(), { newKey: newKey.toString('base64') });
    expect(await refusalOf(again)).toMatch(/^CONFLICT/);
    const bad = () => kit.vault.secretKeys.rotate(kit.by(), { newKey: 'not a key at all' });
    expect(await refusalOf(bad)).toMatch(/^BAD_REQUEST: newKey: must be 32 bytes/);
  });

  test('V3: in MASTER_KEY it is prepared, and counts once a start finds the new one there; until then nothing is lost', async () => {
    const before = randomBytes(32);
    const after = randomBytes(32);
    const { kit } = await filled({ masterKey: before });
    const path = kit.folder.path;
    expect(await refusalOf(() => kit.vault.secretKeys.rotate(kit.by(), {}))).toMatch(
      /^BAD_REQUEST: newKey: is missing/,
    );
    const { state } = await kit.vault.secretKeys.rotate(kit.by(), { newKey: after.toString('base64') });
    expect(state).toBe('staged');
    expect(kit.vault.secretKeys.show().instance).toMatchObject({
      fingerprint: fingerprintOf(before),
      staged: fingerprintOf(after),
      source: 'MASTER_KEY',
    });
    await allOpen(kit);
    await kit.close();

    const undecided = await openTestVault({ path, masterKey: before });
    await allOpen(undecided);
    await undecided.add('stripe', 'third');
    await undecided.close();

    const rotated = await openTestVault({ path, masterKey: after });
    expect(rotated.lines.map(({ action }) => action)).toContain('secret_key.finish');
    expect(rotated.vault.secretKeys.show().instance).toMatchObject({ old: [], staged: null });
    await allOpen(rotated);
    await rotated.close();

    const late = await openTestVault({ path, masterKey: before });
    expect(late.seal.locked).toMatchObject({ wanted: fingerprintOf(after), found: fingerprintOf(before) });
  });

  test.each([1, 2, 3, 4])(
    'V3: a crash after step %i of a rotation leaves everything openable, and is finished',
    async (step) => {
      const { kit } = await filled();
      const path = kit.folder.path;
      const snapshot = async () =>
        new Map(
          await Promise.all(
            ['instance.json', 'master.key', 'workspace-keys.json'].map(
              async (name) => [name, await kit.read(name)] as const,
            ),
          ),
        );
      const before = await snapshot();
      // The steps one by one: the next key is announced, master.key replaced, recorded, the workspace keys wrapped anew.
      const newKey = randomBytes(32);
      const announced = kit.keys.rotate(newKey);
      await announced;
      const recorded = await snapshot();
      await kit.close();
      const instance = JSON.parse(recorded.get('instance.json') ?? '');
      const { oldKeys, ...rest } = instance;
      const old = JSON.parse(before.get('instance.json') ?? '');
      const put = (name: string, text = '') => writeFile(join(kit.folder.statePath, name), text);
      if (step < 3)
        await put('instance.json', JSON.stringify({ ...old, next: { fingerprint: rest.keyFingerprint, oldKeys } }));
      if (step === 1) await put('master.key', before.get('master.key'));
      if (step === 4) {
        // All is wrapped anew, and the old key was not forgotten yet.
        const finished = await openTestVault({ path });
        await finished.close();
        await put('instance.json', recorded.get('instance.json'));
      }
      const again = await openTestVault({ path });
      await allOpen(again);
      expect(again.seal.fingerprint).toBe(step === 1 ? old.keyFingerprint : fingerprintOf(newKey));
      expect(again.keys.old).toEqual([]);
      await again.add('stripe', 'later');
      const { state } = await again.vault.secretKeys.rotate(again.by(), {});
      expect(state).toBe('done');
      await allOpen(again);
      await again.close();
      await allOpen(await openTestVault({ path }));
    },
  );

  test('V3: a rotation whose wrapping failed is finished by a second run, and no new key is made', async () => {
    const { kit } = await filled();
    await kit.keys.rotate(randomBytes(32));
    const { fingerprint } = kit.seal;
    const changed = await kit.vault.secretKeys.rotate(kit.by(), {});
    expect(changed).toEqual({ state: 'finished', fingerprint, renewed: 2, unreadable: 0 });
    expect(kit.lines.at(-1)?.action).toBe('secret_key.finish');
    await allOpen(kit);
  });

  test('V3: wrong key: the vault is locked, says what it wants for which records, lists stay readable, nothing is overwritten', async () => {
    const { kit, first, second } = await filled();
    const path = kit.folder.path;
    const wanted = kit.seal.fingerprint;
    await kit.close();
    const files = ['credentials.json', 'secrets.json', 'workspace-keys.json', 'instance.json'];
    const before = await Promise.all(files.map((name) => kit.read(name)));
    const locked = await openTestVault({ path, masterKey: randomBytes(32) });
    const { credentials, secretKeys, secrets, source } = locked.vault;
    expect(credentials.list(locked.by().bounds, 'one', { limit: 50 }).data).toMatchObject([
      { name: 'first', state: 'locked', wants: wanted, fields: {}, hosts: ['api.stripe.com'] },
    ]);
    expect(secrets.list(locked.by().bounds, 'one', { limit: 50 }).data).toMatchObject([
      { state: 'locked', wants: wanted },
    ]);
    expect(secretKeys.show()).toMatchObject({
      instance: { fingerprint: null, locked: { wanted } },
      wanted: [
        { fingerprint: wanted, level: 'instance', workspaceId: 'one', credentials: [first.id], secrets: ['API_KEY'] },
        { fingerprint: wanted, level: 'instance', workspaceId: 'two', credentials: [second.id], secrets: [] },
      ],
    });
    for (const act of [
      () => source.open(locked.by(), first.id, { purpose: 'proxy', host: null }),
      () => locked.add('stripe', 'new'),
      () => credentials.replace(locked.by(), 'one', 'first', { fields: { apiKey: KEY } }),
      () => secrets.set(locked.by(), 'one', 'B', { value: 'x', hosts: [] }),
      () => secretKeys.rotate(locked.by(), {}),
      () => secretKeys.rotate(locked.by(), { workspaceId: 'one' }),
      () => secretKeys.addOld(locked.by(), { key: randomBytes(32).toString('hex') }),
      () => locked.vault.tester.test(locked.by(), 'one', 'first'),
    ])
      expect(await refusalOf(act)).toMatch(new RegExp(`^VAULT_LOCKED: .*${wanted}`));
    expect(await Promise.all(files.map((name) => kit.read(name)))).toEqual(before);
    // What needs no key goes on.
    await credentials.update(locked.by(), 'one', 'first', { note: 'while locked' });
    await locked.vault.variables.set(locked.by(), 'one', 'A', 'b');
    await locked.close();
    await allOpen(await openTestVault({ path }));
  });

  test('V3: records of a restored backup name the older key they want; given, they are wrapped anew', async () => {
    const { kit } = await filled();
    const path = kit.folder.path;
    const oldKey = await masterKeyOf(kit);
    const backup = await kit.read('workspace-keys.json');
    await kit.vault.secretKeys.rotate(kit.by(), {});
    await kit.close();
    await kit.edit('workspace-keys.json', () => backup);
    const restored = await openTestVault({ path });
    expect(restored.vault.secretKeys.show().wanted).toMatchObject([
      { fingerprint: fingerprintOf(oldKey), level: 'instance', workspaceId: 'one' },
      { fingerprint: fingerprintOf(oldKey), level: 'instance', workspaceId: 'two' },
    ]);
    const wrong = await restored.vault.secretKeys.addOld(restored.by(), { key: randomBytes(32).toString('hex') });
    expect(wrong).toMatchObject({ renewed: 0, unreadable: 2 });
    const right = await restored.vault.secretKeys.addOld(restored.by(), { key: oldKey.toString('hex') });
    expect(right).toEqual({ state: 'done', fingerprint: fingerprintOf(oldKey), renewed: 2, unreadable: 0 });
    expect(restored.vault.secretKeys.show()).toMatchObject({ wanted: [], instance: { old: [] } });
    await allOpen(restored);
  });

  test('V3: a key that is lost for good is given up by name: a new one counts, lists say what to enter again, and the old one still helps if it is found', async () => {
    const { kit } = await filled();
    const path = kit.folder.path;
    const lost = await masterKeyOf(kit);
    const wanted = fingerprintOf(lost);
    const startOver = (on: TestVault, fingerprint: string) =>
      on.vault.secretKeys.startOver(on.by(), { wanted: fingerprint });
    expect(await refusalOf(() => startOver(kit, wanted))).toMatch(/^CONFLICT: The vault is open/);
    await kit.close();
    await writeFile(join(kit.folder.statePath, 'master.key'), `${'c'.repeat(64)}\n`);
    const locked = await openTestVault({ path });
    expect(await refusalOf(() => startOver(locked, 'cccccccccccccccc'))).toMatch(new RegExp(`^CONFLICT: .*${wanted}`));
    const changed = await startOver(locked, wanted);
    expect(changed.state).toBe('restart');
    await locked.close();
    const aside = (await readdir(kit.folder.statePath)).filter((name) => name.endsWith('.aside'));
    expect(aside).toHaveLength(1);
    expect(await kit.read(aside[0] ?? '')).toBe(`${'c'.repeat(64)}\n`);

    const again = await openTestVault({ path });
    expect(again.seal.fingerprint).toBe(changed.fingerprint);
    expect(again.vault.secretKeys.show().wanted.map(({ fingerprint }) => fingerprint)).toEqual([wanted, wanted]);
    await again.vault.credentials.replace(again.by(), 'one', 'first', { fields: { apiKey: KEY } });
    await again.vault.secretKeys.addOld(again.by(), { key: lost.toString('hex') });
    await allOpen(again);
  });

  test('V3: with a MASTER_KEY that is another one, that one counts from the next start on', async () => {
    const { kit } = await filled({ masterKey: randomBytes(32) });
    const path = kit.folder.path;
    const wanted = kit.seal.fingerprint ?? '';
    await kit.close();
    const masterKey = randomBytes(32);
    const locked = await openTestVault({ path, masterKey });
    const changed = await locked.vault.secretKeys.startOver(locked.by(), { wanted });
    expect(changed.fingerprint).toBe(fingerprintOf(masterKey));
    await locked.close();
    expect((await openTestVault({ path, masterKey })).seal.locked).toBeNull();
  });

  test('a workspace whose key is lost gets a new one, and what is entered again opens', async () => {
    const { kit } = await filled();
    const path = kit.folder.path;
    const backup = await kit.read('workspace-keys.json');
    await kit.vault.secretKeys.rotate(kit.by(), {});
    await kit.close();
    await kit.edit('workspace-keys.json', () => backup);
    const again = await openTestVault({ path });
    await again.vault.credentials.replace(again.by(), 'one', 'first', { fields: { apiKey: KEY } });
    const opened = await again.vault.source.open(again.by(), again.vault.source.find('one', 'first') ?? '', {
      purpose: 'proxy',
      host: null,
    });
    expect(opened.secrets).toEqual([KEY]);
    expect(again.vault.secretKeys.show().wanted.map(({ credentials }) => credentials.length)).toEqual([0, 1]);
  });
});

describe('the key of a workspace', () => {
  test('V3: rotated: everything of this workspace is sealed anew, nothing of the others, the old one is forgotten', async () => {
    const { kit, first, second } = await filled();
    const changed = await kit.vault.secretKeys.rotate(kit.by(), { workspaceId: 'one' });
    expect(changed).toMatchObject({ state: 'done', renewed: 2, unreadable: 0 });
    const keyOf = (workspaceId: string, name: string) =>
      kit.vault.credentials.show(kit.by().bounds, workspaceId, name).credential.keyId;
    expect(keyOf('one', 'first')).toBe(changed.fingerprint);
    expect(keyOf('one', 'first')).not.toBe(first.keyId);
    expect(keyOf('two', 'second')).toBe(second.keyId);
    expect(await kit.read('workspace-keys.json')).not.toContain(first.keyId);
    await allOpen(kit);
    const given = () => kit.vault.secretKeys.rotate(kit.by(), { workspaceId: 'one', newKey: 'a'.repeat(64) });
    expect(await refusalOf(given)).toMatch(/^BAD_REQUEST: newKey/);
  });

  test.each(['nothing sealed anew', 'credentials sealed anew'])(
    'V3: cut off with %s, it is finished by a second run',
    async (how) => {
      const { kit, first } = await filled();
      const path = kit.folder.path;
      const before = await kit.read('credentials.json');
      const secrets = await kit.read('secrets.json');
      const keys = JSON.parse(await kit.read('workspace-keys.json'));
      await kit.vault.secretKeys.rotate(kit.by(), { workspaceId: 'one' });
      await kit.close();
      const old = keys.keys.find(({ id }: { id: string }) => id === first.keyId);
      await kit.edit('workspace-keys.json', (text) => {
        const document = JSON.parse(text);
        document.keys.unshift({ ...old, retiredAt: document.keys.at(-1).createdAt });
        return JSON.stringify(document);
      });
      await kit.edit('secrets.json', () => secrets);
      if (how.startsWith('nothing')) await kit.edit('credentials.json', () => before);
      const again = await openTestVault({ path });
      await allOpen(again);
      const changed = await again.vault.secretKeys.rotate(again.by(), { workspaceId: 'one' });
      expect(changed).toMatchObject({ state: 'finished', renewed: how.startsWith('nothing') ? 2 : 1, unreadable: 0 });
      await allOpen(again);
      expect(
        again.vault.secretKeys.show().workspaces.find(({ workspaceId }) => workspaceId === 'one')?.keys,
      ).toHaveLength(1);
      expect((await again.vault.secretKeys.rotate(again.by(), { workspaceId: 'one' })).state).toBe('done');
    },
  );

  test('V3: credentials that are made while it rotates open afterwards', async () => {
    const { kit } = await filled();
    const work = [];
    for (let index = 0; index < 12; index += 1) {
      work.push(kit.add('stripe', `during-${index}`));
      if (index % 3 === 0) work.push(kit.vault.secretKeys.rotate(kit.by(), { workspaceId: 'one' }));
      if (index % 4 === 0) work.push(kit.vault.secretKeys.rotate(kit.by(), {}));
    }
    await Promise.all(work);
    await allOpen(kit);
    const path = kit.folder.path;
    await kit.close();
    await allOpen(await openTestVault({ path }));
  });

  test('V3: openings that are under way while it rotates meet no missing key', async () => {
    const { kit, first } = await filled();
    let over = false;
    const opening = (async () => {
      let count = 0;
      while (!over) {
        const opened = await kit.vault.source.open(kit.by(), first.id, { purpose: 'proxy', host: null });
        expect(opened.secrets).toEqual([KEY]);
        expect(await kit.vault.secrets.open(kit.by(), 'one', 'API_KEY', { purpose: 'x', host: null })).toBe(
          'secret-value-1',
        );
        count += 1;
      }
      return count;
    })();
    for (let round = 0; round < 6; round += 1) {
      await kit.vault.secretKeys.rotate(kit.by(), { workspaceId: 'one' });
      await kit.vault.secretKeys.rotate(kit.by(), {});
    }
    over = true;
    expect(await opening).toBeGreaterThan(3);
  });

  test('V3: what does not open stays as it is, is counted, and keeps its key', async () => {
    const { kit } = await filled();
    await kit.add('stripe', 'bad');
    const path = kit.folder.path;
    await kit.close();
    await kit.edit('credentials.json', (text) =>
      text.replace('"name":"bad","type":"stripe"', '"name":"bad","type":"github"'),
    );
    const again = await openTestVault({ path });
    expect(await again.vault.secretKeys.rotate(again.by(), { workspaceId: 'one' })).toMatchObject({
      renewed: 2,
      unreadable: 1,
    });
    const { keys } = again.vault.secretKeys.show().workspaces[0] ?? { keys: [] };
    expect(keys.map(({ state, records }) => [state, records])).toEqual([
      ['opens', 1],
      ['seals', 2],
    ]);
  });

  test('V3: a workspace key from elsewhere opens what it sealed, and is forgotten once that is sealed anew', async () => {
    const { kit, first } = await filled();
    const path = kit.folder.path;
    // The raw key, as somebody would have it who kept one: unwrapped by the instance key.
    const { keys } = JSON.parse(await kit.read('workspace-keys.json'));
    const { wrapped } = keys.find(({ id }: { id: string }) => id === first.keyId);
    const raw = kit.seal.open(`workspace-key/one/${first.keyId}`, wrapped);
    await kit.close();
    await kit.edit('workspace-keys.json', (text) => {
      const document = JSON.parse(text);
      return JSON.stringify({
        ...document,
        keys: document.keys.filter(({ id }: { id: string }) => id !== first.keyId),
      });
    });
    const again = await openTestVault({ path });
    expect(again.vault.secretKeys.show().wanted).toMatchObject([
      { fingerprint: first.keyId, level: 'workspace', credentials: [first.id], secrets: ['API_KEY'] },
    ]);
    await again.vault.credentials.create(again.by(), 'one', { name: 'fresh', type: 'stripe', fields: { apiKey: KEY } });
    const added = await again.vault.secretKeys.addOld(again.by(), { workspaceId: 'one', key: raw.toString('base64') });
    expect(added).toMatchObject({ fingerprint: first.keyId, renewed: 2, unreadable: 0 });
    await allOpen(again);
    const foreign = () => again.vault.secretKeys.addOld(again.by(), { workspaceId: 'nowhere', key: 'a'.repeat(64) });
    expect(await refusalOf(foreign)).toMatch(/^NOT_FOUND/);
  });

  test('no key, wrapped or not, is in any answer, log or audit line', async () => {
    const { kit } = await filled();
    const newKey = randomBytes(32);
    await kit.vault.secretKeys.rotate(kit.by(), { newKey: newKey.toString('base64') });
    await kit.vault.secretKeys.rotate(kit.by(), { workspaceId: 'one' });
    await kit.vault.secretKeys.addOld(kit.by(), { key: 'ab'.repeat(32) });
    const said = JSON.stringify([kit.vault.secretKeys.show(), kit.lines]) + kit.logs();
    for (const form of [
      newKey.toString('base64'),
      newKey.toString('hex'),
      newKey.toString('base64url'),
      'abab',
      'gAAAA',
    ])
      expect(said).not.toContain(form);
  });
});
