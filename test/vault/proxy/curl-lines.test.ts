import { execFile } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { openCredentialTypes } from '../../../src/vault/credential-types/catalogue.js';
import { curlLine, fileOf, GATE, isCalled } from '../../docs/credential-pages.js';
import { MINUTE } from '../../support/clock.js';
import { SAMPLES } from '../samples.js';
import { secretsOf, startRig } from './rig.js';

const shell = promisify(execFile);
const types = openCredentialTypes().all.filter(isCalled);

const SERVICE_ACCOUNT = {
  type: 'service_account',
  client_email: 'robot@project.iam.gserviceaccount.com',
  private_key: generateKeyPairSync('rsa', {
    modulusLength: 2048,
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  }).privateKey,
};
const TOKEN = 'ya29.token-of-the-exchange-0123456789';

test.each(types.map((type) => [type.id, type] as const))(
  'V6: the line of docs/credentials/ for %s works as it stands, with the key of the credential at the vendor',
  async (id, type) => {
    const fields = id === 'google_sheets' ? { serviceAccountJson: JSON.stringify(SERVICE_ACCOUNT) } : {};
    const rig = await startRig({ type: id, name: fileOf(type), fields });
    rig.vendor.answer = ({ url }, response) =>
      response
        .setHeader('content-type', 'application/json')
        .end(url === '/token' ? JSON.stringify({ access_token: TOKEN, expires_in: 3600 }) : '{"made":"here"}');
    const line = (curlLine(type) ?? '')
      .replace(GATE, rig.url)
      .replace(/<(\w+)>/g, (_place, name: string) => String(SAMPLES[id]?.[name]));
    const { stdout } = await shell('bash', ['-c', `${line} -sS -f`], {
      env: { ...process.env, GATEHOUSE_KEY: rig.key },
    });
    expect(stdout).toBe('{"made":"here"}');
    const seen = rig.vendor.seen.at(-1);
    const asked = decodeURIComponent(JSON.stringify([seen?.url, seen?.headers]));
    const encoded = Buffer.from(/Basic ([^"]+)"/.exec(asked)?.[1] ?? '', 'base64').toString();
    const expected = id === 'google_sheets' ? [TOKEN] : secretsOf(id).slice(0, 1);
    expect(expected).toHaveLength(1);
    for (const secret of expected) expect(asked + encoded).toContain(secret);
  },
);

test('V6: a token that the vendor took back is fetched anew, once, and never shown', async () => {
  const fields = { serviceAccountJson: JSON.stringify(SERVICE_ACCOUNT) };
  const rig = await startRig({ type: 'google_sheets', name: 'sheets', fields });
  let made = 0;
  let taken = false;
  rig.vendor.answer = ({ url, headers }, response) => {
    response.setHeader('content-type', 'application/json');
    if (url === '/token') {
      made += 1;
      return response.end(JSON.stringify({ access_token: `${TOKEN}-${made}`, expires_in: 3600 }));
    }
    if (taken && headers.authorization === `Bearer ${TOKEN}-1`)
      return response.writeHead(401).end(`{"bad":"${TOKEN}-1"}`);
    return response.end(`{"echo":"${headers.authorization}"}`);
  };
  const get = (init: RequestInit = {}) =>
    fetch(`${rig.proxy}/v4/spreadsheets/1`, { ...init, headers: { authorization: `Bearer ${rig.key}` } });
  expect((await get()).status).toBe(200);
  taken = true;
  rig.gate.clock.advance(MINUTE);
  const second = await get();
  expect([second.status, await second.text()]).toEqual([200, `{"echo":"Bearer ${'*'.repeat(TOKEN.length + 2)}"}`]);
  expect(made).toBe(2);
  expect((await get()).status).toBe(200);
  expect(made).toBe(2);
  expect(rig.down()).not.toContain(TOKEN);
});

test('V6: a body cannot be sent twice: then the caller sees the 401, and the next call has a new token', async () => {
  const fields = { serviceAccountJson: JSON.stringify(SERVICE_ACCOUNT) };
  const rig = await startRig({ type: 'google_sheets', name: 'sheets', fields });
  let made = 0;
  let taken = false;
  rig.vendor.answer = ({ url, headers }, response) => {
    if (url === '/token') {
      made += 1;
      return response.end(JSON.stringify({ access_token: `${TOKEN}-${made}`, expires_in: 3600 }));
    }
    return response.writeHead(taken && headers.authorization === `Bearer ${TOKEN}-1` ? 401 : 200).end('{}');
  };
  const post = async () =>
    (
      await fetch(`${rig.proxy}/v4/spreadsheets/1`, {
        method: 'POST',
        body: '{}',
        headers: { authorization: `Bearer ${rig.key}` },
      })
    ).status;
  expect(await post()).toBe(200);
  taken = true;
  rig.gate.clock.advance(MINUTE);
  expect(await post()).toBe(401);
  expect(await post()).toBe(200);
  expect(made).toBe(2);
});
