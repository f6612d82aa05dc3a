import { readFile } from 'node:fs/promises';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hasBrowser, openBrowser } from '../support/browser.js';
import { DAY, HOUR, TestClock } from '../support/clock.js';
import type { RunningGatehouse } from '../support/gatehouse.js';
import { createUser } from '../support/people.js';
import { openTab, settle, startInstance, wcagFaults } from './kit.js';

const clockBefore = (ms: number) => new TestClock(new Date(Date.now() - ms).toISOString());

describe.skipIf(!hasBrowser('overview, usage and jobs'))('overview, usage and jobs', () => {
  let gate: RunningGatehouse;
  let browser: Browser;

  beforeAll(async () => {
    gate = await startInstance(
      { API_RATE_LIMIT: 'off', VALID_API_KEYS: 'short' },
      { clock: clockBefore(100 * DAY), files: { 'example/a.md': 'Fines grow by the day.' } },
    );
    browser = await openBrowser();
  }, 60_000);
  afterAll(async () => {
    await browser?.close();
    await gate?.[Symbol.asyncDispose]();
  });

  test('D1: without traffic a first request is at hand, and without questions one to ask', async () => {
    const { page, faults, context } = await openTab(browser, gate, '/');
    await page.getByText('No requests yet').waitFor();
    await page.getByText(`curl -H "x-api-key: $GATEHOUSE_KEY" ${gate.url}/api/auth/whoami`).waitFor();
    await page.getByRole('button', { name: 'Copy A first request' }).waitFor();
    await page.goto(`${gate.url}/jobs`);
    await page.getByText('No questions yet').waitFor();
    expect(faults).toEqual([]);
    await context.close();
  });

  test('D1: usage without requests says how to send one', async () => {
    await gate.createKey({ name: 'Old laptop' });
    gate.clock.advance(99 * DAY + 22 * HOUR);
    const { page, faults, context } = await openTab(browser, gate, '/usage');
    await page.getByText('No requests in this time').waitFor();
    await page.getByRole('link', { name: 'Create API key' }).waitFor();
    expect(faults).toEqual([]);
    await context.close();
  });

  test('D1: what deserves a look is named with its keys, and leads there; traffic is by reason', async () => {
    const soon = new Date(gate.clock.nowMs() + 3 * DAY).toISOString();
    const { token } = await gate.createKey({ name: 'Demo', expiresAt: soon, scopes: ['ask:run', 'jobs:read'] });
    for (let one = 0; one < 4; one += 1) await gate.call('/api/auth/whoami', { key: token });
    for (let one = 0; one < 2; one += 1) await gate.call('/api/keys', { key: token });
    await gate.call('/api/keys', { key: 'gate_sdk_test_nothing' });
    for (let one = 0; one < 4; one += 1)
      await gate.call('/api/ask', {
        key: token,
        body: { workspaceId: 'example', question: `How do fines grow? ${one}` },
      });
    gate.clock.advance(HOUR);
    const { page, faults, context } = await openTab(browser, gate, '/');
    for (const words of [
      /1 key was not used for 90 days\./,
      /1 key ends within 14 days\./,
      /1 key never ends\./,
      /Weak keys in the environment/,
      /1 key is set in the environment/,
    ])
      await page.getByText(words).first().waitFor();
    await page.getByText('FORBIDDEN', { exact: true }).first().waitFor();
    await page.getByRole('table', { name: 'Busiest callers' }).getByText('Demo').waitFor();
    await page.getByRole('link', { name: 'Old laptop', exact: true }).first().click();
    await page.getByRole('heading', { name: 'Old laptop' }).waitFor();
    await page.goBack();
    await page.getByRole('link', { name: 'Look: Keys that nobody uses' }).click();
    await page.waitForURL(/api-keys\?concern=unused/);
    expect(faults).toEqual([]);
    await context.close();
  });

  test('D1: usage is told by key, route and outcome, over the chosen time, as a picture and as a table', async () => {
    const { page, faults, context } = await openTab(browser, gate, '/usage');
    await page.getByText(/\d+ requests, \d+ let in, 2 refused/).waitFor();
    const callers = page.getByRole('table', { name: 'Busiest callers' });
    await callers.getByRole('link', { name: 'Demo' }).waitFor();
    await page.getByRole('table', { name: 'Busiest routes' }).getByText('GET /api/auth/whoami').first().waitFor();
    await page.getByRole('button', { name: 'Show as table' }).first().click();
    const table = page.getByRole('group', { name: /requests, .* let in/ });
    for (const header of ['Time', 'Let in', 'FORBIDDEN'])
      await table.getByRole('columnheader', { name: header }).waitFor();
    const hours = await table.getByRole('row').count();
    expect(hours).toBeGreaterThan(20);
    await page.getByRole('radiogroup', { name: 'Range' }).getByText('90 days').click();
    await page.waitForURL(/range=90d/);
    await settle(page);
    await expect.poll(() => table.getByRole('row').count()).toBeGreaterThan(80);
    const [file] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Export as CSV: Busiest callers' }).click(),
    ]);
    expect(await readFile((await file.path()) ?? '', 'utf8')).toMatch(/^Caller,.*\r\nDemo,/);
    // A link to a range shows it.
    await page.reload();
    await settle(page);
    expect(await page.getByRole('radio', { name: '90 days' }).isChecked()).toBe(true);
    expect(await wcagFaults(page)).toEqual([]);
    expect(faults).toEqual([]);
    await context.close();
  });

  test('D1: jobs show the queue and how long they take, as pictures, sentences and tables, and one has its log', async () => {
    const { page, faults, context } = await openTab(browser, gate, '/jobs');
    await page.getByText(/0 waiting, 0 running\. Of the last 4 at most \d waited at once\./).waitFor();
    await page.getByText(/Of the last 4 that completed, half took at most/).waitFor();
    await page.getByRole('button', { name: 'Show as table' }).nth(1).click();
    const took = page.getByRole('group', { name: /half took at most/ });
    await took.getByRole('columnheader', { name: 'Took' }).waitFor();
    expect((await took.innerText()).match(/\t(\d+)/g)?.reduce((sum, one) => sum + Number(one), 0)).toBe(4);
    expect(await wcagFaults(page)).toEqual([]);
    await page.getByRole('link', { name: 'How do fines grow? 3' }).click();
    const log = page.getByRole('list', { name: 'Log' });
    await log.getByText('Asked by Demo').waitFor();
    await log.getByText('Ended: Completed').waitFor();
    expect(faults).toEqual([]);
    await context.close();
  });

  test('D2: somebody who sees no keys and no traffic is welcomed, and told what they can do', async () => {
    await createUser(gate, 'alan@example.com', { role: 'viewer' });
    for (const look of ['light', 'dark', 'phone'] as const) {
      const { page, faults, context } = await openTab(browser, gate, '/', { email: 'alan@example.com', look });
      await page.getByText(/Welcome to /).waitFor();
      expect(await page.getByText('Needs attention').count()).toBe(0);
      expect(await wcagFaults(page), look).toEqual([]);
      expect(faults).toEqual([]);
      await context.close();
    }
  });
});
