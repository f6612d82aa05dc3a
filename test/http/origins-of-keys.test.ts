import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { KeyOnly } from '../../src/contract/keys.js';
import { startGatehouse } from '../support/gatehouse.js';
import { expectProblem } from './problem.js';

const APP = 'https://app.example.com';
const bounded = { name: 'web', allowedOrigins: [APP, 'http://localhost:5173'] };

test('K2: a key with a list of origins is good from pages of those origins and from nothing else', async () => {
  await using gate = await startGatehouse({ CORS_ORIGINS: APP });
  const { key, token } = await gate.createKey(bounded);
  expect(key.allowedOrigins).toEqual(bounded.allowedOrigins);
  const whoami = (headers: Record<string, string>) => gate.call('/api/auth/whoami', { key: token, headers });
  const mine = await whoami({ origin: APP });
  expect(mine.status).toBe(200);
  expect(mine.headers.get('access-control-allow-origin')).toBe(APP);
  expectProblem(
    await whoami({ origin: 'https://evil.example' }),
    'ORIGIN_NOT_ALLOWED',
    /"https:\/\/evil.example": its own list/,
  );
  expectProblem(await whoami({}), 'ORIGIN_NOT_ALLOWED', /names no Origin/);
  // A preflight carries no key: it is the instance's to answer.
  const preflight = await gate.call('/api/ask', {
    method: 'OPTIONS',
    headers: { origin: APP, 'access-control-request-method': 'POST' },
  });
  expect([preflight.status, preflight.headers.get('access-control-allow-origin')]).toEqual([204, APP]);
  // The refusal is in the audit with its reason.
  const refused = (await gate.local('/api/audit?action=request.refused')).json.data;
  expect(refused[0].detail).toMatchObject({ reason: 'key-origin' });
});

test('K2: the list is changed, adopted and taken away like every other bound', async () => {
  await using gate = await startGatehouse({ VALID_API_KEYS: 'c'.repeat(40) });
  const { key, token } = await gate.createKey();
  expect(key.allowedOrigins).toEqual([]);
  const patch = async (body: object) =>
    KeyOnly.parse((await gate.local(`/api/keys/${key.id}`, { method: 'PATCH', body })).json).key;
  const status = async (headers = {}) => (await gate.call('/api/auth/whoami', { key: token, headers })).status;
  expect((await patch({ allowedOrigins: [APP, APP] })).allowedOrigins).toEqual([APP]);
  expect([await status(), await status({ origin: APP })]).toEqual([403, 200]);
  expect((await patch({ note: 'still' })).allowedOrigins).toEqual([APP]);
  expect((await patch({ allowedOrigins: [] })).allowedOrigins).toEqual([]);
  expect([await status(), await status({ origin: 'https://evil.example' })]).toEqual([200, 200]);
  // A key without a list is written as before there were any: older versions read the file.
  expect(await readFile(join(gate.folder, 'api-keys.json'), 'utf8')).not.toContain('allowedOrigins');

  const [env] = (await gate.local('/api/env-keys')).json.data.filter(
    (one: { variable: string }) => one.variable === 'VALID_API_KEYS',
  );
  const adopted = await gate.local(`/api/env-keys/${env.fingerprint}/adopt`, { method: 'POST', body: bounded });
  expect(adopted.json.key?.allowedOrigins, adopted.text).toEqual(bounded.allowedOrigins);
});

test.each([
  ['app.example.com', /allowedOrigins\[1\]: "app.example.com" is not an origin such as/],
  ['https://App.example.com', /write https:\/\/app.example.com/],
  ['https://app.example.com/', /write https:\/\/app.example.com/],
  ['https://app.example.com:443', /write https:\/\/app.example.com/],
  ['https://*.example.com', /allowedOrigins\[1\]/],
  ['*', /allowedOrigins\[1\]/],
  ['null', /allowedOrigins\[1\]/],
  ['file:///tmp', /allowedOrigins\[1\]/],
])('K2: %s is no origin, and is refused with its place in the list', async (entry, detail) => {
  await using gate = await startGatehouse();
  const answer = await gate.local('/api/keys', {
    method: 'POST',
    body: { name: 'web', allowedOrigins: ['http://a.example', entry] },
  });
  expectProblem(answer, 'BAD_REQUEST', detail);
  expect((await gate.local('/api/keys')).json.data).toEqual([]);
});

test('K11: a key of pages makes keys of the same pages only', async () => {
  await using gate = await startGatehouse();
  const { token } = await gate.createKey({ ...bounded, scopes: ['keys:write', 'keys:read'] });
  const make = (body: object) =>
    gate.call('/api/keys', { key: token, headers: { origin: APP }, body: { name: 'child', scopes: [], ...body } });
  expectProblem(await make({}), 'FORBIDDEN', /Beyond that: allowedOrigins/);
  expectProblem(await make({ allowedOrigins: [APP, 'https://other.example'] }), 'FORBIDDEN', /allowedOrigins/);
  expect((await make({ allowedOrigins: [APP] })).status).toBe(201);
});

test('G11: the explanation of a key of pages names the origin, and what to do', async () => {
  await using gate = await startGatehouse();
  const { key } = await gate.createKey({ ...bounded, scopes: ['keys:read'] });
  const explain = async (headers?: object) =>
    (await gate.local('/api/explain', { body: { method: 'GET', path: '/api/keys', keyId: key.id, headers } })).json;
  const none = await explain();
  expect(none).toMatchObject({ allow: false, status: 403, code: 'ORIGIN_NOT_ALLOWED' });
  expect(none.firstFailure.step).toBe('bounds');
  expect(none.firstFailure.remedy).toContain(`gatehouse keys update ${key.id} --allow-origin`);
  const mine = await explain({ Origin: APP });
  expect(mine.allow).toBe(true);
  expect(mine.steps.find(({ step }: { step: string }) => step === 'bounds').words).toContain(
    'its list of origins holds the one of the request',
  );
});

test('G11: what is asked of a request that was answered is judged as that was', async () => {
  await using gate = await startGatehouse();
  const { key, token } = await gate.createKey({ ...bounded, scopes: [] });
  await gate.call('/api/keys', { key: token, headers: { origin: APP } });
  await gate.call('/api/keys', { key: token, headers: { origin: 'https://evil.example' } });
  const { data } = (await gate.local(`/api/requests?keyId=${key.id}`)).json;
  const codes = [];
  for (const one of data)
    codes.push([one.outcome, (await gate.local('/api/explain', { body: one.explain })).json.code]);
  expect(codes).toEqual([
    ['ORIGIN_NOT_ALLOWED', 'ORIGIN_NOT_ALLOWED'],
    ['FORBIDDEN', 'FORBIDDEN'],
  ]);
});

test('K5: a list that was written into the file by hand holds within seconds', async () => {
  await using gate = await startGatehouse();
  const { key, token } = await gate.createKey();
  const file = join(gate.folder, 'api-keys.json');
  const text = await readFile(file, 'utf8');
  await writeFile(file, text.replace('"allowedIps":[]', `"allowedIps":[],"allowedOrigins":["${APP}"]`));
  await expect
    .poll(async () => (await gate.call('/api/auth/whoami', { key: token })).json.code, { timeout: 5000 })
    .toBe('ORIGIN_NOT_ALLOWED');
  expect((await gate.local(`/api/keys/${key.id}`)).json.key.allowedOrigins).toEqual([APP]);
});
