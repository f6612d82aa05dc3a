import { cp, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { runCli } from '../../src/cli/program.js';
import { readConfig } from '../../src/config/config.js';
import type { CreationOptions, RequestOptions } from '../../src/contract/passkeys.js';
import { SoftPasskey } from '../support/authenticator.js';
import { startGatehouse } from '../support/gatehouse.js';
import { secretIn, startMailbox } from '../support/mailbox.js';
import { ADMIN_EMAIL, OTHER_PASSWORD, PASSWORD, signIn } from '../support/people.js';
import { REPOSITORY, temporaryFolder, temporaryWorkspaces } from '../support/workspace.js';
import { run, serve } from './process.js';

const post = async (url: string, body: object) => {
  const answer = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  return { status: answer.status, json: (await answer.json()) as { code?: string; access_token?: string } };
};

describe('the first start', () => {
  test('A4: prints a link that makes the first administrator; the next start prints none', async () => {
    await using folder = await temporaryWorkspaces({});
    const place = { folder: folder.path };
    {
      await using server = await serve(place);
      await expect.poll(server.stdout).toMatch(/\/setup#\w{43}\n/);
      const link = /^ {2}(http:\/\/localhost:\d+)\/setup#(\w{43})$/m.exec(server.stdout());
      expect(link?.[1]).toBe(server.url.replace('127.0.0.1', 'localhost'));
      const made = await post(`${server.url}/api/auth/setup`, {
        token: link?.[2],
        email: ADMIN_EMAIL,
        password: PASSWORD,
      });
      expect(made.status).toBe(200);
      expect(server.stderr()).not.toContain(link?.[2]);
    }
    await using again = await serve(place);
    await expect.poll(again.stdout).toContain('No mail is sent');
    expect(again.stdout()).not.toContain('/setup#');
  });

  test('A4: with ADMIN_EMAIL and a file that holds the password nobody is asked', async () => {
    await using folder = await temporaryWorkspaces({});
    await writeFile(join(folder.path, 'password'), `${PASSWORD}\n`);
    const env = { ADMIN_EMAIL, ADMIN_PASSWORD_FILE: join(folder.path, 'password') };
    await using server = await serve({ folder: folder.path, env });
    await expect.poll(server.stdout).toContain(`The first administrator is ${ADMIN_EMAIL}`);
    expect(server.stdout()).not.toContain('/setup#');
    expect(server.stdout()).not.toContain(PASSWORD);
    expect((await post(`${server.url}/api/auth/login`, { email: ADMIN_EMAIL, password: PASSWORD })).status).toBe(200);
    expect((await stat(join(folder.path, '.gatehouse/users.json'))).mode & 0o777).toBe(0o600);
    expect(await readFile(join(folder.path, '.gatehouse/users.json'), 'utf8')).toContain('$argon2id$');
  });

  test('A4: a common ADMIN_PASSWORD stops the start and says why', async () => {
    await using folder = await temporaryWorkspaces({});
    const env = { ADMIN_EMAIL, ADMIN_PASSWORD: 'password1234' };
    const ran = await run(['serve'], { folder: folder.path, env });
    expect(ran.code).toBe(2);
    expect(ran.stderr).toContain('most used passwords');
  });
});

test('R7, A4: what the image holds is enough: the program, and argon2 beside it', async () => {
  await using box = await startMailbox();
  await using image = await temporaryFolder();
  for (const part of ['package.json', 'dist', 'node_modules/@node-rs'])
    await cp(join(REPOSITORY, part), join(image.path, part), { recursive: true });
  await using folder = await temporaryWorkspaces({});
  const env = {
    ADMIN_EMAIL,
    ADMIN_PASSWORD: PASSWORD,
    SMTP_URL: box.url,
    PUBLIC_URL: 'https://gate.example.com',
  };
  const place = { folder: folder.path, env, main: join(image.path, 'dist/main.js') };
  await using server = await serve(place);
  await expect.poll(server.stdout).toContain('The first administrator is');
  expect((await post(`${server.url}/api/auth/password/forgot`, { email: ADMIN_EMAIL })).status).toBe(202);
  const token = secretIn(await box.letter(0));
  const reset = (password: string) => post(`${server.url}/api/auth/password/reset`, { token, password });
  expect((await reset('password1234')).json.code).toBe('BAD_REQUEST');
  expect((await reset(OTHER_PASSWORD)).status).toBe(200);
  const signedIn = await post(`${server.url}/api/auth/login`, { email: ADMIN_EMAIL, password: OTHER_PASSWORD });
  expect(signedIn.status).toBe(200);
  const totp = await fetch(`${server.url}/api/auth/profile/totp`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${signedIn.json.access_token}` },
    body: JSON.stringify({ password: OTHER_PASSWORD }),
  });
  expect(totp.status).toBe(200);

  const passkey = new SoftPasskey();
  const passkeys = async <T>(path: string, body?: object): Promise<T> => {
    const answer = await fetch(`${server.url}/api/auth/passkeys${path}`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${signedIn.json.access_token}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return (await answer.json()) as T;
  };
  const at = { origin: env.PUBLIC_URL };
  await passkeys('', { credential: passkey.create(await passkeys<CreationOptions>('/options'), at) });
  const signInByPasskey = async () =>
    passkeys<{ code?: string; user?: { email: string } }>('/sign-in', {
      credential: passkey.get(await passkeys<RequestOptions>('/sign-in/options'), at),
    });
  expect((await signInByPasskey()).user?.email).toBe(ADMIN_EMAIL);
  expect((await run(['users', 'show', ADMIN_EMAIL], place)).stdout).toMatch(/^passkeys +1$/m);
  const kept = await run(['users', 'reset-password', ADMIN_EMAIL], place);
  expect(kept.stderr).toContain(`Passkeys that still sign ${ADMIN_EMAIL} in: 1.`);
  const taken = await run(['users', 'reset-password', ADMIN_EMAIL, '--remove-passkeys'], place);
  expect(taken.stderr).toContain('Passkeys taken away: 1.');
  expect((await signInByPasskey()).code).toBe('UNAUTHORIZED');
});

test('R1, A3: killed while people sign in, the next start knows every session that was answered', async () => {
  await using folder = await temporaryWorkspaces({});
  const place = { folder: folder.path, env: { ADMIN_EMAIL, ADMIN_PASSWORD: PASSWORD } };
  const cookies: string[] = [];
  for (let round = 0; round < 3; round += 1) {
    await using server = await serve(place);
    await expect.poll(() => post(`${server.url}/api/auth/login`, {}).then(({ status }) => status)).toBe(400);
    const signIn = async () => {
      for (;;) {
        const answer = await fetch(`${server.url}/api/auth/login`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ email: ADMIN_EMAIL, password: PASSWORD, use: 'cookie' }),
        }).catch(() => null);
        if (answer === null) return;
        const [cookie = ''] = (answer.headers.getSetCookie()[0] ?? '').split(';');
        if (answer.status === 200) cookies.push(cookie);
      }
    };
    const before = cookies.length;
    const lanes = [signIn(), signIn(), signIn()];
    await expect.poll(() => cookies.length, { timeout: 20_000 }).toBeGreaterThan(before + 5 + round);
    server.kill('SIGKILL');
    await Promise.all(lanes);
  }
  await using server = await serve(place);
  const states = await Promise.all(
    cookies.slice(-40).map((cookie) => fetch(`${server.url}/api/auth/whoami`, { headers: { cookie } })),
  );
  expect(new Set(states.map(({ status }) => status))).toEqual(new Set([200]));
});

test('D3: at a terminal a password is asked for twice and never shown', async () => {
  await using gate = await startGatehouse();
  const attempt = async (first: string, second: string) => {
    const stream = () => Object.assign(new PassThrough(), { isTTY: true });
    const [input, output, words] = [stream(), stream(), stream()];
    let said = '';
    words.on('data', (chunk: Buffer) => {
      said += chunk.toString();
      if (chunk.toString().startsWith('Password')) input.write(`${first}\n`);
      if (chunk.toString().startsWith('Once more')) input.write(`${second}\n`);
    });
    const parts = {
      version: '0.0.0',
      command: 'gatehouse',
      readConfig: () => readConfig({ PORT: '0' }, '/nonexistent'),
      serve: () => Promise.reject(new Error('not here')),
      findServer: async () => ({ socketPath: gate.gatehouse.folder.commandSocketPath }),
      openOffline: () => Promise.reject(new Error('not here')),
    };
    const code = await runCli(['setup', '--email', ADMIN_EMAIL], parts, { input, output, words }, true);
    return { code, shown: `${said}${output.read()?.toString() ?? ''}` };
  };
  const wrong = await attempt(PASSWORD, OTHER_PASSWORD);
  expect(wrong).toMatchObject({ code: 2, shown: expect.stringContaining('not the same') });
  const right = await attempt(PASSWORD, PASSWORD);
  expect(right).toMatchObject({ code: 0, shown: expect.stringContaining('is the first administrator') });
  expect(`${wrong.shown}${right.shown}`).not.toMatch(/plum|violet/);
  await signIn(gate);
});
