import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hasBrowser, openBrowser } from '../support/browser.js';
import { type RunningGatehouse, startGatehouse } from '../support/gatehouse.js';
import { temporaryWorkspaces } from '../support/workspace.js';
import { openTab, startInstance } from './kit.js';
import { everythingOn, listenToAnswers } from './leftovers.js';
import { type StandIn, startVendor } from './vendor.js';

const at = (path = '') => `/api/workspaces/example/credentials${path}`;

describe.skipIf(!hasBrowser('credentials'))('credentials before they are saved, and after their type is gone', () => {
  let vendor: StandIn;
  let gate: RunningGatehouse;
  let browser: Browser;
  beforeAll(async () => {
    vendor = await startVendor(['api.calendly.com']);
    gate = await startInstance({}, { egress: vendor.egress });
    browser = await openBrowser();
  });
  afterAll(async () => {
    await browser?.close();
    await gate?.[Symbol.asyncDispose]();
    await vendor?.[Symbol.asyncDispose]();
  });

  test('V5, V2: fields are tested before they are saved: a refused key may be corrected, tested again, or saved untested', async () => {
    const { page, context } = await openTab(browser, gate, '/credentials/configure/calendly');
    const answers = listenToAnswers(page);
    const BAD = 'calendly-token-that-is-wrong';
    const tryIt = async (name: string) => {
      // One is let through every five seconds.
      gate.clock.advance(10_000);
      await page.getByRole('button', { name, exact: true }).click();
    };
    vendor.status = 401;
    await page.locator('#field-accessToken').fill(BAD);
    await tryIt('Test');
    await page.getByText('Refused by the vendor').waitFor();
    const main = page.locator('main');
    expect(await main.innerText()).toMatch(/Status 401 · took [\d,]+ ms/);
    expect(await main.innerText()).toContain('{"echo":"of the vendor"}');
    await page.getByText('or save them without a test').waitFor();
    expect((await gate.local(at('/calendly'))).status).toBe(404);
    // Whoever clicks again at once is told to wait.
    await page.getByRole('button', { name: 'Test again' }).click();
    await page.getByText(/tested here a moment ago. Again in \d seconds?/).waitFor();

    // What was found was about other fields.
    await page.locator('#field-accessToken').fill(`${BAD}-2`);
    expect(await page.getByText('Refused by the vendor').count()).toBe(0);
    await page.waitForTimeout(5200);
    await tryIt('Test');
    await page.getByText('Refused by the vendor').waitFor();
    await page.getByRole('button', { name: 'Save without test' }).click();
    await page.getByText('calendly is saved').waitFor();
    expect((await gate.local(at('/calendly'))).json.credential.lastTest).toBeNull();
    expect(await answers()).not.toContain(BAD);
    expect(await everythingOn(page)).not.toContain(BAD);

    // A replacement is tested in the same way, and what is kept stays until it is saved.
    vendor.status = 200;
    const { id } = (await gate.local(at('/calendly'))).json.credential;
    await page.goto(`${gate.url}/credentials/configure/calendly?workspace=example&replace=${id}`);
    await page.locator('#field-accessToken').fill('calendly-token-that-is-right');
    await tryIt('Test');
    await page.getByText('Nothing is saved yet.').waitFor();
    expect(vendor.seen.at(-1)).toEqual({
      host: 'api.calendly.com',
      authorization: 'Bearer calendly-token-that-is-right',
    });
    await page.getByRole('button', { name: 'Save and test' }).click();
    await page.getByText('The vendor takes it.').waitFor();
    expect((await gate.local(at('/calendly'))).json.credential.lastTest).toMatchObject({ outcome: 'ok' });
    await context.close();
  });

  test('D1: what was saved with a type that is gone says so, and can be deleted and nothing else', async () => {
    const files = await temporaryWorkspaces({ 'one/a.txt': 'a' });
    const before = await startInstance({}, { folder: files.path });
    const body = { name: 'kept', type: 'stripe', fields: { apiKey: 'sk_test_0123456789abcdef' } };
    expect((await before.local('/api/workspaces/one/credentials', { body })).status).toBe(201);
    await before[Symbol.asyncDispose]();
    const file = join(files.path, '.gatehouse', 'credentials.json');
    await writeFile(file, (await readFile(file, 'utf8')).replace('"stripe"', '"retired_vendor"'));
    const after = await startGatehouse({}, { folder: files.path });
    try {
      const { page, context } = await openTab(browser, after, '/credentials?workspace=one');
      await page.getByText('Saved with a type that this version does not know: kept.').waitFor();
      await page.goto(`${after.url}/credentials/one/kept`);
      await page.getByText('It was saved with the type retired_vendor', { exact: false }).waitFor();
      expect(await page.getByRole('link', { name: 'Replace' }).count()).toBe(0);
      expect(await page.getByRole('button', { name: 'Test now' }).count()).toBe(0);
      await page.getByRole('button', { name: 'Delete' }).click();
      await page.getByRole('dialog').getByRole('textbox').fill('kept');
      await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
      await page.waitForURL(/tab=saved/);
      await page.goto(`${after.url}/credentials?workspace=one&show=set`);
      await page.getByRole('heading', { name: 'Nothing is saved here yet' }).waitFor();
      await context.close();
    } finally {
      await after[Symbol.asyncDispose]();
      await files[Symbol.asyncDispose]();
    }
  });
});
