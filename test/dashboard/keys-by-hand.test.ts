import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { keyRecord, secretFor } from '../identity/records.js';
import { hasBrowser, openBrowser } from '../support/browser.js';
import { TestClock } from '../support/clock.js';
import { openTab, startInstance } from './kit.js';

const now = () => ({ clock: new TestClock(new Date().toISOString()) });
const FOCUSED = '(document.activeElement?.labels?.[0] ?? document.activeElement)?.innerText ?? ""';

/** Presses Tab until `target` has the focus, as somebody without a mouse does. */
async function tabTo(page: Page, target: Locator): Promise<void> {
  const handle = await target.elementHandle();
  for (let presses = 0; presses < 120; presses += 1) {
    if (await page.evaluate((one) => one === (globalThis as unknown as Doc).document.activeElement, handle)) return;
    await page.keyboard.press('Tab');
  }
  throw new Error(`no way to ${target} by Tab; the focus is on ${await page.evaluate(FOCUSED)}`);
}
interface Doc {
  readonly document: { readonly activeElement: unknown };
}

const COUNT = 10_000;

/** As many keys as a file holds: the newest is `worker 9999`. */
function manyKeys(): string {
  const keys = Array.from({ length: COUNT }, (_, index) =>
    JSON.stringify(
      keyRecord(
        {
          name: `worker ${index}`,
          createdAt: new Date(Date.UTC(2026, 0, 1) + index * 1000).toISOString(),
          secrets: [secretFor(`value ${index}`)],
          environment: index % 2 === 0 ? 'production' : 'development',
        },
        String(index),
      ),
    ),
  );
  return `{"schemaVersion":1,"keys":[\n${keys.join(',\n')}\n]}\n`;
}

describe.skipIf(!hasBrowser('keys by keyboard and in great numbers'))('keys by keyboard and in great numbers', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await openBrowser();
  });
  afterAll(() => browser.close());

  test('D2: a key is made and rotated by keyboard alone', { timeout: 60_000 }, async () => {
    await using gate = await startInstance({}, now());
    const { page, context, faults } = await openTab(browser, gate, '/settings/api-keys');
    const { keyboard } = page;
    await tabTo(page, page.getByRole('link', { name: 'Create API key' }).first());
    await keyboard.press('Enter');
    // Whoever goes somewhere is told where they are.
    await page.getByRole('heading', { name: 'Create an API key' }).waitFor();
    expect(await page.evaluate('document.activeElement.tagName')).toBe('H1');
    await tabTo(page, page.getByLabel('Name'));
    await keyboard.type('by hand');
    await tabTo(page, page.getByRole('radio', { name: 'Ask' }));
    await keyboard.press('ArrowDown');
    expect(await page.getByRole('radio', { name: 'Read only' }).isChecked()).toBe(true);
    await tabTo(page, page.getByRole('button', { name: 'Create', exact: true }));
    await keyboard.press('Enter');
    await page.getByRole('heading', { name: 'by hand is made' }).waitFor();
    const made = await page.getByLabel('Key', { exact: true }).innerText();
    await tabTo(page, page.getByRole('button', { name: 'Copy key' }));
    await tabTo(page, page.getByLabel('I have saved it'));
    await keyboard.press('Space');
    await tabTo(page, page.getByRole('button', { name: 'Done' }));
    await keyboard.press('Enter');

    const rotate = page.getByRole('button', { name: 'Rotate', exact: true });
    await page.getByRole('heading', { name: 'by hand', level: 1 }).waitFor();
    await tabTo(page, rotate);
    await keyboard.press('Enter');
    const dialog = page.getByRole('dialog');
    await dialog.waitFor();
    // Escape leads back to where one was.
    await expect
      .poll(() => page.evaluate(`document.querySelector('[role="dialog"]').contains(document.activeElement)`))
      .toBe(true);
    await keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    await expect.poll(() => page.evaluate('document.activeElement.innerText')).toBe('Rotate');
    await keyboard.press('Enter');
    await dialog.waitFor();
    const grace = dialog.getByLabel('How long the old secret goes on working');
    await tabTo(page, grace);
    await keyboard.press('ArrowDown');
    await keyboard.press('ArrowUp');
    await keyboard.press('Enter');
    expect(await grace.inputValue()).toBe('6 hours');
    await tabTo(page, dialog.getByRole('button', { name: 'Rotate' }));
    await keyboard.press('Enter');
    await page.getByRole('heading', { name: 'by hand has a new secret' }).waitFor();
    const renewed = await page.getByLabel('Key', { exact: true }).innerText();
    for (const key of [made, renewed]) expect((await gate.call('/api/auth/whoami', { key })).status).toBe(200);
    expect(faults).toEqual([]);
    await context.close();
  });

  test('D2: ten thousand keys are shown a page at a time, and found as quickly as ten', {
    timeout: 60_000,
  }, async () => {
    await using gate = await startInstance({}, { ...now(), files: { 'api-keys.json': manyKeys() } });
    const startedMs = Date.now();
    const { page, context } = await openTab(browser, gate, '/settings/api-keys');
    const rows = page.getByRole('table', { name: 'API keys' }).locator('tbody tr');
    await page.getByRole('link', { name: 'worker 9999', exact: true }).waitFor();
    const shownMs = Date.now() - startedMs;
    expect(await rows.count()).toBe(50);
    const timed = async (act: () => Promise<unknown>, name: string) => {
      const beganMs = Date.now();
      await act();
      await page.getByRole('link', { name, exact: true }).waitFor();
      return Date.now() - beganMs;
    };
    const nextMs = await timed(() => page.getByRole('button', { name: 'Next' }).click(), 'worker 9949');
    const searchMs = await timed(() => page.getByRole('searchbox').fill('worker 4321'), 'worker 4321');
    expect(await rows.count()).toBe(1);
    const filterMs = await timed(
      () => page.goto(`${gate.url}/settings/api-keys?environment=production&search=worker+888`),
      'worker 8888',
    );
    expect(await rows.count()).toBe(6);
    console.log('10,000 keys, ms:', { shownMs, nextMs, searchMs, filterMs });
    for (const tookMs of [shownMs, nextMs, searchMs, filterMs]) expect(tookMs).toBeLessThan(8000);
    await context.close();
  });
});
