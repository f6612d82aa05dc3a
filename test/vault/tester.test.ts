import { generateKeyPairSync, verify } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { EgressRequest } from '../../src/egress/egress.js';
import { GatehouseError } from '../../src/kernel/errors.js';
import { DAY, HOUR, MINUTE } from '../support/clock.js';
import { openTestVault, pretendEgress, refusalOf, type Said } from './kit.js';
import { SAMPLES } from './samples.js';

/** What one credential's test comes to when its vendor answers so. */
async function tested(type: string, answer: (request: EgressRequest) => Said | Promise<Said>, fields: object = {}) {
  const egress = pretendEgress(answer);
  const kit = await openTestVault({ egress });
  const { id } = await kit.add(type, 'mine', { fields });
  const { test: found, credential } = await kit.vault.tester.test(kit.by(), 'one', 'mine');
  const { at, outcome, detail, reply } = found;
  expect(credential.lastTest).toEqual({ at, outcome, detail });
  return { outcome, detail, reply, calls: egress.calls, kit, id };
}

const headersOf = (request: EgressRequest | undefined) => Object.fromEntries(request?.headers ?? []);

describe('what a vendor’s answer means', () => {
  test.each<[string, string, number, unknown]>([
    ['stripe', 'ok', 200, {}],
    ['stripe', 'limited', 403, {}],
    ['stripe', 'invalid', 401, {}],
    ['stripe', 'unknown', 429, {}],
    ['stripe', 'unknown', 500, {}],
    ['stripe', 'unknown', 404, {}],
    ['slack', 'ok', 200, { ok: true }],
    ['slack', 'invalid', 200, { ok: false, error: 'invalid_auth' }],
    ['slack', 'invalid', 200, { ok: false, error: 'token_revoked' }],
    ['slack', 'unknown', 200, { ok: false, error: 'ratelimited' }],
    ['slack', 'unknown', 200, 'not an object'],
    ['telegram', 'ok', 200, { ok: true }],
    ['telegram', 'invalid', 404, { ok: false }],
    ['resend', 'ok', 200, {}],
    ['resend', 'limited', 401, { name: 'restricted_api_key' }],
    ['resend', 'unknown', 401, { name: 'missing_api_key' }],
    ['resend', 'invalid', 403, { name: 'invalid_api_key' }],
    ['linear', 'ok', 200, { data: { viewer: { id: 'u1' } } }],
    ['linear', 'unknown', 200, { errors: [{}] }],
    ['linear', 'invalid', 401, {}],
    ['gemini', 'invalid', 400, {}],
    ['twilio', 'ok', 200, {}],
    ['twilio', 'limited', 403, {}],
    ['github', 'limited', 403, {}],
    ['openai', 'ok', 200, { data: [] }],
    ['anthropic', 'invalid', 401, {}],
    ['notion', 'ok', 200, {}],
    ['trello', 'invalid', 400, {}],
    ['whatsapp', 'ok', 200, {}],
    ['discord', 'invalid', 401, {}],
    ['sendgrid', 'invalid', 403, {}],
    ['airtable', 'ok', 200, {}],
    ['hubspot', 'limited', 403, {}],
    ['calendly', 'limited', 403, {}],
    ['polar', 'limited', 403, {}],
    ['shopify', 'ok', 200, { data: { shop: { name: 'x' } } }],
  ])('V5: %s: %s at %i', async (type, outcome, status, body) => {
    const found = await tested(type, () => ({ status, body }));
    expect(found.outcome).toBe(outcome);
    expect(found.detail).toContain(String(status));
    expect(found.calls).toHaveLength(1);
  });

  test.each([
    ['EGRESS_REFUSED', 'unreachable'],
    ['UPSTREAM_UNREACHABLE', 'unreachable'],
    ['UPSTREAM_TIMEOUT', 'unreachable'],
    ['UPSTREAM_BAD_ANSWER', 'unknown'],
  ] as const)('V5: a call that ends with %s says nothing about the key: %s', async (code, outcome) => {
    const found = await tested('stripe', () => {
      throw new GatehouseError(code, 'api.stripe.com does not answer.');
    });
    expect(found).toMatchObject({ outcome, detail: 'api.stripe.com does not answer.' });
  });

  test('V5: the call is the vendor’s cheapest, with the key in its own slot', async () => {
    const urlOf = async (type: string, fields = {}) => {
      const { calls } = await tested(type, () => ({ status: 200 }), fields);
      return { request: calls[0], url: String(calls[0]?.url), method: calls[0]?.method };
    };
    expect(await urlOf('stripe')).toMatchObject({ url: 'https://api.stripe.com/v1/balance', method: 'GET' });
    const telegram = await urlOf('telegram');
    expect(telegram.url).toBe(`https://api.telegram.org/bot${SAMPLES['telegram']?.['botToken']}/getMe`);
    expect((await urlOf('whatsapp')).url).toBe(
      'https://graph.facebook.com/v26.0/123456789012345?fields=id,display_phone_number',
    );
    const trello = new URL((await urlOf('trello')).url);
    expect(trello.searchParams.get('token')).toBe('B'.repeat(64));
    const twilio = await urlOf('twilio');
    expect(twilio.url).toBe(`https://api.twilio.com/2010-04-01/Accounts/AC${'0'.repeat(32)}/Messages.json?PageSize=1`);
    expect(headersOf(twilio.request)['authorization']).toMatch(/^Basic /);
    const discord = await urlOf('discord');
    expect(headersOf(discord.request)['user-agent']).toMatch(/^DiscordBot \(/);
    const github = await urlOf('github');
    expect(headersOf(github.request)).toMatchObject({
      accept: 'application/vnd.github+json',
      'user-agent': 'Gatehouse/1.0',
    });
    const linear = await urlOf('linear');
    expect(linear).toMatchObject({ method: 'POST', url: 'https://api.linear.app/graphql' });
    expect(linear.request?.body).toBe('{"query":"{ viewer { id } }"}');
    const own = { baseUrl: 'https://api.example.com/v2/', testPath: '/ping?deep=1' };
    expect((await urlOf('http_request', own)).url).toBe('https://api.example.com/v2/ping?deep=1');
  });

  test('V5: types that ask nobody say so, having proved that they open', async () => {
    for (const type of ['custom', 'stripe_webhook', 'polar_webhook']) {
      const { outcome, detail, calls, kit } = await tested(type, () => ({ status: 200 }));
      expect([outcome, calls.length], type).toEqual(['unknown', 0]);
      expect(detail).toMatch(/^It opens\. /);
      expect(kit.lines.at(-1)).toMatchObject({ action: 'credential.open', detail: { purpose: 'test', host: null } });
    }
    const noPath = await tested('http_request', () => ({ status: 200 }));
    expect(noPath).toMatchObject({ outcome: 'unknown', calls: [] });
  });

  test('V4, V5: a test is an opening: audited first, and refused when that fails', async () => {
    const egress = pretendEgress(() => ({ status: 200 }));
    const kit = await openTestVault({ egress });
    const { id } = await kit.add('stripe', 'mine');
    kit.silenced = true;
    expect(await refusalOf(() => kit.vault.tester.test(kit.by(), 'one', 'mine'))).toMatch(/^AUDIT_UNAVAILABLE/);
    expect(egress.calls).toEqual([]);
    kit.silenced = false;
    kit.clock.advance(MINUTE);
    await kit.vault.tester.test(kit.by({ id: 'key_9' }), 'one', 'mine');
    expect(kit.lines.at(-1)).toMatchObject({
      action: 'credential.open',
      actor: 'key_9',
      target: id,
      detail: { purpose: 'test', host: 'api.stripe.com' },
    });
  });

  test('V5: a credential is tested at most every five seconds', async () => {
    const { kit } = await tested('stripe', () => ({ status: 200 }));
    const again = () => kit.vault.tester.test(kit.by(), 'one', 'mine');
    expect(await refusalOf(again)).toMatch(/^RATE_LIMITED/);
    kit.clock.advance(5000);
    expect((await again()).test.outcome).toBe('ok');
  });

  test('V2: what a vendor says is kept nowhere, and told without the secret; of a good key it is not told', async () => {
    const echo = (status: number) =>
      tested('stripe', (request) => ({ status, body: { ...headersOf(request), say: 'no' } }));
    const { kit, detail, reply } = await echo(401);
    expect(reply).toMatch(/"say":"no"/);
    const kept = detail + kit.logs() + JSON.stringify(kit.lines) + (await kit.read('credentials.json'));
    expect(kept).not.toContain('"say"');
    expect(kept + reply).not.toContain(String(SAMPLES['stripe']?.['apiKey']));
    expect((await echo(500)).reply).toMatch(/"say":"no"/);
    expect((await echo(200)).reply).toBeNull();
  });

  test('a credential that was replaced during its test keeps nothing of it', async () => {
    let release = () => {};
    const egress = pretendEgress(
      () =>
        new Promise((resolve) => {
          release = () => resolve({ status: 401 });
        }),
    );
    const kit = await openTestVault({ egress });
    await kit.add('stripe', 'mine');
    const running = kit.vault.tester.test(kit.by(), 'one', 'mine');
    while (egress.calls.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    await kit.vault.credentials.replace(kit.by(), 'one', 'mine', { fields: { apiKey: 'sk_test_another0000' } });
    release();
    expect((await running).test.outcome).toBe('invalid');
    expect(kit.vault.credentials.show(kit.by().bounds, 'one', 'mine').credential.lastTest).toBeNull();
  });
});

describe('the exchange', () => {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const keyFile = (over: object = {}) => ({
    serviceAccountJson: JSON.stringify({
      type: 'service_account',
      client_email: 'robot@project.iam.gserviceaccount.com',
      private_key_id: 'k1',
      private_key: privateKey.export({ type: 'pkcs8', format: 'pem' }),
      token_uri: 'https://evil.example/token',
      ...over,
    }),
  });
  const token = (request: EgressRequest) =>
    String(request.url).includes('oauth2')
      ? { status: 200, body: { access_token: 'at-1', expires_in: 3600 } }
      : { status: 200 };

  test('V5: Google Sheets: a signed assertion, to Google alone, whatever the key file says', async () => {
    const { outcome, calls, kit } = await tested('google_sheets', token, { ...keyFile(), subject: 'me@example.com' });
    expect(outcome).toBe('ok');
    expect(calls.map(({ url, method }) => `${method} ${url}`)).toEqual(['POST https://oauth2.googleapis.com/token']);
    const form = new URLSearchParams(String(calls[0]?.body));
    expect(form.get('grant_type')).toBe('urn:ietf:params:oauth:grant-type:jwt-bearer');
    const [header = '', claims = '', signature = ''] = (form.get('assertion') ?? '').split('.');
    const signed = Buffer.from(`${header}.${claims}`);
    expect(verify('RSA-SHA256', signed, publicKey, Buffer.from(signature, 'base64url'))).toBe(true);
    const read = (part: string) => JSON.parse(Buffer.from(part, 'base64url').toString());
    const now = kit.clock.nowMs() / 1000;
    expect(read(header)).toEqual({ alg: 'RS256', typ: 'JWT', kid: 'k1' });
    expect(read(claims)).toEqual({
      iss: 'robot@project.iam.gserviceaccount.com',
      scope: 'https://www.googleapis.com/auth/spreadsheets',
      aud: 'https://oauth2.googleapis.com/token',
      sub: 'me@example.com',
      iat: now,
      exp: now + 3600,
    });
    expect(kit.lines.slice(-2)).toMatchObject([
      { action: 'credential.open', detail: { host: 'sheets.googleapis.com' } },
      { action: 'credential.exchange', detail: { host: 'oauth2.googleapis.com' } },
    ]);
  });

  test.each([
    [400, 'invalid'],
    [401, 'invalid'],
    [429, 'unknown'],
    [503, 'unknown'],
    [200, 'unknown'],
  ])('V5: an exchange that is answered %i without a token is %s', async (status, outcome) => {
    expect((await tested('google_sheets', () => ({ status }), keyFile())).outcome).toBe(outcome);
  });

  test('V5: a private key that is none is invalid, and nobody is asked', async () => {
    const found = await tested('google_sheets', token, keyFile({ private_key: 'not a key' }));
    expect(found).toMatchObject({ outcome: 'invalid', calls: [] });
  });

  test('the token is kept until shortly before its end, fetched once however many wait, anew after a 401 and a replacement', async () => {
    let count = 0;
    const egress = pretendEgress(() => {
      count += 1;
      return { status: 200, body: { access_token: `at-${count}`, expires_in: 3600 } };
    });
    const kit = await openTestVault({ egress });
    const { id } = await kit.add('google_sheets', 'sheets', { fields: keyFile() });
    const open = () => kit.vault.source.open(kit.by(), id, { purpose: 'proxy', host: 'sheets.googleapis.com' });
    const bearer = async (refresh = false) => (await (await open()).auth({ refresh })).headers[0]?.[1];
    const together = await Promise.all([bearer(), bearer(), bearer()]);
    expect(together).toEqual(['Bearer at-1', 'Bearer at-1', 'Bearer at-1']);
    expect((await (await open()).auth()).secrets).toContain('at-1');
    kit.clock.advance(50 * MINUTE);
    expect(await bearer()).toBe('Bearer at-1');
    kit.clock.advance(5 * MINUTE);
    expect(await bearer()).toBe('Bearer at-2');
    expect(await bearer(true), 'a token this young is not the fault').toBe('Bearer at-2');
    kit.clock.advance(MINUTE);
    expect(await bearer(true)).toBe('Bearer at-3');
    await kit.vault.credentials.replace(kit.by(), 'one', 'sheets', { fields: keyFile() });
    expect(await bearer()).toBe('Bearer at-4');
    expect(count).toBe(4);
  });

  test('an exchange that fails is told with the host and the status, and tried again', async () => {
    let status = 503;
    const egress = pretendEgress(() => ({ status, body: { access_token: 'at', expires_in: 'soon' } }));
    const kit = await openTestVault({ egress });
    const { id } = await kit.add('google_sheets', 'sheets', { fields: keyFile() });
    const auth = async () =>
      (await kit.vault.source.open(kit.by(), id, { purpose: 'proxy', host: 'sheets.googleapis.com' })).auth();
    expect(await refusalOf(auth)).toMatch(/^UPSTREAM_BAD_ANSWER: oauth2.googleapis.com gave no token .*503/);
    status = 200;
    expect((await auth()).headers[0]?.[1]).toBe('Bearer at');
  });

  test('V5: Shopify’s client credentials go to the shop, and the test goes on with the token', async () => {
    const fields = { authMode: 'clientCredentials', accessToken: null, clientId: 'cid', clientSecret: 'shop-secret' };
    const answer = (request: EgressRequest) =>
      String(request.url).endsWith('/oauth/access_token')
        ? { status: 200, body: { access_token: 'shpat_1', expires_in: 86_399 } }
        : { status: 200, body: { data: { shop: { name: 's' } } } };
    const { outcome, calls } = await tested('shopify', answer, fields);
    expect(outcome).toBe('ok');
    expect(calls.map(({ url }) => String(url))).toEqual([
      'https://my-shop.myshopify.com/admin/oauth/access_token',
      'https://my-shop.myshopify.com/admin/api/2026-07/graphql.json',
    ]);
    expect(JSON.parse(String(calls[0]?.body))).toEqual({
      grant_type: 'client_credentials',
      client_id: 'cid',
      client_secret: 'shop-secret',
    });
    expect(headersOf(calls[1])['x-shopify-access-token']).toBe('shpat_1');
    const refused = await tested('shopify', () => ({ status: 401 }), fields);
    expect(refused).toMatchObject({ outcome: 'invalid' });
    expect(refused.calls).toHaveLength(1);
  });

  test('a token that no header can carry is no token', async () => {
    const found = await tested(
      'google_sheets',
      () => ({ status: 200, body: { access_token: 'a\r\nX-Evil: 1', expires_in: 3600 } }),
      keyFile(),
    );
    expect(found.outcome).toBe('unknown');
  });
});

describe('the daily test', () => {
  test('V5: every credential with a test is tried about once a day, and the list shows what came of it', async () => {
    let status = 200;
    const egress = pretendEgress(() => ({ status }));
    const kit = await openTestVault({ egress });
    await kit.add('stripe', 'a');
    await kit.add('github', 'b', { workspaceId: 'two' });
    await kit.add('custom', 'c');
    const retests = kit.vault.startRetests(kit.by({ id: 'gatehouse' }));
    await retests.look();
    expect(egress.calls).toEqual([]);
    kit.clock.advance(DAY + 4 * HOUR);
    await Promise.all([retests.look(), retests.look()]);
    expect(egress.calls).toHaveLength(2);
    await retests.look();
    expect(egress.calls).toHaveLength(2);
    const health = (outcome: 'ok' | 'invalid' | 'untested') =>
      kit.vault.credentials.list(kit.by().bounds, 'one', { limit: 50, health: outcome }).data.map(({ name }) => name);
    expect(health('ok')).toEqual(['a']);
    expect(health('untested')).toEqual(['c']);
    status = 401;
    kit.clock.advance(DAY + 4 * HOUR);
    await retests.look();
    expect(health('invalid')).toEqual(['a']);
    expect(kit.logs()).toContain('a credential is refused by its vendor');
    expect(kit.lines.filter(({ action }) => action === 'credential.open')).toHaveLength(4);
  });

  test('one that cannot be opened keeps none of the others from their test', async () => {
    const egress = pretendEgress(() => ({ status: 200 }));
    const kit = await openTestVault({ egress });
    await kit.add('stripe', 'a');
    await kit.add('stripe', 'b');
    await kit.close();
    await kit.edit('credentials.json', (text) => text.replace(/"token":"gAAAA[^"]{8}/, '"token":"gAAAAAAAAAAAA'));
    const again = await openTestVault({ path: kit.folder.path, egress, clock: kit.clock });
    again.clock.advance(2 * DAY);
    await again.vault.startRetests(again.by()).look();
    expect(egress.calls).toHaveLength(1);
  });
});
