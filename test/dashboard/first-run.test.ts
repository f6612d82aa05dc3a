import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { hasBrowser, openBrowser, openPage } from '../support/browser.js';
import { type RunningGatehouse, startGatehouse } from '../support/gatehouse.js';
import { ADMIN_EMAIL, PASSWORD, setUp } from '../support/people.js';
import { openTab } from './kit.js';

const LAN = '192.0.2.44';

describe.skipIf(!hasBrowser('the first run'))('setting an instance up in the browser', () => {
  let browser: Browser;
  let context: BrowserContext;
  beforeAll(async () => {
    browser = await openBrowser();
  });
  afterAll(() => browser.close());
  afterEach(() => context?.close());

  async function open(gate: RunningGatehouse, path: string, headers: Record<string, string> = {}): Promise<Page> {
    context = await browser.newContext({ locale: 'en-GB', extraHTTPHeaders: headers });
    const { page } = await openPage(context, gate.url + path);
    await page.locator('h1').waitFor();
    return page;
  }

  test('D1, A4: from the link to a first key: each step says what is settled, and each can be left for later', async () => {
    await using gate = await startGatehouse();
    const { path } = await gate.gatehouse.firstRun.makeLink(null);
    const page = await open(gate, path);
    await page.getByText('The link is good until').waitFor();
    await page.getByLabel('E-mail address').fill(ADMIN_EMAIL);
    await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
    await page.getByRole('button', { name: 'Create administrator' }).click();

    await page.getByRole('heading', { name: 'Set up Gatehouse' }).waitFor();
    await page.getByText('127.0.0.1 speaks to Gatehouse itself').waitFor();
    await page.getByText('Not needed yet').waitFor();
    expect(await page.locator('main').innerText()).toContain(new URL(gate.url).host);
    expect(await page.getByText('To be set').count()).toBe(0);
    await page.getByRole('button', { name: 'Go on' }).click();

    await page.getByRole('link', { name: 'Make an API key' }).click();
    await page.getByLabel('Name').fill('first');
    await page.getByRole('button', { name: 'Create', exact: true }).click();
    await page.getByLabel('I have saved it').check();
    await page.getByRole('button', { name: 'Done', exact: true }).click();
    await page.getByRole('heading', { name: 'What is set up' }).waitFor();
    const list = await page.locator('main ul').innerText();
    expect(list).toMatch(/An API key\s*: done/);
    expect(list).toMatch(/A second factor for your account\s*: open/);
    await page.getByRole('link', { name: 'To the overview' }).click();
    await page.getByRole('heading', { name: 'Overview' }).waitFor();
  });

  test('G2, D1: a proxy that is not believed is asked about, with the very lines to set; once they hold, nothing is left', async () => {
    const headers = { 'x-forwarded-for': LAN, 'x-forwarded-proto': 'https' };
    await using gate = await startGatehouse({ PUBLIC_URL: 'http://gate.example.com' });
    await setUp(gate);
    // By a name that is not this machine's own, as from elsewhere.
    const opened = gate.url.replace('127.0.0.1', 'nas.localhost');
    const page = await open(gate, '/login');
    await page.goto(`${opened}/login?next=/welcome`);
    await page.getByLabel('E-mail address').fill(ADMIN_EMAIL);
    await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
    await page.keyboard.press('Enter');
    await page.getByText('No proxy').waitFor();
    await context.setExtraHTTPHeaders(headers);
    await page.getByRole('button', { name: 'Check again' }).click();
    await page.getByText('Somebody forwards, and is not believed').waitFor();
    const main = page.locator('main');
    expect(await main.innerText()).toContain(`x-forwarded-for: ${LAN}`);
    await page.getByText('PUBLIC_URL is another address').waitFor();
    expect(await page.getByLabel('lines', { exact: true }).innerText()).toBe(`PUBLIC_URL=${opened}`);

    await page.getByLabel('No', { exact: true }).check();
    await page.getByText('Anybody can write such headers').waitFor();
    expect(await page.getByLabel('lines', { exact: true }).innerText()).not.toContain('TRUST_PROXY');
    await page.getByLabel('Yes, it is mine').check();
    expect(await page.getByLabel('lines', { exact: true }).innerText()).toBe(
      `TRUST_PROXY=loopback\nPUBLIC_URL=${opened}`,
    );
    await page.getByRole('button', { name: 'Check again' }).click();
    await page.getByText('Checked. It is as before.').waitFor();
    await context.close();

    await using after = await startGatehouse({ TRUST_PROXY: 'loopback' });
    await setUp(after);
    const again = await openTab(browser, after, '/');
    context = again.context;
    await context.setExtraHTTPHeaders(headers);
    await again.page.goto(`${after.url}/welcome`);
    await again.page.getByText('Your proxy is known').waitFor();
    expect(await again.page.locator('main').innerText()).toContain(`you come from ${LAN}`);
    // Without what it should say it is of no use, and that is told.
    await context.setExtraHTTPHeaders({});
    await again.page.getByRole('button', { name: 'Check again' }).click();
    await again.page.getByText('did not say for whom it asks').waitFor();
  });
});
