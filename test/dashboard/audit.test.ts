import { readFile } from 'node:fs/promises';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hasBrowser, openBrowser } from '../support/browser.js';
import { HOUR, TestClock } from '../support/clock.js';
import type { RunningGatehouse } from '../support/gatehouse.js';
import { createUser } from '../support/people.js';
import { openTab, settle, startInstance, wcagFaults } from './kit.js';

const SECRET = `sk-${'Zq7'.repeat(14)}`;

describe.skipIf(!hasBrowser('the audit screen'))('the audit screen', () => {
  let gate: RunningGatehouse;
  let browser: Browser;
  let keyId: string;

  beforeAll(async () => {
    const clock = new TestClock(new Date(Date.now() - 30 * HOUR).toISOString());
    gate = await startInstance({ API_RATE_LIMIT: 'off' }, { clock, files: { 'example/a.txt': 'a' } });
    const { key } = await gate.createKey({ name: 'Deploys', scopes: ['ask:run'] });
    keyId = key.id;
    await gate.call('/api/keys', { key: 'gate_sdk_test_nothing' });
    clock.advance(30 * HOUR);
    const change = (path: string, method: string, body: object) => gate.local(path, { method, body });
    await change(`/api/keys/${key.id}`, 'PATCH', { name: 'Deploys of main', allowedIps: ['10.0.0.0/8'] });
    const at = '/api/workspaces/example/credentials';
    await change(at, 'POST', { name: 'model', type: 'openai', fields: { apiKey: SECRET } });
    await change(`${at}/model`, 'PUT', { fields: { apiKey: `${SECRET}2`, organization: 'org-x' } });
    // Called like something every object has.
    expect((await gate.local('/api/workspaces', { body: { id: 'constructor' } })).status).toBe(201);
    browser = await openBrowser();
  }, 60_000);
  afterAll(async () => {
    await browser?.close();
    await gate?.[Symbol.asyncDispose]();
  });

  test('D1: a change is read before and after, with secrets masked, and leads to all about the same thing', async () => {
    const { page, faults, context } = await openTab(browser, gate, '/audit');
    const row = page.getByRole('row').filter({ hasText: 'key.update' });
    // Ids are told by the names they have now, and stay at hand.
    await row.getByText('Deploys of main', { exact: true }).waitFor();
    await row.getByText('command line on the host').waitFor();
    expect(await row.getByTitle(keyId).count()).toBe(1);
    const made = page.getByRole('row').filter({ hasText: 'workspace.create' });
    expect(await made.getByTitle('constructor', { exact: true }).innerText()).toBe('constructor');
    await row.getByRole('button', { name: /^2 changes: Line/ }).click();
    const dialog = page.getByRole('dialog');
    const changes = dialog.getByRole('table', { name: 'What was changed' });
    await changes.waitFor();
    const cells = await changes.getByRole('row').allInnerTexts();
    expect(cells.map((text) => text.split(/\s*\t\s*|\n/).filter(Boolean))).toEqual([
      ['Field', 'Before', 'After'],
      ['name', 'Deploys', 'Deploys of main'],
      ['allowedIps', 'empty', '10.0.0.0/8'],
    ]);
    expect(await wcagFaults(page)).toEqual([]);
    await dialog.getByRole('link', { name: 'all about it' }).click();
    await dialog.waitFor({ state: 'hidden' });
    await settle(page);
    expect(new URL(page.url()).searchParams.get('target')).toBe(keyId);
    await page.getByRole('row').filter({ hasText: 'key.create' }).waitFor();
    await page.getByRole('row').filter({ hasText: 'credential.replace' }).waitFor({ state: 'detached' });

    await page.getByRole('button', { name: 'Clear search and filters' }).click();
    const replaced = page.getByRole('row').filter({ hasText: 'credential.replace' });
    await replaced.getByRole('button', { name: /changes?: Line/ }).click();
    await dialog.getByText('fields.apiKey').waitFor();
    expect(await dialog.getByText('not kept here').count()).toBe(2);
    expect(await page.content()).not.toContain(SECRET);
    // The focus goes back to where the line was opened.
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'hidden' });
    expect(await page.evaluate('document.activeElement?.getAttribute("aria-label")')).toMatch(/changes?: Line/);
    expect(faults).toEqual([]);
    await context.close();
  });

  test('D1: days are a picture, a sentence and a table; the chain is checked and says so', async () => {
    const { page, faults, context } = await openTab(browser, gate, '/audit');
    await page.getByText(/In the last 30 days \d+ things were done, 1 refused and 0 failed, most on /).waitFor();
    await page.getByRole('button', { name: 'Show as table' }).click();
    const days = page.getByRole('group', { name: /In the last 30 days/ }).getByRole('row');
    expect(await days.count()).toBe(31);
    expect((await days.allInnerTexts()).filter((text) => /\t1\t/.test(text))).toHaveLength(1);
    await page.getByText('The chain holds').waitFor();
    await page.getByText(/Every line since the beginning is kept\. .*100 MB/).waitFor();
    await page.getByText('What this check cannot see').click();
    await page.getByText(/Whoever holds both the files and the instance key/).waitFor();
    expect(await wcagFaults(page)).toEqual([]);
    expect(faults).toEqual([]);
    await context.close();
  });

  test('D1: filters by who, outcome and time are asked of the server and stand in the address; an export holds them all', async () => {
    const { page, faults, context } = await openTab(browser, gate, '/audit?outcome=refused');
    const lines = page.getByRole('table', { name: 'Audit' }).locator('tbody tr');
    await page.getByRole('row').filter({ hasText: 'request.refused' }).getByText('GET /api/keys').waitFor();
    expect(await lines.count()).toBe(1);
    await page.goto(`${gate.url}/audit`);
    await settle(page);
    const all = await lines.count();
    await page.getByRole('combobox', { name: 'When', exact: true }).click();
    await page.getByRole('option', { name: 'Last 24 hours' }).click();
    await page.getByRole('row').filter({ hasText: 'key.create' }).waitFor({ state: 'detached' });
    await settle(page);
    expect(await lines.count()).toBeLessThan(all);
    expect(new URL(page.url()).searchParams.get('since')).toBe('24h');
    await page.getByRole('searchbox', { name: 'Who (id)' }).fill('local');
    await page.waitForURL(/actor=local/);
    await page.getByRole('row').filter({ hasText: 'session.start' }).first().waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'More about this table' }).click();
    const [file] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('menuitem', { name: 'Export as CSV' }).click(),
    ]);
    const csv = await readFile((await file.path()) ?? '', 'utf8');
    expect(csv).toContain('name: Deploys -> Deploys of main; allowedIps:  -> 10.0.0.0/8');
    expect(csv).toContain('fields.apiKey: ••• -> •••');
    expect(csv).not.toContain(SECRET);
    expect(
      csv
        .split('\r\n')
        .slice(1)
        .every((line) => line.includes(',local,')),
    ).toBe(true);
    expect(faults).toEqual([]);
    await context.close();
  });

  test('D2: whoever rules one organization sees its lines and days, and nothing of the log as a whole', async () => {
    await createUser(gate, 'grace@example.com', { role: 'admin' });
    await createUser(gate, 'alan@example.com', { role: 'viewer' });
    const grace = await openTab(browser, gate, '/audit', { email: 'grace@example.com' });
    await grace.page.getByText(/In the last 30 days/).waitFor();
    await grace.page.getByText('Every line since the beginning is kept.').waitFor();
    expect(await grace.page.getByRole('button', { name: 'Check the chain' }).count()).toBe(0);
    expect(await grace.page.getByText('setup.complete').count()).toBe(0);
    expect(grace.faults).toEqual([]);
    await grace.context.close();
    const alan = await openTab(browser, gate, '/audit', { email: 'alan@example.com' });
    await alan.page.getByText(/It takes the scope audit:read/).waitFor();
    expect(await wcagFaults(alan.page)).toEqual([]);
    expect(alan.faults).toEqual([]);
    await alan.context.close();
  });

  test('D1: the system page has what doctor finds, the disk, and what the program printed', async () => {
    gate.gatehouse.log.warn('mail could not be sent', { host: 'smtp.example.com', token: SECRET });
    const { page, faults, context } = await openTab(browser, gate, '/settings/system');
    await page.getByText('data folder').waitFor();
    await page.getByText(/\d+ % used\. .* are free\./).waitFor();
    const log = page.getByRole('table', { name: 'Log of the program' });
    await log.getByText('mail could not be sent').waitFor();
    expect(await log.getByText('[redacted]').count()).toBe(1);
    expect(await log.locator('tbody tr').filter({ hasText: 'info' }).count()).toBe(0);
    await page.getByRole('combobox', { name: 'Weight', exact: true }).click();
    await page.getByRole('option', { name: 'Errors', exact: true }).click();
    await page.getByText('No warning and no error').or(log.getByText('error').first()).waitFor();
    expect(await page.content()).not.toContain(SECRET);
    expect(faults).toEqual([]);
    await context.close();
  });
});
