import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { hasBrowser, openBrowser } from '../support/browser.js';
import { MINUTE, TestClock } from '../support/clock.js';
import type { RunningGatehouse } from '../support/gatehouse.js';
import { createUser, signIn } from '../support/people.js';
import { openTab, startInstance } from './kit.js';
import { leftovers } from './leftovers.js';

/** Browsers have a clock of their own. */
const now = () => ({ clock: new TestClock(new Date().toISOString()) });
const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true });
const tokenOn = (page: Page) => page.getByLabel('Key', { exact: true }).innerText();

async function create(page: Page, name: string): Promise<string> {
  await page.getByLabel('Name').fill(name);
  await button(page, 'Create').click();
  await page.getByRole('heading', { name: `${name} is made` }).waitFor();
  return tokenOn(page);
}

async function saved(page: Page): Promise<void> {
  await page.getByLabel('I have saved it').check();
  await button(page, 'Done').click();
}

describe.skipIf(!hasBrowser('keys in the dashboard'))('keys in the dashboard', () => {
  let browser: Browser;
  let gate: RunningGatehouse;

  beforeAll(async () => {
    browser = await openBrowser(['--host-resolver-rules=MAP gate.test 127.0.0.1']);
    gate = await startInstance({ VALID_API_KEYS: 'short-one' }, now());
  });
  // All are one person to the limit of clicks a minute, and the clock stands still.
  beforeEach(() => gate.clock.advance(MINUTE));
  afterAll(async () => {
    await browser.close();
    await gate[Symbol.asyncDispose]();
  });

  test('K1, K2, D1: a key is made, its first request is seen as it arrives, and nothing of the token stays behind', async () => {
    const { page, context, faults } = await openTab(browser, gate, '/settings/api-keys');
    await page.getByRole('link', { name: 'Create API key' }).first().click();
    const token = await create(page, 'billing worker');
    expect(token).toMatch(/^gate_sdk_test_[0-9A-Za-z]{49}$/);

    // It is on the page and nowhere else, not even in the ways to use it.
    const shown = await leftovers(page);
    expect(shown.dom).toContain(token);
    expect(shown.cache).toContain('listKeys');
    for (const place of ['fields', 'storage', 'address', 'cache'] as const) expect(shown[place]).not.toContain(token);
    for (const way of ['JavaScript', 'Python', 'gatehouse', 'GitHub Actions']) {
      await page.getByRole('tab', { name: way }).click();
      expect(await page.getByRole('tabpanel').innerText()).toContain('GATEHOUSE_API_KEY');
    }

    await page.getByText('Waiting for the first request').waitFor();
    await gate.call('/api/keys', { key: token });
    await page.getByText('Received 403 from 127.0.0.1').waitFor();
    await gate.call('/api/auth/whoami', { key: token });
    await page.getByText('Received 200 from 127.0.0.1').waitFor();

    // Nobody leaves by accident.
    await button(page, 'Done').click();
    await page.getByText('Save it first').waitFor();
    await page.getByRole('link', { name: 'Usage', exact: true }).click();
    await page.getByText('Leave without the key?').waitFor();
    await button(page, 'Stay here').click();
    await page.goBack();
    await page.getByText('Leave without the key?').waitFor();
    await button(page, 'Stay here').click();
    expect(await tokenOn(page)).toBe(token);

    await saved(page);
    await page.getByRole('heading', { name: 'billing worker', level: 1 }).waitFor();
    await page.getByText('2 requests in the last 24 hours, 1 let in').waitFor();
    const left = await leftovers(page);
    for (const [place, text] of Object.entries(left)) expect(text, place).not.toContain(token.slice(20));
    // The way back does not lead to it either.
    await page.goBack();
    await page.getByRole('heading', { name: 'API keys', level: 1 }).waitFor();
    for (const [place, text] of Object.entries(await leftovers(page)))
      expect(text, place).not.toContain(token.slice(20));
    expect(faults).toEqual([]);
    await context.close();
  });

  test('K1, D1: loaded anew, the page says that the key is there and its token is not', async () => {
    const { page, context } = await openTab(
      browser,
      gate,
      '/settings/api-keys/new?name=from%20a%20link&type=ci&scopes=ask:run,jobs:read',
    );
    await page.getByText('Pipeline, in the environment of this instance').waitFor();
    await page.getByText('May: ask:run, jobs:read').waitFor();
    await button(page, 'Create').click();
    const token = await tokenOn(page);
    page.on('dialog', (dialog) => void dialog.accept());
    await page.reload();
    await page.getByRole('heading', { name: 'The key is there, its secret is not' }).waitFor();
    expect((await leftovers(page)).dom).not.toContain(token.slice(20));
    await page.getByRole('link', { name: 'Rotate it' }).click();
    await page.getByRole('dialog', { name: 'Rotate from a link' }).waitFor();
    await context.close();
  });

  test('K2, D1: what the server refuses stands at its field', async () => {
    const { page, context } = await openTab(browser, gate, '/settings/api-keys/new');
    await page.getByLabel('Name').fill('bounded');
    await page.getByLabel('Addresses').fill('10.0.0.0/8\n\n10.0.0.999');
    await button(page, 'Create').click();
    const addresses = page.getByLabel('Addresses');
    await page.getByText('Some fields need another look').waitFor();
    expect(await addresses.getAttribute('aria-invalid')).toBe('true');
    await page.getByText(/Line 3: "10\.0\.0\.999"/).waitFor();
    await expect.poll(() => page.evaluate<string>('document.activeElement.value ?? ""')).toContain('10.0.0.999');
    await addresses.fill('10.0.0.0/8');
    // More than API_RATE_LIMIT, which binds keys and no people.
    await page.getByLabel('A limit of its own').check();
    await page.getByLabel('Requests').fill('5000');
    await button(page, 'Create').click();
    await page.getByRole('heading', { name: 'bounded is made' }).waitFor();
    await context.close();
  });

  test('K4, D1: old and new work through a rotation; the page tells who still uses the old one, and ends it', async () => {
    const { key, token } = await gate.createKey({ name: 'turning' });
    const { page, context } = await openTab(browser, gate, `/settings/api-keys/${key.id}`);
    // Without the stream of events it is found out by asking.
    await page.route('**/api/events*', (route) => route.abort());
    await button(page, 'Rotate').click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText('It was never used.').waitFor();
    await dialog.getByRole('button', { name: 'Rotate' }).click();
    await page.getByRole('heading', { name: 'turning has a new secret' }).waitFor();
    const renewed = await tokenOn(page);
    expect(renewed).not.toBe(token);
    gate.clock.advance(1000);
    expect((await gate.call('/api/auth/whoami', { key: token })).status).toBe(200);
    expect((await gate.call('/api/auth/whoami', { key: renewed })).status).toBe(200);
    await page.getByText('The first request arrived from 127.0.0.1').waitFor();
    await saved(page);
    await page.getByText(/The old secret was used .* from 127\.0\.0\.1/).waitFor();
    await page.getByText(/The new secret was used/).waitFor();
    await page.getByText(/Requests since then.*: 2, of which 1 with the old secret/).waitFor();
    const users = page.getByRole('table', { name: 'Who still shows it' });
    expect((await users.locator('tbody tr').allInnerTexts()).join()).toMatch(/^127\.0\.0\.1\s+1$/);
    await page.getByText(`with the old secret …${token.slice(-4)}`).waitFor();
    await button(page, 'End the grace now').click();
    await page.getByRole('dialog').getByRole('button', { name: 'End the grace now' }).click();
    await page.getByText('A rotation runs until').waitFor({ state: 'detached' });
    expect((await gate.call('/api/auth/whoami', { key: token })).status).toBe(401);
    expect((await gate.call('/api/auth/whoami', { key: renewed })).status).toBe(200);
    for (const [place, text] of Object.entries(await leftovers(page)))
      expect(text, place).not.toContain(renewed.slice(20));
    await context.close();
  });

  test('K2, D2: a key revoked in one tab is seen revoked in the other', async () => {
    const { key, token } = await gate.createKey({ name: 'doomed' });
    const [one, other] = [
      await openTab(browser, gate, '/settings/api-keys?search=doomed'),
      await openTab(browser, gate, `/settings/api-keys/${key.id}`),
    ];
    await one.page
      .getByRole('row', { name: /doomed/ })
      .getByText('Active')
      .waitFor();
    await button(other.page, 'Revoke').click();
    const dialog = other.page.getByRole('dialog');
    await dialog.getByText('refused from the next request on').waitFor();
    await dialog.getByRole('button', { name: 'Revoke' }).click();
    await dialog.getByText('This is not doomed').waitFor();
    expect((await gate.call('/api/auth/whoami', { key: token })).status).toBe(200);
    await dialog.getByLabel('Type doomed to go on').fill('doomed');
    await dialog.getByRole('button', { name: 'Revoke' }).click();
    await other.page.getByText('This key is revoked').waitFor();
    await other.page.getByText('Reason: Nobody needs it any more').first().waitFor();
    expect((await gate.call('/api/auth/whoami', { key: token })).status).toBe(401);
    await one.page
      .getByRole('row', { name: /doomed/ })
      .getByText('Revoked')
      .waitFor();
    await one.context.close();
    await other.context.close();
  });

  test('K2, D1: several keys are revoked together, after saying so, and what they sent', async () => {
    const keys = [await gate.createKey({ name: 'several a' }), await gate.createKey({ name: 'several b' })];
    await gate.call('/api/auth/whoami', { key: keys[0]?.token ?? '' });
    const { page, context } = await openTab(browser, gate, '/settings/api-keys?search=several');
    await page.getByLabel('Select every row on this page').check();
    await button(page, 'Revoke 2 keys').click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText('Together they sent 1 request in the last 24 hours.').waitFor();
    await dialog.getByRole('button', { name: 'Revoke 2 keys' }).click();
    await dialog.getByText('This is not revoke 2').waitFor();
    await dialog.getByLabel('Type revoke 2 to go on').fill('revoke 2');
    await dialog.getByRole('button', { name: 'Revoke 2 keys' }).click();
    await page.getByText('2 keys are revoked.').waitFor();
    expect(await page.getByRole('cell', { name: 'Revoked' }).count()).toBe(2);
    for (const { token } of keys) expect((await gate.call('/api/auth/whoami', { key: token })).status).toBe(401);
    await context.close();
  });

  test('K11, D1: who may make no keys is told which scope it takes', async () => {
    await createUser(gate, 'vera@example.com', { organizationId: 'org_default', role: 'viewer' });
    const { page, context } = await openTab(browser, gate, '/settings/api-keys/new', { email: 'vera@example.com' });
    await page.getByText('It takes the scope keys:write').waitFor();
    expect(await button(page, 'Create').count()).toBe(0);
    await page.goto(`${gate.url}/settings/api-keys`);
    await page.getByText('lacks the scope keys:read').waitFor();
    await context.close();
  });

  test('G11: why a request was refused: from the key, from a link, and never with a token in the address', async () => {
    const { key, token } = await gate.createKey({ name: 'narrow', scopes: ['ask:run'], allowedIps: ['10.0.0.0/8'] });
    await gate.call('/api/ask', { key: token, method: 'POST', body: {} });
    const { page, context } = await openTab(browser, gate, `/settings/api-keys/${key.id}`);
    await page.getByRole('link', { name: 'Why was ask refused?' }).click();
    await page.getByText('It would be refused: 403').waitFor();
    expect(new URL(page.url()).searchParams.get('keyId')).toBe(key.id);
    await page
      .getByText(/its own address list does not hold it/)
      .first()
      .waitFor();
    await page.getByText('What to do').waitFor();

    await page.getByLabel('Address').fill('10.0.0.5');
    await page.getByLabel('A key or JWT you paste').check();
    await page.getByLabel('Key or JWT', { exact: true }).fill(token);
    await button(page, 'Explain').click();
    await page.getByText('It would be let in').waitFor();
    const left = await leftovers(page);
    for (const place of ['storage', 'address', 'cache'] as const) expect(left[place]).not.toContain(token.slice(20));
    await context.close();
  });

  test('K9: a key of the environment is seen, told weak, and adopted in one step', async () => {
    const { page, context } = await openTab(browser, gate, '/settings/api-keys?show=environment');
    await page.getByText('9 characters: short enough to be guessed').waitFor();
    await page.getByText('Change it in your environment').waitFor();
    await page.getByRole('button', { name: /^Adopt / }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Name').fill('from the environment');
    await dialog.getByRole('button', { name: 'Adopt' }).click();
    await page.getByText('Adopted: decided here now').waitFor();
    expect((await gate.call('/api/auth/whoami', { key: 'short-one' })).json.principal.kind).toBe('api_key');
    await context.close();
  });

  test('D1: over plain HTTP on a name of the network the key can be copied all the same', async () => {
    const far = { ...gate, url: gate.url.replace('127.0.0.1', 'gate.test') };
    const { cookie } = await signIn(gate);
    const context = await browser.newContext({ locale: 'en-GB' });
    const [name = '', value = ''] = cookie.split('=');
    await context.addCookies([{ name, value, url: far.url }]);
    const page = await context.newPage();
    await page.goto(`${far.url}/settings/api-keys/new`);
    expect(await page.evaluate('[isSecureContext, navigator.clipboard === undefined]')).toEqual([false, true]);
    const token = await create(page, 'over plain HTTP');
    await page.getByText('This page came over plain HTTP').waitFor();
    await button(page, 'Copy key').click();
    await button(page, 'Copied').waitFor();
    await page.evaluate(`document.body.append(Object.assign(document.createElement('textarea'), { id: 'paste' }))`);
    await page.locator('#paste').focus();
    await page.keyboard.press('Control+v');
    expect(await page.locator('#paste').inputValue()).toBe(token);
    await context.close();
  });
});
