import { spawnSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { SETTING_NAMES } from '../../src/config/config.js';
import { startGatehouse } from '../support/gatehouse.js';
import { configOf, faultsOf, folderWith } from './read.js';

/** Cannot be part of anything but the value it is put in. */
const MARK = 'MARKER7f3aMARKER';

describe('K1: a secret is in no fault and in nothing that is shown', () => {
  const secrets = SETTING_NAMES.filter(({ isSecret }) => isSecret).map(({ name }) => name);

  test.each(
    secrets.flatMap((name) =>
      [`${MARK} ${MARK}`, `${MARK}é`, `${MARK},,${MARK}`, `${MARK},${MARK}`].map((value) => ({ name, value })),
    ),
  )('$name with $value', ({ name, value }) => {
    const faults = faultsOf({ [name]: value, PORT: 'x' });
    expect(faults.length).toBeGreaterThan(0);
    expect(faults.join()).not.toContain(MARK);
  });

  test('what the faults of each other say holds none either', () => {
    const faults = faultsOf({ ADMIN_API_KEY: MARK, VALID_API_KEYS: MARK, MASTER_KEY: MARK });
    expect(faults).toHaveLength(2);
    expect(faults.join()).not.toContain(MARK);
  });

  test('a good one is shown by its length', () => {
    const { shown, warnings } = configOf({ ADMIN_API_KEY: MARK, VALID_API_KEYS: `${MARK}1,${MARK}2` });
    expect(shown.find(({ name }) => name === 'ADMIN_API_KEY')).toEqual({
      name: 'ADMIN_API_KEY',
      value: 'set, 16 characters',
      source: 'environment',
    });
    expect(JSON.stringify([shown, warnings])).not.toContain(MARK);
  });

  test('not even from a file', async () => {
    await using folder = await folderWith({ key: `${MARK} ${MARK}`, good: MARK });
    const faults = faultsOf({ ADMIN_API_KEY_FILE: `${folder.path}/key` });
    expect(faults).toEqual([expect.stringMatching(/^ADMIN_API_KEY holds a blank/)]);
    const { shown } = configOf({ ADMIN_API_KEY_FILE: `${folder.path}/good` });
    expect(JSON.stringify(shown)).not.toContain(MARK);
  });
});

describe('A8: what the usual one-liners print works as it is', () => {
  const ONE_LINERS: [string, string[]][] = [
    ['node', ['-e', "console.log(require('crypto').randomBytes(32).toString('hex'))"]],
    ['openssl', ['rand', '-hex', '32']],
    ['python3', ['-c', 'import secrets; print(secrets.token_hex(32))']],
  ];

  test.each(ONE_LINERS)('A8: %s %j', async (program, args) => {
    const { status, stdout, error } = spawnSync(program, args, { encoding: 'utf8' });
    if (error !== undefined) {
      console.log(`skipped: ${program} is not installed`);
      return;
    }
    expect(status).toBe(0);
    await using folder = await folderWith({
      admin: stdout,
      '.env.local': `VALID_API_KEYS=${stdout.trim()}0,${stdout}`,
    });
    expect(configOf({}, folder.path)).toMatchObject({ clientKeys: [`${stdout.trim()}0`, stdout.trim()], warnings: [] });
    const settings = { ADMIN_API_KEY_FILE: `${folder.path}/admin` };
    await using house = await startGatehouse(settings);
    const answer = await house.call('/api/auth/whoami', { key: stdout.trim() });
    expect([answer.status, answer.json.principal.kind]).toEqual([200, 'env_admin']);
    expect(house.logs()).not.toContain(stdout.trim());
  });
});
