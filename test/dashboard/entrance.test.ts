import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { hasBrowser, openBrowser, openPage } from '../support/browser.js';
import { type RunningGatehouse, startGatehouse } from '../support/gatehouse.js';
import { ADMIN_EMAIL, createUser, OTHER_PASSWORD, PASSWORD, secretOf, setUp, signIn } from '../support/people.js';
import { LOOKS, type Look, wcagFaults, widerThanWindow } from './kit.js';

/** Bytes of everything the first load of a page brings, compressed as a browser asks for it. */
async function bytesOfLoad(context: BrowserContext, url: string): Promise<number> {
  const page = await context.newPage();
  const sizes: Promise<number>[] = [];
  page.on('requestfinished', (request) => {
    sizes.push(request.sizes().then(({ responseBodySize }) => responseBodySize));
  });
  await page.goto(url, { waitUntil: 'networkidle' });
  await page.close();
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}

describe.skipIf(!hasBrowser('the entrance'))('the pages for people who are not signed in', () => {
  let browser: Browser;
  let context: BrowserContext;
  const faults: string[] = [];

  beforeAll(async () => {
    browser = await openBrowser();
  });
  afterAll(() => browser.close());
  afterEach(async () => {
    await context?.close();
    expect(faults.splice(0)).toEqual([]);
  });

  async function open(gate: RunningGatehouse, path: string, look: Look = 'light'): Promise<Page> {
    context = await browser.newContext({
      locale: 'en-GB',
      colorScheme: look === 'dark' ? 'dark' : 'light',
      viewport: look === 'phone' ? { width: 320, height: 700 } : { width: 1000, height: 760 },
    });
    const opened = await openPage(context, gate.url + path);
    opened.page.on('pageerror', (error) => faults.push(String(error)));
    await opened.page.locator('h1').waitFor();
    return opened.page;
  }

  test('A4, D1, D2: the first administrator is made by keyboard alone, and the secret of the link is in no address', async () => {
    await using gate = await startGatehouse();
    const link = await gate.gatehouse.firstRun.makeLink(null);
    const page = await open(gate, link.path);
    expect(page.url()).toBe(`${gate.url}/setup`);
    for (const text of ['Ada', ADMIN_EMAIL, PASSWORD]) {
      await page.keyboard.type(text);
      await page.keyboard.press('Tab');
    }
    await page.keyboard.press('Enter');
    // On the toggle that shows the password, Enter shows it; the field itself submits.
    await page.getByLabel('Password', { exact: true }).focus();
    await page.keyboard.press('Enter');
    await page.waitForURL(`${gate.url}/welcome`);
    await page.getByRole('heading', { level: 1 }).waitFor();
    await page.goBack();
    expect(page.url()).not.toContain(secretOf(link));
    expect(gate.logs()).not.toContain(secretOf(link));
  });

  test('A4: a link that was used says how to get another; one without its secret says what is missing', async () => {
    await using gate = await startGatehouse();
    const spent = await gate.gatehouse.firstRun.makeLink(null);
    await gate.gatehouse.firstRun.makeLink(null);
    const page = await open(gate, spent.path);
    await page.getByText('This setup link is over').waitFor();
    expect(await page.getByLabel('E-mail address').count()).toBe(0);
    expect(await page.locator('pre').textContent()).toContain('gatehouse setup');
    await page.goto(`${gate.url}/setup`);
    await page.getByText('the part behind # is missing').waitFor();
    await page.goto(`${gate.url}/login`);
    await page.getByText('Nobody has set this instance up yet').waitFor();
  });

  test('A3: a wrong password is told in words that take the focus; the right one leads to where one wanted to go', async () => {
    await using gate = await startGatehouse();
    await setUp(gate);
    const page = await open(gate, '/settings/system');
    await page.getByLabel('E-mail address').fill(ADMIN_EMAIL);
    await page.getByLabel('Password', { exact: true }).fill('not this one at all');
    await page.keyboard.press('Enter');
    const alert = page.getByRole('alert');
    await alert.waitFor();
    expect(await alert.textContent()).toMatch(/UNAUTHORIZED · Request req_/);
    expect(await page.evaluate('document.activeElement.getAttribute("role")')).toBe('alert');
    await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'System', level: 1 }).waitFor();
    expect(new URL(page.url()).pathname).toBe('/settings/system');
    expect(await page.evaluate('document.cookie + JSON.stringify(localStorage)')).not.toMatch(/gatehouse_session|plum/);
  });

  test('after signing in nobody is led away', { timeout: 60_000 }, async () => {
    await using gate = await startGatehouse();
    await setUp(gate);
    for (const next of ['//evil.example/x', '/\\evil.example', 'https://evil.example', 'javascript:alert(1)']) {
      const page = await open(gate, `/login?next=${encodeURIComponent(next)}`);
      await page.getByLabel('E-mail address').fill(ADMIN_EMAIL);
      await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
      await page.keyboard.press('Enter');
      await page.getByRole('heading', { name: 'Overview' }).waitFor();
      expect(page.url()).toBe(`${gate.url}/`);
      await context.close();
    }
  });

  test('A7: an invited person chooses a password and is in; the invite is good once', async () => {
    await using gate = await startGatehouse();
    await setUp(gate);
    const invited = await gate.local('/api/organizations/org_default/invites', {
      body: { email: 'grace@example.com', role: 'member' },
    });
    const page = await open(gate, invited.json.path);
    await page.getByText('You were invited as member, with the address grace@example.com.').waitFor();
    await page.getByLabel('Your name').fill('Grace');
    await page.getByLabel('New password', { exact: true }).fill(OTHER_PASSWORD);
    await page.getByRole('button', { name: 'Join' }).click();
    await page.getByRole('button', { name: 'Grace' }).waitFor();
    await page.context().clearCookies();
    await page.goto(gate.url + invited.json.path);
    await page.getByText('Invites are good once').waitFor();
  });

  test('A4: a reset link sets a new password, and the old one is none any more', async () => {
    await using gate = await startGatehouse();
    const id = await setUp(gate);
    const link = await gate.local(`/api/users/${id}/reset-password`, { method: 'POST' });
    const page = await open(gate, link.json.path);
    await page.getByLabel('New password', { exact: true }).fill(OTHER_PASSWORD);
    await page.getByRole('button', { name: 'Set password' }).click();
    await page.getByText('Your password is set').waitFor();
    await signIn(gate, ADMIN_EMAIL, OTHER_PASSWORD);
    await expect(signIn(gate, ADMIN_EMAIL, PASSWORD)).rejects.toThrow('401');
  });

  test('A4: open sign-up and a forgotten password say the same whatever was found', async () => {
    await using gate = await startGatehouse({ SIGNUP: 'open' });
    await setUp(gate);
    await createUser(gate, 'taken@example.com');
    const told: string[] = [];
    for (const email of ['taken@example.com', 'free@example.com']) {
      const page = await open(gate, '/signup');
      await page.getByLabel('E-mail address').fill(email);
      await page.getByLabel('Password', { exact: true }).fill(OTHER_PASSWORD);
      await page.getByRole('button', { name: 'Create account' }).click();
      told.push((await page.getByRole('status').textContent()) ?? '');
      await page.goto(`${gate.url}/forgot`);
      await page.locator('pre').waitFor();
      expect(await page.locator('pre').textContent()).toContain('gatehouse users reset-password');
      await context.close();
    }
    expect(told[0]).toBe(told[1]);
    expect(told[0]).toContain('If this address was free');
  });

  test('D2: each page, in light, dark and at 320 px, holds WCAG 2.2 AA and its policy', {
    timeout: 180_000,
  }, async () => {
    await using gate = await startGatehouse({ SIGNUP: 'open' });
    const paths = ['/login', '/setup', '/setup#an-unknown-secret-of-a-link', '/invite#an-unknown-secret-of-a-link'];
    paths.push('/reset#an-unknown-secret-of-a-link', '/confirm#an-unknown-secret-of-a-link', '/signup', '/forgot');
    for (const look of LOOKS) {
      const page = await open(gate, '/login', look);
      for (const path of paths) {
        await page.goto('about:blank');
        await page.goto(gate.url + path);
        await page.locator('h1').waitFor();
        expect(await wcagFaults(page), `${path} ${look}`).toEqual([]);
        expect(await widerThanWindow(page), `${path} ${look}`).toBe(false);
      }
      await context.close();
    }
  });

  test('D1: the sign-in page is loaded with at most 120 KB, the app with at most 330 KB', async () => {
    await using gate = await startGatehouse();
    await setUp(gate);
    const { cookie } = await signIn(gate);
    context = await browser.newContext({ extraHTTPHeaders: { 'accept-encoding': 'gzip' } });
    const entrance = await bytesOfLoad(context, `${gate.url}/login`);
    const [name = '', value = ''] = cookie.split('=');
    await context.clearCookies();
    await context.addCookies([{ name, value, url: gate.url }]);
    const fresh = await browser.newContext({ extraHTTPHeaders: { 'accept-encoding': 'gzip' } });
    await fresh.addCookies([{ name, value, url: gate.url }]);
    const app = await bytesOfLoad(fresh, `${gate.url}/settings/system`);
    await fresh.close();
    console.info(`first load, gzipped: sign-in ${Math.round(entrance / 1024)} KB, app ${Math.round(app / 1024)} KB`);
    expect(entrance).toBeLessThanOrEqual(120 * 1024);
    expect(app).toBeLessThanOrEqual(330 * 1024);
  });

  test('somebody who reads German is spoken to in German', async () => {
    await using gate = await startGatehouse();
    await setUp(gate);
    context = await browser.newContext({ locale: 'de-DE' });
    const { page } = await openPage(context, `${gate.url}/login`);
    await page.getByRole('heading', { name: 'Anmelden' }).waitFor();
    expect(await page.locator('html').getAttribute('lang')).toBe('de');
    await page.getByLabel('Sprache').selectOption('en');
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
  });
});
