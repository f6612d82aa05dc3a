import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { listHolds } from '../../src/dashboard/screens/keys/form/lists.js';
import { hasBrowser, openBrowser } from '../support/browser.js';
import { HOUR, MINUTE, TestClock } from '../support/clock.js';
import type { RunningGatehouse } from '../support/gatehouse.js';
import { createUser } from '../support/people.js';
import { openTab, startInstance } from './kit.js';

const APP = 'https://app.example.com';
const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true });

test.each<[string[], string, boolean | null]>([
  [['10.0.0.0/8'], '10.200.3.4', true],
  [['10.0.0.0/9'], '10.200.3.4', false],
  [['10.0.0.1', '192.0.2.0/24'], '192.0.2.77', true],
  [['0.0.0.0/0'], '192.0.2.77', true],
  [['2001:db8::/32'], '2001:db8:1::7', true],
  [['2001:db8::1'], '2001:db8::2', false],
  [['::1'], '::1', true],
  [['127.0.0.0/8'], '::ffff:127.0.0.1', true],
  [['::/0'], '127.0.0.1', false],
  [['10.0.0.0/8', 'nonsense'], '192.0.2.1', null],
  [['10.0.0.0/33'], '10.0.0.1', null],
  [[], '10.0.0.1', false],
])('a page can tell whether %j holds %s', (entries, address, holds) => {
  expect(listHolds(entries, address)).toBe(holds);
});

describe.skipIf(!hasBrowser('bounds of keys'))('bounds of keys in the dashboard', () => {
  let browser: Browser;
  let gate: RunningGatehouse;

  beforeAll(async () => {
    browser = await openBrowser();
    // The grace of the late rotation below begins in the past of the browser and ends in its future.
    gate = await startInstance({}, { clock: new TestClock(new Date(Date.now() - 9.5 * HOUR).toISOString()) });
    const { key, token } = await gate.createKey({ name: 'late one' });
    gate.clock.advance(MINUTE);
    await gate.local(`/api/keys/${key.id}/rotate`, { body: { graceSeconds: 36_000 } });
    gate.clock.advance(MINUTE);
    await gate.call('/api/auth/whoami', { key: token });
    gate.clock.advance(Date.now() - gate.clock.nowMs());
  });
  beforeEach(() => gate.clock.advance(MINUTE));
  afterAll(async () => {
    await browser.close();
    await gate[Symbol.asyncDispose]();
  });

  test('K2, D1: the origins of a key: faults at their line, seen on its page, judged by its test box', async () => {
    const { page, context, faults } = await openTab(browser, gate, '/settings/api-keys/new?name=storefront');
    const origins = page.getByLabel('Origins of a browser app');
    await origins.fill(`${APP}\n\nhttps://Shop.example.com/`);
    await page.getByText(`Only by pages of ${APP}`).waitFor();
    await button(page, 'Create').click();
    await page.getByText(/Line 3: .*write https:\/\/shop\.example\.com/).waitFor();
    expect(await origins.getAttribute('aria-invalid')).toBe('true');
    await origins.fill(APP);
    await button(page, 'Create').click();
    const token = await page.getByLabel('Key', { exact: true }).innerText();
    expect((await gate.call('/api/auth/whoami', { key: token })).json.code).toBe('ORIGIN_NOT_ALLOWED');
    expect((await gate.call('/api/auth/whoami', { key: token, headers: { origin: APP } })).status).toBe(200);
    await page.getByLabel('I have saved it').check();
    await button(page, 'Done').click();
    await page
      .getByRole('row', { name: /Origins/ })
      .getByText(APP)
      .waitFor();
    await page.getByText('ORIGIN_NOT_ALLOWED').first().waitFor();

    await page.getByLabel('Path').fill('/api/auth/whoami');
    // What arrives above moves the field, and its list closes.
    await vi.waitFor(
      async () => {
        await page.locator('form').getByRole('combobox', { name: 'Method' }).click();
        await page.getByRole('option', { name: 'GET', exact: true }).click({ timeout: 2000 });
      },
      { timeout: 12_000 },
    );
    await button(page, 'Judge it').click();
    await page.getByText('It would be let in').waitFor();
    await page.getByRole('textbox', { name: 'Origin' }).fill('https://evil.example');
    await button(page, 'Judge it').click();
    await page.getByText('It would be refused: 403').waitFor();
    await page
      .getByText(/its own list of origins does not hold it/)
      .first()
      .waitFor();
    await page.getByRole('link', { name: 'Everything about it' }).click();
    await page
      .getByText(/"https:\/\/evil\.example"/)
      .first()
      .waitFor();
    await page.goBack();

    await button(page, 'Edit').click();
    expect(await origins.inputValue()).toBe(APP);
    await origins.fill('');
    await button(page, 'Save').click();
    await page.getByRole('heading', { name: 'Facts' }).waitFor();
    expect((await gate.call('/api/auth/whoami', { key: token })).status).toBe(200);
    expect(faults).toEqual([]);
    await context.close();
  });

  test('K2, D1: who makes a key that will not work from here, or whose name is taken, is told before', async () => {
    await gate.createKey({ name: 'twice' });
    const { page, context } = await openTab(browser, gate, '/settings/api-keys/new');
    const addresses = page.getByLabel('Addresses');
    const warning = page.getByText('is not in this list. The key will not work from here.');
    await addresses.fill('10.0.0.0/8');
    await warning.waitFor();
    await addresses.fill('127.0.0.0/8');
    await warning.waitFor({ state: 'detached' });
    await addresses.fill('10.0.0.0/8');
    await button(page, 'Add my address, 127.0.0.1').click();
    await warning.waitFor({ state: 'detached' });
    expect(await addresses.inputValue()).toBe('10.0.0.0/8\n127.0.0.1');

    await page.getByLabel('Name').fill('twice');
    await page.getByText('Another one has this name already.').waitFor();
    await page.getByLabel('Name').fill('twice more');
    await page.getByText('Another one has this name already.').waitFor({ state: 'detached' });
    for (const label of [/In 7 days/, /In 30 days/, /In 90 days/, /In 365 days/, 'On a date', 'Never']) {
      await page.getByRole('combobox', { name: 'Expires' }).click();
      await page.getByRole('option', { name: label }).click();
    }
    await page.getByText('A key that never ends does harm').waitFor();
    await page.getByText('Never ends by itself').waitFor();
    await context.close();
  });

  test('K11, D1: every permission that an admin holds can be given one by one, and those of operators to nobody', async () => {
    await createUser(gate, 'max@example.com', { organizationId: 'org_default', role: 'admin' });
    const { page, context } = await openTab(browser, gate, '/settings/api-keys/new', { email: 'max@example.com' });
    await page.getByRole('radio', { name: 'Choose' }).check();
    const matrix = page.getByRole('table', { name: 'Permissions' });
    await matrix.getByLabel('keys:write', { exact: true }).check();
    await matrix.getByLabel('ask:run', { exact: true }).uncheck();
    await page.getByText(/^May: (?!.*ask:run).*keys:write/).waitFor();
    expect(await matrix.locator('input:disabled').count()).toBe(0);
    expect(await matrix.locator('[aria-label^="settings:"]').count()).toBe(0);
    await page.getByText('Settings are for operators and cannot be given to a key.').waitFor();
    await context.close();
  });

  test('K1, D1: when the answer with the key is lost, the page finds the key and offers a new secret', async () => {
    const { page, context } = await openTab(browser, gate, '/settings/api-keys/new?name=half-made');
    await page.route('**/api/keys', async (route) => {
      if (route.request().method() !== 'POST') return route.fallback();
      // It is made, and nobody here hears of it.
      await route.fetch();
      await route.abort('connectionreset');
    });
    await button(page, 'Create').click();
    await page.getByText('half-made was made, and its secret was lost on the way.').waitFor();
    await page.unroute('**/api/keys');
    await page.getByRole('link', { name: 'Rotate it' }).click();
    await page.getByRole('dialog', { name: 'Rotate half-made' }).waitFor();
    expect((await gate.local('/api/keys?search=half-made')).json.data).toHaveLength(1);
    await context.close();
  });

  test('D1: from where a key was used, and what its end would mean, in numbers', async () => {
    const { key, token } = await gate.createKey({ name: 'counted', scopes: [] });
    for (let n = 0; n < 3; n += 1) await gate.call('/api/auth/whoami', { key: token });
    await gate.call('/api/keys', { key: token });
    const { page, context } = await openTab(browser, gate, `/settings/api-keys/${key.id}`);
    const table = page.getByRole('table', { name: 'From where' });
    expect(await table.getByRole('row').nth(1).innerText()).toMatch(/127\.0\.0\.1\s+4\s+3\s/);
    // Each request names its id, to be found in the log by it.
    const [latest] = (await gate.local(`/api/requests?keyId=${key.id}`)).json.data;
    await page.getByRole('button', { name: `Copy Request id ${latest.requestId}` }).waitFor();
    await button(page, 'Revoke').click();
    await page
      .getByRole('dialog')
      .getByText(/^Used 4 times in the last 24 hours, from 1 address\. Last used .*, from 127\.0\.0\.1\.$/)
      .waitFor();
    await context.close();
  });

  test('K4, D1: an old secret that is still used near the end of its grace is told of on every page it matters on', async () => {
    const { page, context } = await openTab(browser, gate, '/');
    await page.getByText('1 key is still used with an old secret whose grace is nearly over.').waitFor();
    await page.getByRole('link', { name: 'Look: Old secrets still used' }).click();
    const row = page.getByRole('row', { name: /late one/ });
    await row.waitFor();
    // The whole list stays until the short one is there.
    await expect.poll(() => page.getByRole('row').count()).toBe(2);
    expect(await button(page, 'Old secret still used').getAttribute('aria-pressed')).toBe('true');
    await row.getByRole('link', { name: 'late one' }).click();
    await page.getByText(/The old secret ends in .* and is still used/).waitFor();
    await page.getByText(/was used .*, from 127\.0\.0\.1, after the rotation/).waitFor();
    await button(page, 'End the grace now').click();
    await page.getByRole('dialog').getByRole('button', { name: 'End the grace now' }).click();
    await page.getByText(/The old secret ends in .* and is still used/).waitFor({ state: 'detached' });
    await context.close();
  });

  test('D1: a clock that is wrong here is told of', async () => {
    const { key } = await gate.createKey({ name: 'timely' });
    const { page, context } = await openTab(browser, gate, `/settings/api-keys/${key.id}`);
    await page.getByRole('heading', { name: 'Facts' }).waitFor();
    expect(await page.getByText('The clock of this computer is wrong').count()).toBe(0);
    await page.route('**/healthz', (route) =>
      route.fulfill({ body: 'ok', headers: { date: new Date(Date.now() - 10 * MINUTE).toUTCString() } }),
    );
    await page.reload();
    await page.getByText('It is 10 minutes ahead of the server.').waitFor();
    await context.close();
  });
});
