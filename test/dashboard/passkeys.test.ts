import type { Browser, BrowserContext, CDPSession, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { hasBrowser, openBrowser, openPage } from '../support/browser.js';
import { MINUTE } from '../support/clock.js';
import { type RunningGatehouse, startGatehouse } from '../support/gatehouse.js';
import { ADMIN_EMAIL, createUser, PASSWORD, setUp } from '../support/people.js';
import { LOOKS, type Look, settle, wcagFaults, widerThanWindow } from './kit.js';

/** By the name that browsers have passkeys for; the address of numbers has none. */
const named = (gate: RunningGatehouse) => gate.url.replace('127.0.0.1', 'localhost');

describe.skipIf(!hasBrowser('passkeys'))('passkeys in a browser', () => {
  let browser: Browser;
  let context: BrowserContext;
  const faults: string[] = [];

  beforeAll(async () => {
    browser = await openBrowser(['--host-resolver-rules=MAP nas 127.0.0.1']);
  });
  afterAll(() => browser.close());
  afterEach(async () => {
    await context?.close();
    expect(faults.splice(0)).toEqual([]);
  });

  async function open(url: string, look: Look = 'light', locale = 'en-GB'): Promise<Page> {
    context = await browser.newContext({
      locale,
      colorScheme: look === 'dark' ? 'dark' : 'light',
      viewport: look === 'phone' ? { width: 320, height: 700 } : { width: 1280, height: 800 },
      reducedMotion: 'reduce',
    });
    const opened = await openPage(context, url);
    opened.page.on('pageerror', (error) => faults.push(String(error)));
    await settle(opened.page);
    return opened.page;
  }

  /** A device of the page's person, which knows them and does at once what it is asked. */
  async function device(page: Page, present = true): Promise<{ cdp: CDPSession; authenticatorId: string }> {
    const cdp = await page.context().newCDPSession(page);
    await cdp.send('WebAuthn.enable');
    const { authenticatorId } = await cdp.send('WebAuthn.addVirtualAuthenticator', {
      options: {
        protocol: 'ctap2',
        transport: 'internal',
        hasResidentKey: true,
        hasUserVerification: true,
        isUserVerified: true,
        automaticPresenceSimulation: present,
      },
    });
    return { cdp, authenticatorId };
  }

  async function signInByPassword(page: Page, email = ADMIN_EMAIL): Promise<void> {
    await page.getByLabel('E-mail address').fill(email);
    await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
    await page.keyboard.press('Enter');
    await page.waitForURL(({ pathname }) => pathname !== '/login');
    await settle(page);
  }

  async function addPasskey(page: Page, name: string): Promise<void> {
    await page.getByRole('button', { name: 'Add passkey' }).click();
    const dialog = page.getByRole('dialog', { name: 'Add passkey' });
    await dialog.getByLabel('Name').fill(name);
    await dialog.getByRole('button', { name: 'Continue' }).click();
    await dialog.waitFor({ state: 'hidden' });
  }

  test('A4: one is added, signs in, is renamed and removed', { timeout: 60_000 }, async () => {
    await using gate = await startGatehouse();
    await setUp(gate);
    const page = await open(`${named(gate)}/account`);
    const { cdp, authenticatorId } = await device(page);
    await signInByPassword(page);
    await page.getByRole('heading', { name: 'Passkeys' }).waitFor();
    await addPasskey(page, 'Work laptop');
    const row = page.getByRole('table', { name: 'Passkeys' }).getByRole('row').nth(1);
    expect(await row.textContent()).toMatch(/Work laptop.*never/);
    const { credentials } = await cdp.send('WebAuthn.getCredentials', { authenticatorId });
    expect(credentials).toMatchObject([{ isResidentCredential: true, rpId: 'localhost', userName: ADMIN_EMAIL }]);

    // By the button, in a browser that offers none among the suggestions of a field.
    await page.addInitScript(
      "if (location.search.includes('plain')) PublicKeyCredential.isConditionalMediationAvailable = async () => false",
    );
    await page.context().clearCookies();
    await page.goto(`${named(gate)}/login?plain&next=/account`);
    await page.getByRole('button', { name: 'Sign in with a passkey' }).click();
    await row.waitFor();
    expect(new URL(page.url()).pathname).toBe('/account');
    expect(await row.textContent()).not.toContain('never');
    // Among the suggestions: this device takes up at once what is offered.
    await page.context().clearCookies();
    await page.goto(`${named(gate)}/login?next=/account`);
    await row.waitFor();

    await page.getByRole('button', { name: /Work laptop/ }).click();
    await page.getByRole('menuitem', { name: 'Rename' }).click();
    await page.getByRole('dialog').getByLabel('Name').fill('Old laptop');
    await page.getByRole('button', { name: 'Save' }).last().click();
    await row.getByText('Old laptop').waitFor();

    await page.getByRole('button', { name: /Old laptop/ }).click();
    await page.getByRole('menuitem', { name: 'Remove' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click();
    await page.getByRole('table', { name: 'Passkeys' }).waitFor({ state: 'hidden' });
    expect((await gate.local('/api/users')).json.data[0].passkeys).toBe(0);

    await page.context().clearCookies();
    await page.goto(`${named(gate)}/login`);
    // The browser was told, and has forgotten it.
    expect((await cdp.send('WebAuthn.getCredentials', { authenticatorId })).credentials).toEqual([]);
    await page.getByRole('button', { name: 'Sign in with a passkey' }).click();
    await page.getByText('No passkey was used.').waitFor();
    expect(new URL(page.url()).pathname).toBe('/login');
  });

  test('A4: a device that knows one already makes no second, and a refusal is told in words', {
    timeout: 60_000,
  }, async () => {
    await using gate = await startGatehouse();
    await setUp(gate);
    const page = await open(`${named(gate)}/account`);
    const { cdp, authenticatorId } = await device(page);
    await signInByPassword(page);
    await addPasskey(page, 'Work laptop');
    await page.getByRole('button', { name: 'Add passkey' }).click();
    const dialog = page.getByRole('dialog', { name: 'Add passkey' });
    await dialog.getByRole('button', { name: 'Continue' }).click();
    await dialog.getByText('This device has a passkey for you already').waitFor();
    await cdp.send('WebAuthn.removeCredential', {
      authenticatorId,
      credentialId: (await cdp.send('WebAuthn.getCredentials', { authenticatorId })).credentials[0]?.credentialId ?? '',
    });
    await cdp.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified: false });
    await dialog.getByRole('button', { name: 'Continue' }).click();
    await dialog.getByText('No passkey was made').waitFor();
    expect((await gate.local('/api/users')).json.data[0].passkeys).toBe(1);
  });

  test('A4: where a fresh proof is asked for a passkey will do, and what was begun goes on', {
    timeout: 60_000,
  }, async () => {
    await using gate = await startGatehouse();
    await setUp(gate);
    const page = await open(`${named(gate)}/account`);
    await device(page);
    await signInByPassword(page);
    await addPasskey(page, 'Work laptop');
    gate.clock.advance(11 * MINUTE);
    await page.getByRole('button', { name: /Work laptop/ }).click();
    await page.getByRole('menuitem', { name: 'Remove' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click();
    await page.getByRole('button', { name: 'Use a passkey' }).click();
    await page.getByRole('table', { name: 'Passkeys' }).waitFor({ state: 'hidden' });
    expect((await gate.local('/api/users')).json.data[0].passkeys).toBe(0);
    const [line] = (await gate.local('/api/audit?action=session.confirm')).json.data;
    expect(line.detail).toEqual({ by: 'passkey' });
    expect(await page.getByRole('dialog').count()).toBe(0);
  });

  test('A4: over plain http and by number the page says why there are none, and has no dead button', {
    timeout: 60_000,
  }, async () => {
    await using gate = await startGatehouse();
    await setUp(gate);
    for (const [url, reason] of [
      [gate.url.replace('127.0.0.1', 'nas'), /Browsers make passkeys over https only.*http:\/\/nas:\d+.*PUBLIC_URL/],
      [gate.url, /this is an IP address: http:\/\/127\.0\.0\.1:\d+.*PUBLIC_URL/],
    ] as const) {
      const page = await open(`${url}/account`);
      expect(await page.getByRole('button', { name: /passkey/i }).count()).toBe(0);
      await signInByPassword(page);
      await page.getByText(reason).waitFor();
      expect(await page.getByRole('button', { name: /passkey/i }).count()).toBe(0);
      await context.close();
    }
  });

  test('A4: with PUBLIC_URL set, other addresses lead there', { timeout: 60_000 }, async () => {
    await using gate = await startGatehouse({ PUBLIC_URL: 'http://gate.localhost:9' });
    await setUp(gate);
    const page = await open(`${named(gate)}/login`);
    expect(await page.getByRole('link', { name: 'http://gate.localhost:9' }).count()).toBe(1);
    await signInByPassword(page);
    await page.goto(`${named(gate)}/account`);
    await page.getByText('Passkeys are made and used at http://gate.localhost:9').waitFor();
  });

  test('A4: an operator takes the passkeys of somebody away', { timeout: 60_000 }, async () => {
    await using gate = await startGatehouse();
    await setUp(gate);
    await createUser(gate, 'bob@example.com');
    const page = await open(`${named(gate)}/account`);
    await device(page);
    await signInByPassword(page, 'bob@example.com');
    await addPasskey(page, 'Bob’s phone');
    await context.close();
    const operator = await open(`${named(gate)}/people/users`);
    await signInByPassword(operator);
    await operator.getByRole('button', { name: /bob@example.com/ }).click();
    await operator.getByRole('menuitem', { name: 'Remove passkeys' }).click();
    const dialog = operator.getByRole('dialog', { name: 'Remove the passkeys of bob@example.com' });
    await dialog.getByRole('button', { name: 'Remove passkeys' }).click();
    await dialog.waitFor({ state: 'hidden' });
    const { data } = (await gate.local('/api/users?search=bob')).json;
    expect(data[0].passkeys).toBe(0);
  });

  test('D2: sign-in and account hold WCAG 2.2 AA with passkeys, in light, dark and at 320 px', {
    timeout: 90_000,
  }, async () => {
    await using gate = await startGatehouse();
    await setUp(gate);
    for (const look of LOOKS) {
      const page = await open(`${named(gate)}/account`, look);
      await device(page);
      const check = async (what: string) => {
        expect(await wcagFaults(page), `${what} ${look}`).toEqual([]);
        expect(await widerThanWindow(page), `${what} ${look}`).toBe(false);
      };
      await page.getByRole('button', { name: 'Sign in with a passkey' }).waitFor();
      await check('sign-in');
      await signInByPassword(page);
      await page.getByRole('button', { name: 'Add passkey' }).click();
      await page.getByRole('dialog', { name: 'Add passkey' }).waitFor();
      await check('dialog');
      await page.keyboard.press('Escape');
      await addPasskey(page, 'A laptop with a name that is rather long for a small screen');
      await check('account');
      await context.close();
    }
  });
});
