import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hasBrowser, openBrowser } from '../support/browser.js';
import { type RunningGatehouse, startGatehouse } from '../support/gatehouse.js';
import { createUser } from '../support/people.js';
import { temporaryWorkspaces } from '../support/workspace.js';
import { tabTo } from './keyboard.js';
import { openTab, settle, startInstance } from './kit.js';
import { everythingOn, listenToAnswers } from './leftovers.js';
import { type StandIn, startVendor } from './vendor.js';

const SECRET = 'sk_test_veryPrivate0123456789';
const at = (path = '') => `/api/workspaces/example/credentials${path}`;

describe.skipIf(!hasBrowser('credentials'))('credentials in the browser', () => {
  let vendor: StandIn;
  let gate: RunningGatehouse;
  let browser: Browser;
  beforeAll(async () => {
    vendor = await startVendor(['api.stripe.com', 'api.github.com']);
    gate = await startInstance({}, { egress: vendor.egress });
    browser = await openBrowser();
  });
  afterAll(async () => {
    await browser?.close();
    await gate?.[Symbol.asyncDispose]();
    await vendor?.[Symbol.asyncDispose]();
  });
  const open = async (path: string, email?: string) => {
    const tab = await openTab(browser, gate, path, email === undefined ? {} : { email });
    tab.context.setDefaultTimeout(8000);
    return tab;
  };
  const add = async (name: string, type: string, fields: object) => {
    const made = await gate.local(at(), { body: { name, type, fields } });
    expect(made.status, made.text).toBe(201);
    return made.json.credential as { id: string };
  };

  test('D1, D2, V1, V2, V5: a credential is configured and tested by keyboard alone, and its secret is nowhere afterwards', async () => {
    const { page, faults, context } = await open('/credentials');
    const answers = listenToAnswers(page);
    await tabTo(page, 'Search types');
    await page.keyboard.type('strip');
    await expect.poll(() => page.getByRole('article').count()).toBe(2);
    await tabTo(page, 'Configure Stripe');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Configure Stripe' }).waitFor();

    // Sent empty, it says what is missing and leads there.
    await tabTo(page, 'Save and test');
    await page.keyboard.press('Enter');
    await page.getByText('1 field needs another look').waitFor();
    await tabTo(page, 'Secret or restricted key', 20);
    await page.keyboard.press('Enter');
    await expect.poll(() => page.evaluate('document.activeElement?.id')).toBe('field-apiKey');
    expect(await page.locator('#field-apiKey').getAttribute('type')).toBe('password');
    expect(await page.locator('#field-apiKey').getAttribute('aria-invalid')).toBe('true');
    expect(await page.locator('#field-apiKey').getAttribute('aria-describedby')).toContain('error');
    await page.keyboard.type(SECRET);
    expect(await page.locator('body').innerText()).toContain('api.stripe.com');
    await tabTo(page, 'Save and test');
    await page.keyboard.press('Enter');

    await page.getByText('stripe is saved').waitFor();
    await page.getByText('The vendor takes it.').waitFor();
    expect(await page.locator('body').innerText()).toMatch(/api\.stripe\.com takes it \(200\)/);
    expect(await page.locator('body').innerText()).toMatch(/took [\d,]+ ms/);
    expect(vendor.seen.at(-1)).toEqual({ host: 'api.stripe.com', authorization: `Bearer ${SECRET}` });
    await tabTo(page, 'To the credential');
    await page.keyboard.press('Enter');
    await page.getByText('Secret or restricted key: set, never shown').waitFor();

    for (const where of [page.url(), await everythingOn(page), await answers()]) expect(where).not.toContain(SECRET);
    await page.goBack();
    await settle(page);
    expect(await everythingOn(page)).not.toContain(SECRET);
    await page.goto(`${gate.url}/credentials?search=stripe`);
    await settle(page);
    expect(await page.getByRole('article', { name: 'Stripe', exact: true }).innerText()).toContain('Connected');
    expect(await page.getByRole('article', { name: 'Stripe Webhook' }).innerText()).toContain('Not set');
    expect(faults).toEqual([]);
    await context.close();
  });

  test('D1, V2: replacing asks for every secret anew: blank is refused, before and by the server', async () => {
    const { id } = await add('slack', 'slack', { accessToken: 'xoxb-1-1-aaaaaaaaaaaa', signingSecret: 'a'.repeat(32) });
    const { page, context } = await open(`/credentials/configure/slack?workspace=example&replace=${id}`);
    const sent: string[] = [];
    page.on('request', (request) => request.method() === 'PUT' && sent.push(request.postData() ?? ''));
    await page
      .getByLabel(/^Bot token|token/i)
      .first()
      .fill('xoxb-2-2-bbbbbbbbbbbb');
    await page.getByRole('button', { name: 'Save without test' }).click();
    await page.getByText('Blank does not keep it', { exact: false }).first().waitFor();
    expect(sent).toEqual([]);
    // Whoever takes it away on purpose may.
    await page.getByLabel(/^Take away/).check();
    await page.getByRole('button', { name: 'Save without test' }).click();
    await page.getByText('slack is saved').waitFor();
    const { json } = await gate.local(at(`/${id}`));
    expect(json.credential.secretFields).toEqual(['accessToken']);
    const refused = await gate.local(at(`/${id}`), { method: 'PUT', body: { fields: {} } });
    expect(refused.status).toBe(400);
    await context.close();
  });

  test('V5: a restricted key and a busy vendor are not called invalid; a refused one is', async () => {
    await add('gh', 'github', { accessToken: `ghp_${'a'.repeat(36)}` });
    const { page, context } = await open('/credentials/example/gh');
    const testNow = async (status: number) => {
      // One is tried every five seconds at most.
      gate.clock.advance(10_000);
      vendor.status = status;
      await page.getByRole('button', { name: 'Test now' }).click();
    };
    await testNow(403);
    await page.getByText('Works, limited').first().waitFor();
    await testNow(500);
    await page.getByText('says nothing about the credential', { exact: false }).first().waitFor();
    expect(await page.locator('main').innerText()).not.toContain('Refused by the vendor');
    await page.goto(`${gate.url}/credentials?search=github`);
    await settle(page);
    expect(await page.getByRole('article', { name: 'GitHub' }).innerText()).not.toContain('Needs attention');
    await page.goto(`${gate.url}/credentials/example/gh`);
    await testNow(401);
    await page.getByText('Refused by the vendor').first().waitFor();
    await page.goto(`${gate.url}/credentials?search=github`);
    await settle(page);
    expect(await page.getByRole('article', { name: 'GitHub' }).innerText()).toContain('Needs attention');
    vendor.status = 200;
    await context.close();
  });

  test('D1, V2: who would fail is said before a credential is deleted, and its name has to be typed', async () => {
    const { id } = await add('doomed', 'linear', { apiKey: `lin_api_${'a'.repeat(40)}` });
    await gate.createKey({ name: 'nightly report', credentialIds: [id] });
    const { page, context } = await open('/credentials?tab=saved');
    await page
      .getByRole('row', { name: /doomed/ })
      .getByText('1 key')
      .waitFor();
    await page.getByRole('link', { name: 'doomed' }).click();
    await page.getByRole('button', { name: 'Delete' }).click();
    const dialog = page.getByRole('dialog');
    expect(await dialog.innerText()).toContain('nightly report');
    await dialog.getByRole('textbox').fill('something');
    await dialog.getByRole('button', { name: 'Delete' }).click();
    await dialog.getByText('This is not doomed').waitFor();
    expect((await gate.local(at('/doomed'))).status).toBe(200);
    await dialog.getByRole('textbox').fill('doomed');
    await dialog.getByRole('button', { name: 'Delete' }).click();
    await page.waitForURL(/tab=saved/);
    expect((await gate.local(at('/doomed'))).status).toBe(404);
    await context.close();
  });

  test('V1: odd values warn and are saved; a host that follows from a field is shown before; the server’s word stands at its field', async () => {
    const { page, context } = await open('/credentials/configure/openai');
    await page.locator('#field-apiKey').fill('any-key');
    await page.locator('#field-organization').fill('mine');
    await page.getByText('does not look as the vendor documents it').waitFor();
    await page.locator('#field-baseUrl').fill('https://llm.example.com/v1');
    await expect.poll(() => page.locator('main').innerText()).toContain('llm.example.com');
    await page.locator('#field-name').fill('Wrong Name');
    await page.getByRole('button', { name: 'Save without test' }).click();
    await page.getByText('a name is 1 to 63 characters', { exact: false }).first().waitFor();
    expect(await page.locator('#field-name').getAttribute('aria-invalid')).toBe('true');
    await page.locator('#field-name').fill('llm');
    await page.getByRole('button', { name: 'Save without test' }).click();
    await page.getByText('llm is saved').waitFor();
    await page.getByText('Saved, with a doubt').waitFor();
    expect((await gate.local(at('/llm'))).json.credential.hosts).toEqual(['llm.example.com']);
    await context.close();
  });

  test('D1: a vault under another key says which key is wanted, which is here, and what to do', async () => {
    const files = await temporaryWorkspaces({ 'one/a.txt': 'a' });
    const keyed = (byte: number) => ({ MASTER_KEY: Buffer.alloc(32, byte).toString('base64') });
    const before = await startInstance(keyed(1), { folder: files.path });
    const body = { name: 'kept', type: 'stripe', fields: { apiKey: SECRET } };
    expect((await before.local('/api/workspaces/one/credentials', { body })).status).toBe(201);
    await before[Symbol.asyncDispose]();
    const after = await startGatehouse(keyed(2), { folder: files.path });
    try {
      const { wanted, found } = (await after.local('/api/settings/secret-keys')).json.instance.locked;
      const { page, context } = await openTab(browser, after, '/credentials?workspace=one');
      const notice = page.getByRole('alert').filter({ hasText: 'The vault is locked' });
      await notice.getByText(wanted).first().waitFor();
      expect(await notice.innerText()).toContain(found);
      expect(await page.getByRole('article', { name: 'Stripe', exact: true }).innerText()).toContain('Needs attention');
      await context.close();
    } finally {
      await after[Symbol.asyncDispose]();
      await files[Symbol.asyncDispose]();
    }
  });

  test('D1: whoever may not read secrets is told which scope it takes, and nothing is asked for', async () => {
    const userId = await createUser(gate, 'viewer@example.com');
    await gate.local('/api/organizations/org_default/members', { body: { userId, role: 'viewer' } });
    const { page, context } = await open('/credentials', 'viewer@example.com');
    await page.getByText('secrets:read').first().waitFor();
    expect(await page.getByRole('article').count()).toBe(0);
    await context.close();
  });
});
