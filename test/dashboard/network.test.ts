import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hasBrowser, openBrowser } from '../support/browser.js';
import { MINUTE, TestClock } from '../support/clock.js';
import type { RunningGatehouse } from '../support/gatehouse.js';
import { openTab, startInstance } from './kit.js';

const ME = '203.0.113.5';
const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true });
const list = (page: Page) => page.getByLabel('Addresses and ranges');

describe.skipIf(!hasBrowser('network security'))('network security in the dashboard', () => {
  let browser: Browser;
  let gate: RunningGatehouse;

  beforeAll(async () => {
    browser = await openBrowser();
    const clock = new TestClock(new Date().toISOString());
    gate = await startInstance({ TRUST_PROXY: 'loopback', API_RATE_LIMIT: '321' }, { clock });
  });
  afterAll(async () => {
    await browser.close();
    await gate[Symbol.asyncDispose]();
  });

  /** As somebody behind a proxy, from an address of their own. */
  async function open(address = ME) {
    gate.clock.advance(MINUTE);
    const tab = await openTab(browser, gate, '/account');
    await tab.context.setExtraHTTPHeaders({ 'x-forwarded-for': address });
    await tab.page.goto(`${gate.url}/settings/security/network`);
    await tab.page.getByText(`You come from ${address}.`).waitFor();
    return tab;
  }

  test('G2: a list is tried against the last day before it holds', async () => {
    const { token } = await gate.createKey();
    for (const from of ['198.51.100.7', '198.51.100.7', ME])
      await gate.call('/api/auth/whoami', { key: token, headers: { 'x-forwarded-for': from } });
    const { page, context, faults } = await open();
    await list(page).fill('203.0.113.0/24');
    expect(await button(page, 'Put in force').isDisabled()).toBe(true);
    await button(page, 'Try it').click();
    await page.getByText('It would have kept out 2 of').waitFor();
    const row = page.getByRole('table', { name: 'Kept out' }).getByRole('row', { name: /198\.51\.100\.7/ });
    await row.waitFor();
    expect(await page.getByText('It would keep you out.').count()).toBe(0);
    // Nothing was changed by trying.
    expect((await gate.local('/api/settings/network')).json.allowedIps).toBeNull();
    await list(page).fill('203.0.113.0/24\n10.0.0.999');
    await button(page, 'Try it').click();
    await page
      .getByText(/10\.0\.0\.999/)
      .last()
      .waitFor();
    expect(faults).toEqual([]);
    await context.close();
  });

  test('G2: whoever would lock themselves out has to say so in words, and the list before comes back by itself', async () => {
    const { page, context } = await open();
    await list(page).fill('192.0.2.0/24');
    await button(page, 'Try it').click();
    await page.getByText('It would keep you out.').waitFor();
    await button(page, 'Put in force').click();
    const dialog = page.getByRole('dialog', { name: 'Lock yourself out?' });
    await dialog.getByText(`Your own address ${ME} is not in the list.`).waitFor();
    await dialog.getByRole('button', { name: 'Put in force' }).click();
    await dialog.getByText('This is not lock me out').waitFor();
    expect((await gate.local('/api/settings/network')).json.allowedIps).toBeNull();
    await dialog.getByLabel('Type lock me out to go on').fill('lock me out');
    await dialog.getByRole('button', { name: 'Put in force' }).click();
    await expect
      .poll(async () => (await gate.local('/api/settings/network')).json.allowedIps)
      .toEqual(['192.0.2.0/24']);
    // Out.
    expect(await page.goto(`${gate.url}/settings/security/network`).then((answer) => answer?.status())).toBe(403);
    // Nobody confirmed it.
    gate.clock.advance(5 * MINUTE);
    await expect
      .poll(async () => (await gate.local('/api/settings/network')).json.allowedIps, { timeout: 10_000 })
      .toBeNull();
    await page.goto(`${gate.url}/settings/security/network`);
    await page.getByText(`You come from ${ME}.`).waitFor();
    expect(await list(page).inputValue()).toBe('');
    await context.close();
  });

  test('G2: a list that holds the address waits to be confirmed, and stays once it is', async () => {
    const { page, context } = await open();
    await button(page, 'Add my address').click();
    await button(page, 'Try it').click();
    await page.getByText(/It would have kept out/).waitFor();
    await button(page, 'Put in force').click();
    await page.getByText('The new list waits for you').waitFor();
    await page.getByText(/Unless you confirm it, the list before comes back in \d+ minutes/).waitFor();
    await button(page, 'Keep the new list').click();
    await page.getByText('The list stays.').waitFor();
    gate.clock.advance(10 * MINUTE);
    expect((await gate.local('/api/settings/network')).json).toMatchObject({ allowedIps: [ME], pending: null });
    // What comes from elsewhere is kept out, and counted here.
    expect((await gate.call('/api/auth/whoami', { headers: { 'x-forwarded-for': '192.0.2.9' } })).status).toBe(403);
    await page.reload();
    await page.getByText(/^[1-9]\d* requests? w(as|ere) kept out for/).waitFor();
    const limits = page.getByRole('table', { name: 'Limits' });
    await limits.getByText('321 an hour each').waitFor();
    await limits.getByText(/API_RATE_LIMIT, from: .* Change it where Gatehouse is started\./).waitFor();
    await context.close();
  });
});
