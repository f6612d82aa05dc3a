import { randomBytes } from 'node:crypto';
import { chmod, mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { parseMasterKey } from '../../src/kernel/key-text.ts';
import { openFernet } from '../../src/seal/fernet.ts';
import { openSeal } from '../../src/seal/instance-key.ts';
import type { DataFolder } from '../../src/store/data-folder.ts';
import { TestClock, tempFolder, testLog } from './folder.ts';

let folder: DataFolder;
let log: ReturnType<typeof testLog>;
const clock = new TestClock();

beforeEach(async () => {
  folder = await tempFolder();
  log = testLog();
});

const start = (masterKey: Buffer | null = null) => openSeal({ folder, masterKey, clock, log });
const keyPath = () => join(folder.statePath, 'master.key');
const instanceFile = () => readFile(join(folder.statePath, 'instance.json'), 'utf8').then(JSON.parse);
const exists = (path: string) =>
  stat(path).then(
    () => true,
    () => false,
  );
const codeOf = (task: () => unknown): unknown => {
  try {
    return { returned: task() };
  } catch (error) {
    return (error as { code?: string }).code;
  }
};

describe('first run', () => {
  it('V3: without a key one is made: 0600, base64url, recorded by fingerprint, and good for sealing', async () => {
    const { seal, instance } = await start();
    expect(seal.locked).toBeNull();
    expect(instance.instanceId).toMatch(/^ins_[0-9A-Za-z]{22}$/);
    expect(await readFile(keyPath(), 'utf8')).toMatch(/^[A-Za-z0-9_-]{43}=\n$/);
    expect((await stat(keyPath())).mode & 0o777).toBe(0o600);
    expect(seal.fingerprint).toMatch(/^[0-9a-f]{16}$/);
    expect(await instanceFile()).toEqual({
      schemaVersion: 1,
      instanceId: instance.instanceId,
      keyFingerprint: seal.fingerprint,
      createdAt: '2026-11-22T10:00:00.000Z',
    });
    expect(seal.open('a', seal.seal('a', Buffer.from('text'))).toString()).toBe('text');
  });

  it('V3: with MASTER_KEY its fingerprint is recorded and no file is made', async () => {
    const { seal } = await start(randomBytes(32));
    expect(seal.locked).toBeNull();
    expect((await instanceFile()).keyFingerprint).toBe(seal.fingerprint);
    expect(await exists(keyPath())).toBe(false);
  });

  it('V3: a crash between making master.key and recording it is finished by the next start', async () => {
    const key = randomBytes(32);
    await writeFile(keyPath(), `${key.toString('base64url')}\n`, { mode: 0o600 });
    const { seal } = await start();
    expect(seal.locked).toBeNull();
    expect((await instanceFile()).keyFingerprint).toBe(seal.fingerprint);
    expect((await start(key)).seal.fingerprint).toBe(seal.fingerprint);
  });

  it.each([
    ['an empty file', ''],
    ['NULs, as some file systems leave them', '\0'.repeat(45)],
  ])('V3: a crash before anything was written into master.key (%s) does not lock the vault', async (_name, text) => {
    await writeFile(keyPath(), text, { mode: 0o600 });
    const { seal } = await start();
    expect(seal.locked).toBeNull();
    expect((await start()).seal.fingerprint).toBe(seal.fingerprint);
  });

  it('V3: a damaged master.key locks even while no fingerprint is recorded, and stays as it is', async () => {
    await writeFile(keyPath(), 'not a key\n', { mode: 0o600 });
    const { seal, instance } = await start();
    expect(seal.locked).toMatchObject({ wanted: 'unknown', found: null });
    expect(await readFile(keyPath(), 'utf8')).toBe('not a key\n');
    expect((await start()).instance).toEqual(instance);
  });

  it('V3: a key that cannot be recorded is not used', async () => {
    const broken = { ...folder, assertOwned: () => Promise.reject(new Error('not ours any more')) };
    const { seal } = await openSeal({ folder: broken, masterKey: randomBytes(32), clock, log });
    expect(seal.locked?.remedy).toContain('cannot be written');
    expect(await exists(join(folder.statePath, 'instance.json'))).toBe(false);
  });
});

describe('later starts', () => {
  it('V3: the same key gives the same instance, fingerprint and derived keys', async () => {
    const first = await start();
    const token = first.seal.seal('a', Buffer.from('kept'));
    clock.ms += 400 * 86_400_000;
    const second = await start();
    expect(second.instance).toEqual(first.instance);
    expect(second.seal.fingerprint).toBe(first.seal.fingerprint);
    expect(second.seal.derive('x')).toEqual(first.seal.derive('x'));
    expect(second.seal.open('a', token).toString()).toBe('kept');
  });

  it('V3: master.key moved into MASTER_KEY goes on without the file', async () => {
    const { seal } = await start();
    const key = parseMasterKey(await readFile(keyPath(), 'utf8'));
    await rm(keyPath());
    expect((await start(key)).seal.fingerprint).toBe(seal.fingerprint);
    expect(await exists(keyPath())).toBe(false);
  });

  it.each<[string, () => Promise<Buffer | null>, RegExp, boolean]>([
    ['master.key is gone', () => rename(keyPath(), `${keyPath()}.away`).then(() => null), /MASTER_KEY/, false],
    ['master.key is empty', () => writeFile(keyPath(), '').then(() => null), /damaged/, false],
    ['master.key is damaged', () => writeFile(keyPath(), 'AAAA').then(() => null), /damaged/, false],
    ['master.key is too large', () => writeFile(keyPath(), 'A'.repeat(5000)).then(() => null), /damaged/, false],
    [
      'master.key is a folder',
      async () => {
        await rm(keyPath());
        await mkdir(keyPath());
        return null;
      },
      /damaged|read/,
      false,
    ],
    [
      'master.key is another key',
      () => writeFile(keyPath(), `${randomBytes(32).toString('hex')}\n`).then(() => null),
      /another key/,
      true,
    ],
    ['MASTER_KEY is another key', async () => randomBytes(32), /take MASTER_KEY away/, true],
  ])('V3: %s: locked, with the wanted fingerprint, and nothing is overwritten', async (_name, harm, remedy, found) => {
    const before = await start();
    const given = await harm();
    const snapshot = async () => [await readdir(folder.statePath), await instanceFile()];
    const left = await snapshot();
    const { seal, instance } = await start(given);
    expect(instance).toEqual(before.instance);
    expect(seal.fingerprint).toBeNull();
    expect(seal.locked?.wanted).toBe(before.seal.fingerprint);
    expect(seal.locked?.found).toEqual(found ? expect.stringMatching(/^[0-9a-f]{16}$/) : null);
    expect(seal.locked?.found).not.toBe(seal.locked?.wanted);
    expect(seal.locked?.remedy).toMatch(remedy);
    for (const use of [() => seal.seal('a', Buffer.alloc(1)), () => seal.open('a', 'x'), () => seal.derive('p')]) {
      expect(codeOf(use)).toBe('VAULT_LOCKED');
      expect(use).toThrow(String(before.seal.fingerprint));
    }
    expect(await snapshot()).toEqual(left);
    expect(log.entries.filter(({ level }) => level === 'error')).toMatchObject([
      { message: 'the vault is locked', fields: { wanted: before.seal.fingerprint } },
    ]);
  });

  it('V3: the right key given back unlocks, and old values open', async () => {
    const first = await start();
    const token = first.seal.seal('a', Buffer.from('kept'));
    await rename(keyPath(), `${keyPath()}.away`);
    expect((await start()).seal.locked).not.toBeNull();
    await rename(`${keyPath()}.away`, keyPath());
    expect((await start()).seal.open('a', token).toString()).toBe('kept');
  });

  it('a master.key that others may read is named in the log with the remedy', async () => {
    await start();
    expect(log.entries.filter(({ level }) => level === 'warn')).toEqual([]);
    await chmod(keyPath(), 0o640);
    await start();
    expect(log.entries.at(-1)).toMatchObject({ level: 'warn', fields: { mode: '0640', path: keyPath() } });
    expect(log.entries.at(-1)?.message).toContain('chmod 600');
  });

  it('V3: no log line and no message ever holds the key', async () => {
    await start();
    const text = (await readFile(keyPath(), 'utf8')).trim();
    const key = parseMasterKey(text);
    await start(randomBytes(32));
    const said = JSON.stringify(log.entries);
    for (const form of [text, key.toString('hex'), key.toString('base64'), key.toString('base64url')]) {
      expect(said).not.toContain(form);
    }
  });
});

describe('the seal', () => {
  it('V2: a value sealed for one record does not open for another', async () => {
    const { seal } = await start();
    const token = seal.seal('credential/a', Buffer.from('/x secret'));
    for (const context of ['credential/b', 'credential/a/x', 'credential/', '', 'credential/a ']) {
      expect(
        codeOf(() => seal.open(context, token)),
        context,
      ).toBe('INTERNAL');
    }
    expect(seal.open('credential/a', token).toString()).toBe('/x secret');
  });

  it('V2: where the context ends cannot be moved', async () => {
    const { seal } = await start();
    const property = fc.property(fc.string(), fc.string(), fc.string(), (context, other, value) => {
      const token = seal.seal(context, Buffer.from(value));
      expect(seal.open(context, token)).toEqual(Buffer.from(value));
      if (Buffer.from(other).equals(Buffer.from(context))) return;
      expect(codeOf(() => seal.open(other, token))).toBe('INTERNAL');
    });
    fc.assert(property);
  });

  it('V2: a changed token, a foreign one and plain text fail alike, and the value is not in the error', async () => {
    const { seal } = await start();
    const token = seal.seal('a', Buffer.from('very secret'));
    const failures = [`${token.slice(0, -5)}AAA==`, 'very secret', ''].map((text) => {
      try {
        return seal.open('a', text).toString();
      } catch (error) {
        return (error as Error).message;
      }
    });
    expect(new Set(failures).size).toBe(1);
    expect(failures[0]).toMatch(/^INTERNAL/);
    expect(failures[0]).not.toContain('very secret');
  });

  it('the instance key is a plain Fernet key: another tool can rescue the values', async () => {
    const { seal } = await start();
    const key = parseMasterKey(await readFile(keyPath(), 'utf8'));
    const opened = openFernet(key, seal.seal('ctx', Buffer.from('value')), { nowMs: 0, maxAgeSeconds: null });
    expect(opened.subarray(2).toString()).toBe('ctxvalue');
  });

  it('derived keys differ by purpose and by instance key', async () => {
    const { seal } = await start();
    expect(seal.derive('a')).toHaveLength(32);
    expect(seal.derive('a')).not.toEqual(seal.derive('b'));
    const other = await openSeal({ folder: await tempFolder(), masterKey: null, clock, log });
    expect(other.seal.derive('a')).not.toEqual(seal.derive('a'));
  });
});

describe('parseMasterKey', () => {
  const key = Buffer.concat([Buffer.from([0xfb, 0xff, 0xfe]), Buffer.alloc(29, 0x3f)]);

  it.each([
    ['base64', key.toString('base64')],
    ['base64 without padding', key.toString('base64').replace('=', '')],
    ['base64url', key.toString('base64url')],
    ['base64url with padding', `${key.toString('base64url')}=`],
    ['hex', key.toString('hex')],
    ['hex in capitals', key.toString('hex').toUpperCase()],
    ['blanks around it', `  ${key.toString('hex')}\r\n`],
  ])('reads 32 bytes as %s', (_name, text) => {
    expect(parseMasterKey(text)).toEqual(key);
  });

  it.each([
    ['empty', ''],
    ['31 bytes', randomBytes(31).toString('base64')],
    ['33 bytes', randomBytes(33).toString('base64')],
    ['63 hex characters', 'a'.repeat(63)],
    ['a pass phrase', 'correct horse battery staple correct horse'],
    ['two paddings', `${key.toString('base64url')}==`],
    ['surplus bits', `${'A'.repeat(42)}B`],
    ['a blank inside', `${key.toString('base64url').slice(0, 20)} ${key.toString('base64url').slice(20)}`],
  ])('refuses %s, says how to make one, and does not echo it', (_name, text) => {
    const refusal = (() => {
      try {
        return parseMasterKey(text).toString();
      } catch (error) {
        return (error as Error).message;
      }
    })();
    expect(refusal).toContain('openssl rand -base64 32');
    if (text !== '') expect(refusal).not.toContain(text.slice(0, 12));
  });
});
