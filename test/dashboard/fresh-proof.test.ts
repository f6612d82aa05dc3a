import { Secret, TOTP } from 'otpauth';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { hasBrowser, openBrowser } from '../support/browser.js';
import { MINUTE, TestClock } from '../support/clock.js';
import type { RunningGatehouse } from '../support/gatehouse.js';
import { createUser, OTHER_PASSWORD, PASSWORD, signIn } from '../support/people.js';
import { tabTo } from './keyboard.js';
import { openTab, startInstance, wcagFaults, widerThanWindow } from './kit.js';
import { leftovers } from './leftovers.js';

const FOCUSED = '(document.activeElement?.labels?.[0] ?? document.activeElement)?.innerText ?? ""';
const asked = (page: Page) => page.getByRole('dialog', { name: 'Confirm that it is you' });
const secretAt = '/api/workspaces/example/secrets/WEBHOOK_TOKEN';

describe.skipIf(!hasBrowser('fresh proof in the dashboard'))('fresh proof in the dashboard', () => {
  let browser: Browser;
  let gate: RunningGatehouse;
  beforeAll(async () => {
    browser = await openBrowser();
    gate = await startInstance({}, { clock: new TestClock(new Date().toISOString()) });
  });
  beforeEach(() => gate.clock.advance(MINUTE));
  afterAll(async () => {
    await browser?.close();
    await gate?.[Symbol.asyncDispose]();
  });
  /** A page that was left open for longer than a proof lasts. */
  const openLongAgo = async (path: string, options: Parameters<typeof openTab>[3] = {}) => {
    const tab = await openTab(browser, gate, path, options);
    tab.context.setDefaultTimeout(8000);
    gate.clock.advance(11 * MINUTE);
    return tab;
  };

  test('(A4) by keyboard alone: a rotation asks, a wrong password is told, the right one completes it', async () => {
    const { key, token } = await gate.createKey({ name: 'turning' });
    const { page, context, faults } = await openLongAgo(`/settings/api-keys/${key.id}`);
    const urls: string[] = [];
    page.on('request', (request) => urls.push(request.url()));
    const { keyboard } = page;
    await tabTo(page, 'Rotate');
    await keyboard.press('Enter');
    const rotation = page.getByRole('dialog', { name: 'Rotate turning' });
    await rotation.waitFor();
    await expect
      .poll(() => page.evaluate(`document.querySelector('[role="dialog"]').contains(document.activeElement)`))
      .toBe(true);
    await tabTo(page, 'Rotate');
    await keyboard.press('Enter');
    await asked(page).waitFor();
    await expect.poll(() => page.evaluate(FOCUSED)).toBe('Your password');
    expect((await gate.local(`/api/keys/${key.id}`)).json.key.secrets).toHaveLength(1);

    // Escape is for the dialog that asks, and leads back to the button below it.
    await keyboard.press('Escape');
    await asked(page).waitFor({ state: 'detached' });
    await rotation.waitFor();
    await expect.poll(() => page.evaluate(FOCUSED)).toBe('Rotate');
    expect(await rotation.getByRole('alert').count()).toBe(0);
    await keyboard.press('Enter');
    await asked(page).waitFor();
    await expect.poll(() => page.evaluate(FOCUSED)).toBe('Your password');

    await keyboard.press('Enter');
    await asked(page).getByText('Fill this in first').waitFor();
    await keyboard.type(OTHER_PASSWORD);
    await keyboard.press('Enter');
    await asked(page).getByText('This is not your password').waitFor();
    const field = page.getByLabel('Your password');
    expect(await field.getAttribute('aria-invalid')).toBe('true');
    expect(await field.getAttribute('type')).toBe('password');
    const described = await field.getAttribute('aria-describedby');
    expect(await page.locator(`[id="${described}"]`).innerText()).toBe('This is not your password.');
    // Tab stays inside.
    for (let presses = 0; presses < 6; presses += 1) {
      await keyboard.press('Tab');
      expect(await asked(page).evaluate('(one) => one.contains(document.activeElement)')).not.toBe(false);
    }
    await field.focus();
    await keyboard.press('ControlOrMeta+A');
    await keyboard.type(PASSWORD);
    await keyboard.press('Enter');
    await page.getByRole('heading', { name: 'turning has a new secret' }).waitFor();
    const renewed = await page.getByLabel('Key', { exact: true }).innerText();
    for (const one of [token, renewed])
      expect((await gate.call('/api/auth/whoami', { key: one })).status, 'both work through the grace').toBe(200);
    expect((await gate.local(`/api/keys/${key.id}`)).json.key.secrets).toHaveLength(2);
    expect(await asked(page).count()).toBe(0);

    for (const [place, text] of Object.entries(await leftovers(page)))
      for (const password of [PASSWORD, OTHER_PASSWORD]) expect(text, place).not.toContain(password);
    expect(urls.join('\n')).not.toMatch(/plum|violet/);
    expect(faults).toEqual([]);
    await context.close();
  });

  test('(A4) whoever would rather not finds the form as it was, and whoever does is not asked again', async () => {
    const { page, context } = await openLongAgo('/secrets');
    await page.getByRole('button', { name: 'Add a secret' }).click();
    const form = page.getByRole('dialog', { name: 'Add a secret' });
    await form.getByLabel('Name').fill('webhook_token');
    await form.getByLabel('Value').first().fill('very-private');
    await form.getByLabel('Allowed hosts').fill('hooks.example.com');
    await form.getByRole('button', { name: 'Save' }).click();
    await asked(page).getByRole('button', { name: 'Cancel' }).click();
    await asked(page).waitFor({ state: 'detached' });
    expect(await form.getByLabel('Name').inputValue()).toBe('WEBHOOK_TOKEN');
    expect(await form.getByLabel('Value').first().inputValue()).toBe('very-private');
    expect(await form.getByLabel('Allowed hosts').inputValue()).toBe('hooks.example.com');
    expect(await form.getByRole('alert').count()).toBe(0);
    expect((await gate.local(secretAt)).status).toBe(404);

    await form.getByRole('button', { name: 'Save' }).click();
    await asked(page).getByLabel('Your password').fill(PASSWORD);
    await asked(page).getByRole('button', { name: 'Confirm' }).click();
    await form.waitFor({ state: 'detached' });
    expect((await gate.local(secretAt)).json.secret.hosts).toEqual(['hooks.example.com']);

    await page.getByRole('button', { name: /WEBHOOK_TOKEN/ }).click();
    await page.getByRole('menuitem', { name: 'Delete' }).click();
    const deletion = page.getByRole('dialog');
    await deletion.getByRole('textbox').fill('WEBHOOK_TOKEN');
    await deletion.getByRole('button', { name: 'Delete' }).click();
    await deletion.waitFor({ state: 'detached' });
    expect((await gate.local(secretAt)).status).toBe(404);
    await context.close();
  });

  test('(A4) a pasted file of many values asks once, and stops where nobody proves it', async () => {
    const { page, context } = await openLongAgo('/secrets');
    await page.getByRole('button', { name: 'Paste a .env file' }).click();
    const form = page.getByRole('dialog').first();
    await form.getByRole('textbox').first().fill('ONE=1\nTWO=2\nTHREE=3\n');
    await form.getByRole('button', { name: 'Keep 3 values' }).click();
    await page.keyboard.press('Escape');
    await asked(page).waitFor({ state: 'detached' });
    await page.waitForTimeout(300);
    expect(await asked(page).count()).toBe(0);
    await form.getByRole('button', { name: 'Keep 3 values' }).click();
    await asked(page).getByLabel('Your password').fill(PASSWORD);
    await page.keyboard.press('Enter');
    await form.getByText('Kept 3 of 3.').waitFor();
    await context.close();
  });

  test('(A4) with an authenticator app its code will do, and after ten wrong ones the wait is told', async () => {
    const email = 'app@example.com';
    await createUser(gate, email, { role: 'owner' });
    const { headers } = await signIn(gate, email);
    const started = await gate.call('/api/auth/profile/totp', { headers, body: { password: PASSWORD } });
    const app = new TOTP({ secret: Secret.fromBase32(started.json.secret) });
    const code = () => app.generate({ timestamp: gate.clock.nowMs() });
    const { key } = await gate.createKey({ name: 'by code' });
    // Signed in before the app counts: the kit knows a password only.
    const { page, context } = await openTab(browser, gate, `/settings/api-keys/${key.id}`, { email });
    await gate.call('/api/auth/profile/totp/confirm', { headers, body: { code: code() } });
    gate.clock.advance(11 * MINUTE);
    await page.reload();
    await page.getByRole('button', { name: 'Rotate', exact: true }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Rotate' }).click();
    await asked(page).getByRole('button', { name: 'Use a code of the app' }).click();
    const field = page.getByLabel('Code of your authenticator app');
    await expect.poll(() => field.evaluate('(one) => one === document.activeElement')).not.toBe(false);
    const send = async (text: string) => {
      await field.fill(text);
      const answered = page.waitForResponse(/\/api\/auth\/confirm$/);
      await page.keyboard.press('Enter');
      await answered;
    };
    await send('12-45');
    await asked(page).locator('[id$="-error"]').getByText('Six digits').waitFor();
    const wrong = String((Number(code()) + 1) % 1_000_000).padStart(6, '0');
    for (let tries = 0; tries < 10; tries += 1) await send(wrong);
    await asked(page)
      .getByRole('alert')
      .getByText(/The next one counts in \d+ minutes/)
      .waitFor();
    gate.clock.advance(61 * MINUTE);
    await send(code());
    await page.getByRole('heading', { name: 'by code has a new secret' }).waitFor();
    await context.close();
  });

  test('(D2) the dialog fits and reads, in light and dark and on a phone', async () => {
    const { key } = await gate.createKey({ name: 'looked at' });
    const { page, context, faults } = await openLongAgo(`/settings/api-keys/${key.id}`);
    await page.getByRole('button', { name: 'Rotate', exact: true }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Rotate' }).click();
    await asked(page).getByLabel('Your password').fill('wrong');
    await page.keyboard.press('Enter');
    await asked(page).getByText('This is not your password').waitFor();
    for (const [colorScheme, width] of [
      ['light', 1280],
      ['dark', 1280],
      ['light', 320],
    ] as const) {
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize({ width, height: 700 });
      await page.waitForTimeout(300);
      expect(await wcagFaults(page), `${colorScheme} ${width}`).toEqual([]);
      expect(await widerThanWindow(page)).toBe(false);
    }
    expect(faults).toEqual([]);
    await context.close();
  });
});
