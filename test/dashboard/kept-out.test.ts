import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { hasBrowser, openBrowser, openPage } from '../support/browser.js';
import { type RunningGatehouse, startGatehouse } from '../support/gatehouse.js';
import { ADMIN_EMAIL, PASSWORD, setUp } from '../support/people.js';
import { wcagFaults } from './kit.js';

describe.skipIf(!hasBrowser('being kept out'))('why somebody does not get in', () => {
  let browser: Browser;
  let context: BrowserContext;
  beforeAll(async () => {
    browser = await openBrowser();
  });
  afterAll(() => browser.close());
  afterEach(() => context?.close());

  async function open(url: string): Promise<Page> {
    context = await browser.newContext({ locale: 'en-GB' });
    const { page } = await openPage(context, url);
    await page.locator('h1').waitFor();
    return page;
  }
  const signIn = async (page: Page, password = PASSWORD) => {
    await page.getByLabel('E-mail address').fill(ADMIN_EMAIL);
    await page.getByLabel('Password', { exact: true }).fill(password);
    await page.getByLabel('Password', { exact: true }).press('Enter');
  };
  const started = async (settings: Record<string, string> = {}): Promise<RunningGatehouse> => {
    const gate = await startGatehouse(settings);
    await setUp(gate);
    return gate;
  };

  test('A3, D1: after too many tries one is told how long to wait, and the form waits too', async () => {
    await using gate = await started();
    const page = await open(`${gate.url}/login`);
    for (let time = 0; time < 10; time += 1)
      await gate.call('/api/auth/login', { body: { email: ADMIN_EMAIL, password: `wrong-password-${time}` } });
    await signIn(page, 'one more that is wrong');
    await page.getByText('RATE_LIMITED').waitFor();
    expect(await page.getByRole('timer').innerText()).toMatch(/^Try again in \d+ (minutes|seconds)\.$/);
    const button = page.getByRole('button', { name: 'Sign in' });
    expect(await button.getAttribute('aria-disabled')).toBe('true');
    const sent: string[] = [];
    page.on('request', (request) => request.method() === 'POST' && sent.push(request.url()));
    await page.getByLabel('Password', { exact: true }).press('Enter');
    await page.waitForTimeout(300);
    expect(sent).toEqual([]);
    expect(await wcagFaults(page)).toEqual([]);
  });

  test('A3, D1: a page whose cookie the browser would throw away says where to sign in, and what to set', async () => {
    await using gate = await started({ PUBLIC_URL: 'https://gate.example.com' });
    const opened = gate.url.replace('127.0.0.1', 'nas.localhost');
    const page = await open(`${opened}/login`);
    await signIn(page);
    const alert = page.getByRole('alert');
    await alert.waitFor();
    expect(await alert.innerText()).toContain('https://gate.example.com');
    expect(await alert.locator('pre').innerText()).toBe(`PUBLIC_URL=${opened}`);
  });

  test('A3, D1: a browser that keeps no cookie is told so instead of being led in a circle', async () => {
    await using gate = await started();
    const page = await open(`${gate.url}/login`);
    // The answer as it is, but for its cookie.
    await page.route('**/api/auth/login', async (route) => {
      const { json, status } = await gate.call('/api/auth/login', {
        body: route.request().postDataJSON(),
        headers: { origin: gate.url },
      });
      await route.fulfill({ status, json });
    });
    await signIn(page);
    await page.getByText('your browser did not keep the session cookie').waitFor();
    expect(page.url()).toBe(`${gate.url}/login`);
  });

  test('G2, D1: an address that is not on the list gets a page with the reason, and programs what they were promised', async () => {
    await using gate = await startGatehouse({ ALLOWED_IPS: '192.0.2.1' });
    for (const path of ['/login', '/', '/settings/api-keys']) {
      const page = await open(gate.url + path);
      await page.getByRole('heading', { name: 'Access denied from this IP address' }).waitFor();
      expect(await page.locator('main').innerText()).toMatch(
        /127\.0\.0\.1[\s\S]*gatehouse allowlist show[\s\S]*IP_NOT_ALLOWED · Request req_/,
      );
      expect(await wcagFaults(page)).toEqual([]);
      await context.close();
    }
    for (const path of ['/api/keys', '/api/auth/options', '/login'])
      expect((await gate.call(path)).json).toMatchObject({ status: 403, code: 'IP_NOT_ALLOWED' });
    const page = await open(`${gate.url}/login`);
    const answer = await page.goto(`${gate.url}/login`);
    expect(answer?.status()).toBe(403);
    expect(answer?.headers()['content-security-policy']).toMatch(/^default-src 'none'; style-src 'nonce-/);
    expect(await answer?.text()).not.toMatch(/<script|<form/);
    const api = await page.goto(`${gate.url}/api/auth/options`);
    expect(JSON.parse((await api?.text()) ?? '')).toMatchObject({ code: 'IP_NOT_ALLOWED' });
  });
});
