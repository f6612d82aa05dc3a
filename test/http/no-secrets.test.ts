import { randomBytes } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type Answer, type CallOptions, type RunningGatehouse, startGatehouse } from '../support/gatehouse.js';
import { temporaryWorkspaces } from '../support/workspace.js';

/** A secret and the one answer that may hold it. */
interface Marked {
  readonly value: string;
  readonly madeBy: Answer | null;
}

/** Parts of a secret would do to guess the rest of it: a run of so many characters counts as the secret. */
const TELLING = 14;

/** Whether `text` holds any telling part of `value`. The visible start of a key, its type and mode, is no secret. */
function holds(text: string, value: string): boolean {
  const secret = value.startsWith('gate_') ? value.slice(value.lastIndexOf('_') + 1) : value;
  for (let index = 0; index + TELLING <= secret.length; index += 1)
    if (text.includes(secret.slice(index, index + TELLING))) return true;
  return false;
}

async function filesUnder(folder: string): Promise<string[]> {
  const names = await readdir(folder, { recursive: true });
  const paths: string[] = [];
  for (const name of names) if ((await stat(join(folder, name))).isFile()) paths.push(join(folder, name));
  return paths;
}

test('K1: through a busy life no secret appears in any answer but its own, in any log, audit line or file', async () => {
  await using folder = await temporaryWorkspaces();
  const masterKey = randomBytes(32).toString('base64url');
  const adminKey = randomBytes(32).toString('hex');
  const clientKey = randomBytes(32).toString('base64url');
  const secrets: Marked[] = [masterKey, adminKey, clientKey].map((value) => ({ value, madeBy: null }));
  const answers: Answer[] = [];
  let logs = '';

  async function live(gate: RunningGatehouse): Promise<void> {
    const call = async (path: string, options?: CallOptions) => {
      const answer = await gate.call(path, options);
      answers.push(answer);
      return answer;
    };
    const admin = { key: adminKey };
    const make = async (path: string, body: object): Promise<{ id: string; token: string; madeBy: Answer }> => {
      const madeBy = await call(path, { ...admin, body });
      secrets.push({ value: madeBy.json.token, madeBy });
      return { id: madeBy.json.key.id, token: madeBy.json.token, madeBy };
    };
    const first = await make('/api/keys', { name: 'first', scopes: ['*'], note: 'a note' });
    const rotated = await make(`/api/keys/${first.id}/rotate`, {});
    const near = [`${first.token.slice(0, -1)}!`, `${first.token}x`];
    const foreign = [randomBytes(40).toString('base64url'), `gate_sdk_test_${randomBytes(40).toString('hex')}`];
    secrets.push(...near.map((value) => ({ value, madeBy: first.madeBy })));
    secrets.push(...foreign.map((value) => ({ value, madeBy: null })));
    for (const value of [first.token, rotated.token, clientKey, adminKey, ...near, ...foreign]) {
      for (const headers of [{ 'x-api-key': value }, { Authorization: `Bearer ${value}` }]) {
        await call('/api/auth/whoami', { headers });
        await call('/api/keys', { headers });
        await call('/api/nothing', { headers });
        await call('/api/ask', { headers, body: { workspaceId: 'example', question: 'What are fines?' } });
        await call('/api/ask', { headers, body: '{"broken' });
      }
      // Where people put keys by mistake.
      await call(`/api/keys?api_key=${value}`);
      await call(`/nothing/${value}`);
      await call(`/api/keys/${encodeURIComponent(value)}`, admin);
      await call('/api/ask', { ...admin, body: { workspaceId: value, question: 'x' } });
      await call('/api/keys', { ...admin, body: `{"token": "${value}` });
      await call('/api/keys', { ...admin, body: { name: 7, token: value } });
      await call('/api/keys/verify', { ...admin, body: { token: value } });
      await call('/api/keys/verify', { ...admin, body: { token: value, scopes: ['*'] } });
      await call(`/api/env-keys/${value}/adopt`, { ...admin, body: { name: 'x' } });
      await call('/api/auth/whoami', { headers: { 'x-api-key': value, Authorization: 'Bearer other' } });
      await call('/api/auth/whoami', { headers: { Cookie: `session=${value}`, 'X-Request-Id': value } });
    }
    const fingerprints = (await call('/api/env-keys', admin)).json.data;
    const { fingerprint } = fingerprints.find(({ variable }: { variable: string }) => variable === 'VALID_API_KEYS');
    await call(`/api/env-keys/${fingerprint}/adopt`, { ...admin, body: { name: 'adopted' } });
    await call(`/api/keys/${first.id}`, { ...admin, method: 'PATCH', body: { note: 'changed' } });
    await call(`/api/keys/${first.id}/revoke`, { ...admin, body: { reason: 'over' } });
    for (const path of ['/api/keys', '/api/audit?limit=200', '/api/audit/verify', '/api/workspaces', '/healthz'])
      await call(path, admin);
  }

  const settings = { MASTER_KEY: masterKey, ADMIN_API_KEY: adminKey, VALID_API_KEYS: clientKey, API_RATE_LIMIT: 'off' };
  for (let start = 0; start < 2; start += 1) {
    await using gate = await startGatehouse(settings, { folder: folder.path });
    await live(gate);
    logs += gate.logs();
    expect(gate.gatehouse.config.shown.map(({ value }) => value).join('\n')).not.toContain(adminKey);
  }

  expect(answers.length).toBeGreaterThan(200);
  expect(answers.some(({ status }) => status >= 500)).toBe(false);
  expect(logs).toContain('createKey');
  const files = await filesUnder(folder.path);
  expect(files.some((path) => path.includes('audit'))).toBe(true);
  const texts = await Promise.all(files.map(async (path) => ({ path, text: await readFile(path, 'latin1') })));
  for (const { value, madeBy } of secrets) {
    const told = answers.filter((answer) => answer !== madeBy && holds(`${answer.text}${[...answer.headers]}`, value));
    expect(told.map(({ text }) => text)).toEqual([]);
    expect(holds(logs, value), 'a log line holds a secret').toBe(false);
    expect(texts.filter(({ text }) => holds(text, value)).map(({ path }) => path)).toEqual([]);
  }
});
