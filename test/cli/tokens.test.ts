import { generateKeyPairSync, sign } from 'node:crypto';
import { expect, test } from 'vitest';
import { temporaryWorkspaces } from '../support/workspace.js';
import { run, serve } from './process.js';

const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

test('A6, D3: a key on standard input becomes a JWT, and inspect says what it is', async () => {
  await using folder = await temporaryWorkspaces({});
  const place = { folder: folder.path };
  await using server = await serve(place);
  const key = (await run(['keys', 'create', 'ci', '--scopes', 'ask:run,projects:read', '-q'], place)).stdout;
  const minted = await run(['token', 'mint', '--url', server.url, '--ttl', '5m', '--scopes', 'ask:run'], place, key);
  expect(minted).toMatchObject({ code: 0, stderr: 'Good for 300 s, with ask:run.\n' });
  expect(minted.stdout).toMatch(/^eyJ[\w-]+\.[\w-]+\.[\w-]+\n$/);

  const seen = await run(['token', 'inspect'], place, minted.stdout);
  expect(seen.code).toBe(0);
  expect(seen.stdout).toMatch(/^state +signed by this instance, good now\n/);
  expect(seen.stdout).toMatch(/\nscope +ask:run\n/);
  const short = await run(['token', 'mint', '--url', server.url, '-q'], place, key);
  expect(short.stderr).toBe('');

  const [head, claims] = minted.stdout.split('.');
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const forged = `${head}.${claims}.${sign('sha256', Buffer.from(`${head}.${claims}`), { key: privateKey, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`;
  const foreign = await run(['token', 'inspect', '--json'], place, forged);
  expect(foreign.code).toBe(7);
  expect(JSON.parse(foreign.stdout).data.state).toBe('foreign');
});

test('A6, D3: what cannot be minted or inspected is said in one sentence', async () => {
  await using folder = await temporaryWorkspaces({});
  const place = { folder: folder.path };
  expect(await run(['token', 'mint', '--ttl', '16m'], place, 'x')).toMatchObject({
    code: 2,
    stderr: 'gatehouse: --ttl 16m: from 1s to 15m.\n',
  });
  const nobody = await run(['token', 'mint', '--url', 'http://127.0.0.1:9'], place, 'x');
  expect(nobody).toMatchObject({
    code: 6,
    stdout: '',
    stderr: 'gatehouse: http://127.0.0.1:9 does not answer. Is the server running?\n',
  });
  await using server = await serve(place);
  const wrong = await run(['token', 'mint', '--url', server.url], place, 'no-such-key');
  expect(wrong).toMatchObject({ code: 4, stdout: '' });
  expect(wrong.stderr).toMatch(/^gatehouse: Invalid API key: /);
  for (const input of ['gate_sdk_test_x', 'a.b.c', `${encode({ alg: 'none' })}.${encode([])}.`]) {
    expect(await run(['token', 'inspect'], place, input), input).toMatchObject({
      code: 2,
      stderr: 'gatehouse: That is no JWT. Pipe one in, or use --token-file.\n',
    });
  }
  expect(await run(['token', 'inspect'], place, '')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('Nothing came on standard input'),
  });
  const none = await run(['token', 'inspect'], place, `${encode({ alg: 'none' })}.${encode({ sub: 'x\u001b[31m' })}.`);
  expect(none.code).toBe(7);
  expect(none.stdout).not.toContain('\u001b');
});
