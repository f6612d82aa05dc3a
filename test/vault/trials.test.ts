import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { CreateCredential } from '../../src/contract/credentials.js';
import { standIn, testEgress } from '../egress/stand-in.js';
import { openTestVault, pretendEgress, refusalOf } from './kit.js';
import { SAMPLES } from './samples.js';

const SECRET = 'sk_test_neverKept0123456789';
const stripe = (over: Partial<CreateCredential> = {}): CreateCredential => ({
  name: 'mine',
  type: 'stripe',
  fields: { apiKey: SECRET },
  ...over,
});

/** Everything in a folder, as one text. */
async function everythingIn(folder: string): Promise<string> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  return (await Promise.all(files.map((file) => readFile(join(file.parentPath, file.name), 'latin1')))).join('\n');
}

test('V2, V4, V5: fields are tried before they are kept: told with status, time and a redacted reply; audited without values; written nowhere', async () => {
  const egress = pretendEgress((request) => ({
    status: 401,
    body: { error: { message: 'Invalid API Key' }, got: Object.fromEntries(request.headers ?? []) },
  }));
  const kit = await openTestVault({ egress });
  const { test: tried, warnings } = await kit.vault.trials.create(kit.by({ id: 'key_7' }), 'one', stripe());
  expect(tried).toMatchObject({ outcome: 'invalid', status: 401, detail: 'api.stripe.com refuses it (401).' });
  expect(tried.tookMs).toBeGreaterThanOrEqual(0);
  expect(tried.reply).toContain('Invalid API Key');
  expect(tried.reply).toContain(`Bearer ${'*'.repeat(SECRET.length)}`);
  expect(warnings).toEqual([]);
  expect(Object.fromEntries(egress.calls[0]?.headers ?? [])['authorization']).toBe(`Bearer ${SECRET}`);

  expect(kit.vault.credentials.list(kit.by().bounds, 'one', { limit: 50 }).data).toEqual([]);
  expect(kit.lines).toEqual([
    expect.objectContaining({
      action: 'credential.try',
      actor: 'key_7',
      target: 'one',
      detail: { workspaceId: 'one', name: 'mine', type: 'stripe', purpose: 'try', host: 'api.stripe.com' },
    }),
  ]);
  await kit.close();
  const kept = (await everythingIn(kit.folder.statePath)) + kit.logs();
  expect(kept).toContain('credential.try');
  for (const form of [SECRET, Buffer.from(SECRET).toString('base64'), 'Invalid API Key'])
    expect(kept).not.toContain(form);
});

test('V4: when the audit cannot be written nobody is asked', async () => {
  const egress = pretendEgress(() => ({ status: 200 }));
  const kit = await openTestVault({ egress });
  kit.silenced = true;
  expect(await refusalOf(() => kit.vault.trials.create(kit.by(), 'one', stripe()))).toMatch(/^AUDIT_UNAVAILABLE/);
  expect(egress.calls).toEqual([]);
});

test('V5: one try every five seconds in a workspace, whatever is tried; what is refused as bad input does not count', async () => {
  const egress = pretendEgress(() => ({ status: 200 }));
  const kit = await openTestVault({ egress });
  const attempt = (request = stripe(), workspace = 'one') => kit.vault.trials.create(kit.by(), workspace, request);
  expect(await refusalOf(() => attempt(stripe({ fields: {} })))).toMatch(/^BAD_REQUEST: fields.apiKey/);
  expect(await refusalOf(() => attempt(stripe({ type: 'nothing' })))).toMatch(/^BAD_REQUEST: type/);
  expect((await attempt()).test.outcome).toBe('ok');
  expect(await refusalOf(() => attempt(stripe({ type: 'github', fields: { ...SAMPLES['github'] } })))).toMatch(
    /^RATE_LIMITED/,
  );
  expect((await attempt(stripe(), 'two')).test.outcome).toBe('ok');
  kit.clock.advance(5000);
  expect((await attempt()).test.outcome).toBe('ok');
  expect(egress.calls).toHaveLength(3);
  // Nobody is asked for these, so there is nothing to hold back.
  for (const type of ['custom', 'stripe_webhook', 'custom']) {
    const { test: tried } = await attempt(stripe({ type, fields: { ...SAMPLES[type] } }));
    expect(tried).toMatchObject({ outcome: 'unknown', status: null, reply: null });
    expect(tried.detail).toMatch(/^Nobody was asked\. /);
  }
  expect(egress.calls).toHaveLength(3);
});

test('V2, V5: a replacement is tried as it would be saved: every secret anew; what is kept stays as it is', async () => {
  const egress = pretendEgress(() => ({ status: 200, body: { livemode: false } }));
  const kit = await openTestVault({ egress });
  const { id } = await kit.add('stripe', 'mine');
  const before = await kit.read('credentials.json');
  const attempt = (fields: Record<string, unknown>) => kit.vault.trials.replace(kit.by(), 'one', 'mine', { fields });
  expect(await refusalOf(() => attempt({}))).toMatch(/^BAD_REQUEST: fields.apiKey/);
  expect((await attempt({ apiKey: SECRET })).test).toMatchObject({ outcome: 'ok', reply: '{"livemode":false}' });
  expect(kit.lines.at(-1)).toMatchObject({ action: 'credential.try', target: id });
  expect(Object.fromEntries(egress.calls[0]?.headers ?? [])['authorization']).toBe(`Bearer ${SECRET}`);
  expect(await kit.read('credentials.json')).toBe(before);
  expect(await refusalOf(() => kit.vault.trials.replace(kit.by(), 'two', 'mine', { fields: {} }))).toMatch(
    /^NOT_FOUND/,
  );
});

test('V2: a token that was exchanged for a try is not kept for others', async () => {
  let count = 0;
  const egress = pretendEgress((request) => {
    if (!String(request.url).endsWith('/oauth/access_token'))
      return { status: 401, body: Object.fromEntries(request.headers ?? []) };
    count += 1;
    return { status: 200, body: { access_token: `shpat_token_number_${count}`, expires_in: 86_399 } };
  });
  const kit = await openTestVault({ egress });
  const fields = { shop: 'my-shop', authMode: 'clientCredentials', clientId: 'cid', clientSecret: 'shop-secret-1' };
  await kit.add('shopify', 'shop', { fields: { ...fields, accessToken: null } });
  const { test: tried } = await kit.vault.trials.replace(kit.by(), 'one', 'shop', { fields });
  expect(tried).toMatchObject({ outcome: 'invalid', status: 401 });
  expect(tried.reply).not.toContain('shpat_token_number_1');
  expect(kit.lines.slice(-2).map(({ action }) => action)).toEqual(['credential.try', 'credential.exchange']);
  const opened = await kit.vault.source.open(kit.by(), kit.vault.source.find('one', 'shop') ?? '', {
    purpose: 'proxy',
    host: 'my-shop.myshopify.com',
  });
  expect(JSON.stringify(await opened.auth())).toContain('shpat_token_number_2');
});

test('V5: a vendor that does not answer is given up after five seconds, and that says nothing about the key', async () => {
  const silent = await standIn(() => {});
  const kit = await openTestVault({ egress: testEgress() });
  const fields = { baseUrl: `https://vendor.test:${silent.port}`, scheme: 'bearer', token: SECRET, testPath: '/me' };
  const begun = performance.now();
  const { test: tried } = await kit.vault.trials.create(kit.by(), 'one', stripe({ type: 'http_request', fields }));
  const took = performance.now() - begun;
  expect(tried).toMatchObject({ outcome: 'unreachable', status: null, reply: null });
  expect(tried.detail).toContain('vendor.test');
  expect(took).toBeGreaterThan(4500);
  expect(took).toBeLessThan(7000);
  expect(tried.tookMs).toBeGreaterThan(4500);
}, 15_000);

test('V6: an address that may not be called is refused by name, and nothing is sent', async () => {
  let asked = 0;
  const inside = await standIn(() => {
    asked += 1;
  });
  const kit = await openTestVault({ egress: testEgress({ lan: [] }) });
  const attempt = async (host: string) => {
    kit.clock.advance(5000);
    const fields = { baseUrl: `https://${host}`, scheme: 'bearer', token: SECRET, testPath: '/' };
    return (await kit.vault.trials.create(kit.by(), 'one', stripe({ type: 'http_request', fields }))).test;
  };
  for (const host of [`vendor.test:${inside.port}`, `127.0.0.1:${inside.port}`, '169.254.169.254']) {
    const tried = await attempt(host);
    expect(tried, host).toMatchObject({ outcome: 'unreachable', status: null, reply: null });
    expect(tried.detail).toContain(host.split(':')[0]);
  }
  expect(asked).toBe(0);
});
