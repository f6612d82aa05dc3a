import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hasBrowser, openBrowser, openPage } from '../support/browser.js';
import { TestClock } from '../support/clock.js';
import type { RunningGatehouse } from '../support/gatehouse.js';
import { ADMIN_EMAIL, createUser, signIn } from '../support/people.js';
import { openTab, settle, startInstance, wcagFaults } from './kit.js';
import { everythingOn } from './leftovers.js';

describe.skipIf(!hasBrowser('people'))('people', () => {
  let gate: RunningGatehouse;
  let browser: Browser;

  beforeAll(async () => {
    gate = await startInstance({ API_RATE_LIMIT: 'off' }, { clock: new TestClock(new Date().toISOString()) });
    await createUser(gate, 'grace@example.com', { role: 'member', name: 'Grace' });
    browser = await openBrowser();
  }, 60_000);
  afterAll(async () => {
    await browser?.close();
    await gate?.[Symbol.asyncDispose]();
  });

  const members = async () => (await gate.local('/api/organizations/org_default/members')).json.data;
  const roleOf = async (email: string) => (await members()).find((one: { email: string }) => one.email === email)?.role;

  test('D1: a role is changed where it stands; the last owner keeps theirs and cannot be removed', async () => {
    const { page, faults, context } = await openTab(browser, gate, '/people');
    await page.getByRole('combobox', { name: 'Role of grace@example.com' }).click();
    await page.getByRole('option', { name: 'Viewer' }).click();
    await expect.poll(() => roleOf('grace@example.com')).toBe('viewer');

    const own = page.getByRole('combobox', { name: `Role of ${ADMIN_EMAIL}` });
    const before = await own.inputValue();
    await own.click();
    await page.getByRole('option', { name: 'Member' }).click();
    await page.getByRole('alert').waitFor();
    expect(await own.inputValue()).toBe(before);
    expect(await roleOf(ADMIN_EMAIL)).toBe('owner');

    await page.getByRole('button', { name: `Actions: ${ADMIN_EMAIL}` }).click();
    await page.getByRole('menuitem', { name: 'Remove' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('textbox').fill(ADMIN_EMAIL);
    await dialog.getByRole('button', { name: 'Remove' }).click();
    await dialog.getByRole('alert').waitFor();
    expect(await wcagFaults(page)).toEqual([]);
    expect(await roleOf(ADMIN_EMAIL)).toBe('owner');
    expect(faults).toEqual([]);
    await context.close();
  });

  test('D1: an invite without mail is a link that is shown once, works, and can be withdrawn', async () => {
    const { page, faults, context } = await openTab(browser, gate, '/people');
    const invite = async (email: string) => {
      await page.getByRole('button', { name: 'Invite', exact: true }).click();
      await page.getByRole('dialog').getByLabel('E-mail address').fill(email);
      await page.getByRole('button', { name: 'Make the invite' }).click();
      await page.getByText('This instance sends no letters.').waitFor();
      const link = await page.getByRole('dialog').locator('pre').innerText();
      await page.getByRole('button', { name: 'Done' }).click();
      await page.getByRole('dialog').waitFor({ state: 'hidden' });
      return link;
    };
    const link = await invite('new@example.com');
    const secret = link.slice(link.indexOf('#') + 1);
    expect(link).toContain(gate.url);
    expect(secret.length).toBeGreaterThan(20);
    expect(await everythingOn(page)).not.toContain(secret);
    const guest = await browser.newContext({ locale: 'en-GB' });
    const opened = await openPage(guest, link);
    await opened.page.getByText('new@example.com').first().waitFor();
    await guest.close();

    await invite('wrong@example.com');
    await page.getByRole('button', { name: 'Withdraw: wrong@example.com' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Withdraw' }).click();
    await page.getByRole('button', { name: 'Withdraw: wrong@example.com' }).waitFor({ state: 'detached' });
    const { data } = (await gate.local('/api/organizations/org_default/invites')).json;
    expect(data.map(({ email }: { email: string }) => email)).toEqual(['new@example.com']);
    expect(faults).toEqual([]);
    await context.close();
  });

  test('D1: sessions end one by one: the own ones in the account, those of others from their account', async () => {
    const phone = await signIn(gate);
    const { page, faults, context } = await openTab(browser, gate, '/account');
    const alive = async (person: { headers: Record<string, string> }) =>
      (await gate.call('/api/auth/profile', { headers: person.headers })).status;
    expect(await alive(phone)).toBe(200);
    const sessions = page.getByRole('table', { name: 'Where you are signed in' });
    const ends = sessions.getByRole('button', { name: /^End/ });
    await ends.first().waitFor();
    for (let left = await ends.count(); left > 0; left -= 1) {
      await ends.first().click();
      await expect.poll(() => ends.count()).toBe(left - 1);
    }
    expect(await alive(phone)).toBe(401);
    // The own one stays.
    await page.goto(`${gate.url}/people/users`);
    await settle(page);

    const first = await signIn(gate, 'grace@example.com');
    const second = await signIn(gate, 'grace@example.com');
    await page.reload();
    await page.getByRole('button', { name: 'Actions: grace@example.com' }).click();
    await page.getByRole('menuitem', { name: 'Sessions' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('button', { name: /^End:/ }).first().waitFor();
    expect(await wcagFaults(page)).toEqual([]);
    await dialog.getByRole('button', { name: /^End:/ }).first().click();
    await expect.poll(() => dialog.getByRole('button', { name: /^End:/ }).count()).toBe(1);
    expect([await alive(first), await alive(second)].sort()).toEqual([200, 401]);
    await dialog.getByRole('button', { name: 'End all sessions' }).click();
    await expect.poll(() => dialog.getByRole('button', { name: /^End:/ }).count()).toBe(0);
    expect([await alive(first), await alive(second)]).toEqual([401, 401]);
    expect(faults).toEqual([]);
    await context.close();
  });
});
