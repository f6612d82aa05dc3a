import type { Browser, BrowserContext } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hasBrowser, openBrowser, openPage } from '../support/browser.js';
import { TestClock } from '../support/clock.js';
import { startGatehouse } from '../support/gatehouse.js';
import { ADMIN_EMAIL, PASSWORD } from '../support/people.js';
import { temporaryWorkspaces } from '../support/workspace.js';
import { openTab, settle, startInstance } from './kit.js';
import { leftovers } from './leftovers.js';

const now = () => ({ clock: new TestClock(new Date().toISOString()) });
const VENDOR_KEY = `sk-proj-${'Zq7'.repeat(14)}`;

describe.skipIf(!hasBrowser('the first ten minutes'))('somebody who has read no docs', () => {
  let browser: Browser;
  let context: BrowserContext;
  beforeAll(async () => {
    browser = await openBrowser();
  });
  afterAll(() => browser.close());

  test('D1: sets up, makes a key, sees its first request, rotates it, learns why one was refused, asks and stores a credential', {
    timeout: 180_000,
  }, async () => {
    await using gate = await startGatehouse({}, now());
    context = await browser.newContext({ locale: 'en-GB', viewport: { width: 390, height: 800 } });
    const { path } = await gate.gatehouse.firstRun.makeLink(null);
    const { page, faults } = await openPage(context, gate.url + path);
    const button = (name: string) => page.getByRole('button', { name, exact: true });

    await page.getByLabel('E-mail address').fill(ADMIN_EMAIL);
    await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
    await button('Create administrator').click();
    await page.getByText('No proxy', { exact: true }).waitFor();
    await button('Go on').click();

    await page.getByRole('link', { name: 'Make an API key' }).click();
    await page.getByLabel('Name').fill('first');
    await button('Create').click();
    await page.getByRole('heading', { name: 'first is made' }).waitFor();
    const token = await page.getByLabel('Key', { exact: true }).innerText();
    await page.getByText('Waiting for the first request').waitFor();
    expect((await gate.call('/api/auth/whoami', { key: token })).status).toBe(200);
    await page.getByText('Received 200 from 127.0.0.1').waitFor();
    await page.getByLabel('I have saved it').check();
    await button('Done').click();
    await page.getByRole('heading', { name: 'What is set up' }).waitFor();
    await page.goto(`${gate.url}/settings/api-keys`);
    await page.getByRole('link', { name: 'first', exact: true }).first().click();

    await button('Rotate').click();
    await page.getByRole('dialog').getByRole('button', { name: 'Rotate' }).click();
    await page.getByRole('heading', { name: 'first has a new secret' }).waitFor();
    const renewed = await page.getByLabel('Key', { exact: true }).innerText();
    await page.getByLabel('I have saved it').check();
    await button('Done').click();
    for (const key of [token, renewed]) expect((await gate.call('/api/auth/whoami', { key })).status).toBe(200);

    expect((await gate.call('/api/keys', { key: renewed })).status).toBe(403);
    await page.goto(`${gate.url}/`);
    await page.getByRole('link', { name: 'Why was GET /api/keys refused?' }).click();
    await page.getByRole('heading', { name: 'Explain', level: 1 }).waitFor();
    await page.getByText('keys:read').first().waitFor();

    await page.goto(`${gate.url}/ask`);
    await page.getByRole('textbox', { name: 'Question' }).fill('How are overdue fines calculated?');
    await button('Ask').click();
    await page
      .getByText(/fines?\.[a-z]+/)
      .first()
      .waitFor({ timeout: 30_000 });

    await page.goto(`${gate.url}/credentials/configure/openai?workspace=example`);
    await page.getByRole('textbox', { name: 'API key' }).fill(VENDOR_KEY);
    await button('Save without test').click();
    await page.getByText('openai is saved').first().waitFor();
    await page.goto(`${gate.url}/`);
    await settle(page);
    const left = Object.values(await leftovers(page)).join(' ');
    expect(left).toContain('org_default');
    for (const secret of [token, renewed, VENDOR_KEY, PASSWORD]) {
      expect(left).not.toContain(secret);
      expect(gate.logs()).not.toContain(secret);
    }
    expect(faults).toEqual([]);
    await context.close();
  });

  test('D1: is told when the server is gone, and sees the page go on by itself when it is back', {
    timeout: 90_000,
  }, async () => {
    await using folder = await temporaryWorkspaces();
    const first = await startInstance({}, { ...now(), folder: folder.path });
    const { port } = new URL(first.url);
    const { page, context } = await openTab(browser, first, '/people');
    await page.getByRole('table', { name: 'Members' }).waitFor();
    await first[Symbol.asyncDispose]();
    await page.getByText('The connection to Gatehouse is lost').waitFor({ timeout: 20_000 });
    expect(await page.getByRole('table', { name: 'Members' }).isVisible()).toBe(true);
    await using second = await startGatehouse({ PORT: port }, { ...now(), folder: folder.path });
    await page.getByText('The connection to Gatehouse is lost').waitFor({ state: 'detached', timeout: 40_000 });
    expect(second.url).toBe(first.url);
    await context.close();
  });

  test('D1: reads what went wrong, with a number for whoever looks after it, and tries again with one click', async () => {
    await using gate = await startInstance({}, now());
    const { page, context } = await openTab(browser, gate, '/');
    await page.route('**/api/audit?*', (route) => route.abort('connectionreset'));
    await page.goto(`${gate.url}/audit`);
    const alert = page.getByRole('alert');
    await alert.getByText('Gatehouse does not answer').waitFor({ timeout: 20_000 });
    await page.unroute('**/api/audit?*');
    await alert.getByRole('button', { name: 'Try again' }).click();
    await page.getByRole('table', { name: 'Audit' }).waitFor();
    await context.close();
  });

  test('D1: sees that something is on its way when an answer is slow', async () => {
    await using gate = await startInstance({}, now());
    const { page, context } = await openTab(browser, gate, '/');
    await page.route('**/api/audit?*', (route) => setTimeout(() => void route.continue(), 1500));
    await page.goto(`${gate.url}/audit`);
    await page.getByRole('status').getByText('Loading').waitFor();
    await page.getByRole('table', { name: 'Audit' }).waitFor();
    await context.close();
  });

  test('A3: is led to the sign-in page when the session ended elsewhere, and back afterwards', async () => {
    await using gate = await startInstance({}, now());
    const { page, context } = await openTab(browser, gate, '/people');
    await context.clearCookies();
    await page.getByRole('link', { name: 'Audit' }).click();
    await page.getByText('Your session has ended').waitFor();
    await page.getByLabel('E-mail address').fill(ADMIN_EMAIL);
    await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Audit', level: 1 }).waitFor();
    await context.close();
  });
});
