import { chmod, mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { SETTING_NAMES } from '../../src/config/config.js';
import { readLaunch } from '../../src/config/launch.js';
import { REPOSITORY } from '../support/workspace.js';
import { configOf, faultsOf, folderWith, type Settings, together } from './read.js';

describe('the environment beats .env.local, which beats .env', () => {
  test.each<[Settings, string | undefined, string | undefined, number, string]>([
    [{ PORT: '1' }, 'PORT=2', 'PORT=3', 1, 'environment'],
    [{}, 'PORT=2', 'PORT=3', 2, '.env.local'],
    [{}, undefined, 'PORT=3', 3, '.env'],
    [{}, undefined, undefined, 3000, 'default'],
    // A blank variable is not set: one that a compose file passes on must not undo what a file says.
    [{ PORT: '' }, 'PORT=2', 'PORT=3', 2, '.env.local'],
    [{ PORT: ' ' }, undefined, undefined, 3000, 'default'],
    // In a file, an empty one hides what the other file says: that is how a setting is taken back.
    [{}, 'PORT=', 'PORT=3', 3000, 'default'],
  ])('%j, %j, %j: %i from %s', async (environment, local, shared, port, source) => {
    await using folder = await folderWith({
      ...(local === undefined ? {} : { '.env.local': local }),
      ...(shared === undefined ? {} : { '.env': shared }),
    });
    const config = configOf(environment, folder.path);
    expect(config.port).toBe(port);
    expect(config.shown.find(({ name }) => name === 'PORT')).toEqual({ name: 'PORT', value: String(port), source });
  });

  test('the files do not leak into the environment of the process', async () => {
    await using folder = await folderWith({ '.env.local': 'GATEHOUSE_TEST_LEAK=1\nPORT=2' });
    configOf({}, folder.path);
    expect(process.env['GATEHOUSE_TEST_LEAK']).toBeUndefined();
  });

  test('quotes, comments, blank lines, export, a byte order mark and Windows line ends are read', async () => {
    await using folder = await folderWith({
      '.env.local':
        '\ufeffADMIN_API_KEY="with#hash"\r\n# a comment\r\n\r\nexport PORT=4000 # here\r\nKEY_PREFIX=\'chy\'\r\n',
    });
    expect(configOf({}, folder.path)).toMatchObject({ adminKey: 'with#hash', port: 4000, keyPrefix: 'chy' });
  });

  test('names in .env.local that mean nothing are told; in .env, which others share, they are not', async () => {
    await using folder = await folderWith({
      '.env.local': 'ALOWED_IPS=10.0.0.1\nADMIN_API_KEYS=x\nADMIN_API_KEY_FILE=\nPORT=1',
      '.env': 'DATABASE_URL=x',
    });
    const { warnings } = configOf({ ALSO_UNKNOWN: 'x' }, folder.path);
    expect(warnings).toEqual([
      {
        code: 'UNKNOWN_SETTING',
        words: '.env.local: ALOWED_IPS, ADMIN_API_KEYS is no setting of Gatehouse and does nothing.',
      },
    ]);
  });
});

describe('a file that may hold the lines that keep strangers out is read, or stops the start', () => {
  test.each(['.env.local', '.env'])('%s that is a folder', async (name) => {
    await using folder = await folderWith({});
    await mkdir(join(folder.path, name));
    expect(faultsOf({}, folder.path)).toEqual([`${name}: cannot be read (EISDIR). Mend its permissions or remove it.`]);
  });

  test.skipIf(process.getuid?.() === 0)('one that may not be read', async () => {
    await using folder = await folderWith({ '.env.local': 'PORT=1' });
    await chmod(join(folder.path, '.env.local'), 0o000);
    expect(faultsOf({}, folder.path)).toEqual([expect.stringContaining('EACCES')]);
  });

  test('one in UTF-16, as some Windows shells write it, which would read as no settings', async () => {
    await using folder = await folderWith({ '.env.local': Buffer.from('\ufeffALLOWED_IPS=10.0.0.1\n', 'utf16le') });
    expect(faultsOf({}, folder.path)).toEqual([expect.stringMatching(/^\.env\.local: is not UTF-8/)]);
  });
});

describe('NAME_FILE', () => {
  const secrets = SETTING_NAMES.filter(({ isSecret }) => isSecret).map(({ name }) => name);
  const HEX = 'b2'.repeat(32);
  const goodOf = (name: string) => (name === 'SMTP_URL' ? 'smtp://mail.example.com' : HEX);

  test.each(secrets)('%s_FILE is read, its last line break is the editor’s', async (name) => {
    const value = goodOf(name);
    await using folder = await folderWith({ plain: value, unix: `${value}\n`, windows: `${value}\r\n` });
    const expected = configOf({ ...together(name), [name]: value });
    for (const file of ['plain', 'unix', 'windows']) {
      const config = configOf({ ...together(name), [`${name}_FILE`]: join(folder.path, file) });
      const apart = { shown: expect.anything(), fingerprintOf: expect.any(Function) };
      expect(config).toEqual({ ...expected, ...apart });
      const key = Buffer.from('key');
      expect(config.fingerprintOf(name, key)).toBe(expected.fingerprintOf(name, key));
      expect(config.shown.find((shown) => shown.name === name)?.source).toBe(`${name}_FILE`);
    }
  });

  test.each(secrets)('%s and its file together are refused', async (name) => {
    const value = goodOf(name);
    const beside = together(name);
    await using folder = await folderWith({ file: value });
    const file = join(folder.path, 'file');
    expect(faultsOf({ ...beside, [name]: value, [`${name}_FILE`]: file })).toEqual([
      `${name} and ${name}_FILE are both set. Keep one of them.`,
    ]);
    expect(faultsOf({ ...beside, [name]: ' ', [`${name}_FILE`]: file }), 'an empty one is not set').toEqual([]);
    expect(faultsOf({ ...beside, [name]: value, [`${name}_FILE`]: '' }), 'an empty one is not set').toEqual([]);
  });

  test.each(secrets)('%s_FILE that is not there stops the start', (name) => {
    expect(faultsOf({ [`${name}_FILE`]: '/nonexistent/secret' })).toEqual([
      `${name}_FILE names a file that cannot be read (ENOENT).`,
    ]);
  });

  test.each(['', '\n'])(
    'a file that holds %j stops the start rather than leaving the door without its key',
    async (text) => {
      await using folder = await folderWith({ file: text });
      for (const name of secrets) {
        expect(faultsOf({ [`${name}_FILE`]: join(folder.path, 'file') }), name).toHaveLength(1);
      }
    },
  );

  test('only one line break is taken away, and client keys may stand one a line', async () => {
    await using folder = await folderWith({ two: `${HEX}\n\n`, list: 'one\ntwo\n' });
    expect(faultsOf({ ADMIN_API_KEY_FILE: join(folder.path, 'two') })).toHaveLength(1);
    expect(configOf({ VALID_API_KEYS_FILE: join(folder.path, 'list') }).clientKeys).toEqual(['one', 'two']);
  });

  test('settings that are no secrets take no file', () => {
    expect(configOf({ PORT_FILE: '/nonexistent' }).port).toBe(3000);
  });
});

test('.env.local.example names every setting, and only those', async () => {
  const text = await readFile(join(REPOSITORY, '.env.local.example'), 'utf8');
  const named = [...text.matchAll(/^#? ?([A-Z][A-Z0-9_]*)=/gm)].map(([, name]) => name);
  expect(named.toSorted()).toEqual(SETTING_NAMES.map(({ name }) => name).toSorted());
  expect(text.split('\n').filter((line) => line !== '' && !line.startsWith('#'))).toEqual([]);
});

test('.env.local.example says the values that hold when nothing is set', async () => {
  const text = await readFile(join(REPOSITORY, '.env.local.example'), 'utf8');
  const settings = Object.fromEntries(
    [...text.matchAll(/^# ([A-Z][A-Z0-9_]*)=(.*)$/gm)].map(([, name, value]) => [name, value]),
  );
  const apart = { shown: expect.anything(), told: expect.anything(), fingerprintOf: expect.any(Function) };
  expect(configOf(settings)).toEqual({ ...configOf({}), ...apart });
});

describe('readLaunch', () => {
  test.each([
    [{}, 'gatehouse', false],
    [{ npm_lifecycle_event: 'start', NO_COLOR: '' }, 'npm run -s gatehouse --', false],
    [{ GATEHOUSE_IMAGE: '1', npm_lifecycle_event: 'start', NO_COLOR: '1' }, 'docker exec gatehouse gatehouse', true],
  ])('%j: %s', (environment, command, noColor) => {
    expect(readLaunch(environment, '/nonexistent')).toMatchObject({ command, noColor });
  });
});
