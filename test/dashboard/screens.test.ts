import { cp, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hasBrowser, openBrowser } from '../support/browser.js';
import { MINUTE } from '../support/clock.js';
import type { RunningGatehouse } from '../support/gatehouse.js';
import { LOOKS, openTab, startInstance, wcagFaults, wear, widerThanWindow } from './kit.js';
import { addressOf, dayAgo, type Seeded, seed } from './seed.js';

const ROOT = join(import.meta.dirname, '..', '..');

/** The addresses of the app, from where it has them itself: a screen that is added is looked at too. */
const screens = await readFile(join(ROOT, 'src/dashboard/shell/screens.ts'), 'utf8');
const PATHS = [...screens.matchAll(/\['(\/[^']*)', screen\(/g)].map(([, path = '']) => path);

test('the list of screens is found', () => {
  expect(PATHS.length).toBeGreaterThan(25);
});

describe.skipIf(!hasBrowser('the dashboard'))('every screen', () => {
  let gate: RunningGatehouse;
  let browser: Browser;
  let seeded: Seeded;

  beforeAll(async () => {
    gate = await startInstance({ API_RATE_LIMIT: 'off' }, { clock: dayAgo() });
    await cp(join(ROOT, 'workspaces/example'), join(gate.folder, 'example'), { recursive: true });
    seeded = await seed(gate);
    browser = await openBrowser();
  }, 120_000);
  afterAll(async () => {
    await browser?.close();
    await gate?.[Symbol.asyncDispose]();
  });

  test('D1, D2: holds WCAG 2.2 AA and its policy, and nobody scrolls sideways, in each look', {
    timeout: 600_000,
  }, async () => {
    const { context, page, faults } = await openTab(browser, gate, '/');
    for (const path of PATHS) {
      // The clock stands still, and a person may ask 600 times a minute.
      gate.clock.advance(MINUTE);
      await page.goto(gate.url + addressOf(path, seeded));
      for (const look of LOOKS) {
        await wear(page, look);
        expect.soft(await page.locator('h1').count(), `${path} has one h1`).toBe(1);
        expect.soft(await wcagFaults(page), `${path} ${look}`).toEqual([]);
        expect.soft(await widerThanWindow(page), `${path} ${look} is wider than the window`).toBe(false);
        expect.soft(faults.splice(0), `${path} ${look}`).toEqual([]);
      }
      const text = await page.locator('body').innerText();
      expect.soft(text, path).not.toContain('This screen failed');
      expect.soft(text, path).not.toContain('There is nothing here');
      expect.soft(text, path).not.toContain(seeded.token);
      expect.soft(text, path).not.toContain('q'.repeat(20));
    }
    await context.close();
  });
});
