import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hasBrowser, openBrowser } from '../support/browser.js';
import { MINUTE, TestClock } from '../support/clock.js';
import type { RunningGatehouse } from '../support/gatehouse.js';
import { createUser } from '../support/people.js';
import { openTab, startInstance } from './kit.js';
import { leftovers } from './leftovers.js';

const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true });
const whoami = (gate: RunningGatehouse, key: string) => gate.call('/api/auth/whoami', { key });

async function expectNothingOf(token: string, page: Page): Promise<void> {
  for (const [place, text] of Object.entries(await leftovers(page))) expect(text, place).not.toContain(token.slice(20));
}

/** Takes the token from the page that shows it, and leaves that page. */
async function take(page: Page): Promise<string> {
  const token = await page.getByLabel('Key', { exact: true }).innerText();
  const shown = await leftovers(page);
  expect(shown.dom).toContain(token);
  for (const place of ['fields', 'storage', 'address', 'cache'] as const) expect(shown[place]).not.toContain(token);
  await page.getByLabel('I have saved it').check();
  await button(page, 'Done').click();
  await page.getByRole('heading', { name: 'Facts' }).waitFor();
  await expectNothingOf(token, page);
  return token;
}

async function rotate(page: Page): Promise<string> {
  await button(page, 'Rotate').click();
  const dialog = page.getByRole('dialog');
  await dialog.getByText(/Used once in the last 24 hours, from 1 address\. Last used .* from 127\.0\.0\.1\./).waitFor();
  await dialog.getByRole('combobox', { name: 'How long the old secret goes on working' }).click();
  await page.getByRole('option', { name: '15 minutes' }).click();
  await dialog.getByRole('button', { name: 'Rotate' }).click();
  return take(page);
}

async function revoke(page: Page, name: string): Promise<void> {
  await button(page, 'Revoke').click();
  const dialog = page.getByRole('dialog');
  await dialog.getByText('refused from the next request on').waitFor();
  await dialog.getByRole('combobox', { name: 'Reason' }).click();
  for (const reason of ['It leaked', 'Nobody needs it any more', 'Another key takes its place', 'Its holder left'])
    expect(await page.getByRole('option', { name: reason }).count()).toBe(1);
  await page.getByRole('option', { name: 'Another reason' }).click();
  await dialog.getByLabel('Which one').fill('moved to the new cluster');
  await dialog.getByLabel(`Type ${name} to go on`).fill(name);
  await dialog.getByRole('button', { name: 'Revoke' }).click();
  await page.getByText('This key is revoked').waitFor();
  await page.getByText('Reason: moved to the new cluster').first().waitFor();
}

describe.skipIf(!hasBrowser('service keys and MCP tokens'))('service keys and MCP tokens in the dashboard', () => {
  let browser: Browser;
  let gate: RunningGatehouse;

  beforeAll(async () => {
    browser = await openBrowser();
    gate = await startInstance({}, { clock: new TestClock(new Date().toISOString()) });
  });
  afterAll(async () => {
    await browser.close();
    await gate[Symbol.asyncDispose]();
  });

  test('K6, D1: a service key from its first day to its last', async () => {
    gate.clock.advance(MINUTE);
    const { page, context, faults } = await openTab(browser, gate, '/settings/service-keys');
    await page.getByText('No service keys yet').waitFor();
    await page.getByText('gatehouse service-keys create my-first --expires 90d').waitFor();
    await page.getByRole('link', { name: 'Create service key' }).first().click();
    await page.getByLabel('Name').fill('deploy bot');
    // It has no type to choose, and may use every credential unless it is bounded.
    expect(await page.getByRole('combobox', { name: 'Type' }).count()).toBe(0);
    await page.getByText('May use every stored credential').waitFor();
    await button(page, 'Create').click();
    await page.getByRole('heading', { name: 'deploy bot is made' }).waitFor();
    const first = await take(page);
    expect(first).toMatch(/^gate_svc_test_/);
    expect((await whoami(gate, first)).json.principal.kind).toBe('service_key');

    await page.goto(`${gate.url}/settings/service-keys`);
    const row = page.getByRole('row', { name: /deploy bot/ });
    await row.getByText('Active').waitFor();
    await row.getByText('from 127.0.0.1').waitFor();
    await expectNothingOf(first, page);
    await row.getByRole('link', { name: 'deploy bot' }).click();
    const second = await rotate(page);
    expect([(await whoami(gate, first)).status, (await whoami(gate, second)).status]).toEqual([200, 200]);
    await revoke(page, 'deploy bot');
    expect([(await whoami(gate, first)).status, (await whoami(gate, second)).status]).toEqual([401, 401]);
    expect(await button(page, 'Rotate').count()).toBe(0);
    // The API keys' list knows nothing of it.
    await page.goto(`${gate.url}/settings/api-keys`);
    await page.getByText('No API keys yet').waitFor();
    expect(faults).toEqual([]);
    await context.close();
  });

  test('K7, D1: an MCP token with its tools and its read-only switch, from its first day to its last', async () => {
    gate.clock.advance(MINUTE);
    const { page, context, faults } = await openTab(browser, gate, '/org_default/mcp/tokens');
    await page.getByText('No MCP tokens yet').waitFor();
    await page.getByRole('link', { name: 'Create MCP token' }).first().click();
    await page.getByLabel('Name').fill('desk client');
    await page.getByLabel('Every tool that its scopes allow').uncheck();
    await button(page, 'Create').click();
    await page.getByText('Name at least one tool').waitFor();
    const tools = page.getByRole('combobox', { name: 'Tools it may call' });
    await tools.fill('ask');
    await tools.press('Enter');
    await tools.fill('jobs_list');
    await tools.press('Enter');
    await page.getByLabel('Read only: tools that change something are refused').check();
    await page.getByText('May call ask, jobs_list').waitFor();
    await page.getByText('Changes nothing').waitFor();
    await button(page, 'Create').click();
    await page.getByRole('heading', { name: 'desk client is made' }).waitFor();
    // A token cannot be traded, so that way to use it is not shown.
    expect(await page.getByRole('tab', { name: 'gatehouse' }).count()).toBe(0);
    const first = await take(page);
    expect(first).toMatch(/^gate_mcp_test_/);
    expect((await whoami(gate, first)).json.principal.kind).toBe('mcp_token');
    await page.getByRole('row', { name: /Tools/ }).getByText('ask, jobs_list').waitFor();
    await page
      .getByRole('row', { name: /Changes/ })
      .getByText('none: read only')
      .waitFor();

    await button(page, 'Edit').click();
    await page.getByRole('heading', { name: 'Edit desk client' }).waitFor();
    await page.getByLabel('Every tool that its scopes allow').check();
    await button(page, 'Save').click();
    await page.getByRole('row', { name: /Tools/ }).getByText('all that its scopes allow').waitFor();

    await page.goto(`${gate.url}/org_default/mcp/tokens`);
    const row = page.getByRole('row', { name: /desk client/ });
    await row.getByText('read only').waitFor();
    await row.getByRole('link', { name: 'desk client' }).click();
    const second = await rotate(page);
    expect((await whoami(gate, second)).status).toBe(200);
    await revoke(page, 'desk client');
    expect([(await whoami(gate, first)).status, (await whoami(gate, second)).status]).toEqual([401, 401]);
    expect(faults).toEqual([]);
    await context.close();
  });

  test('K6, K7, A7: a member is told what it takes, and shown nothing', async () => {
    await createUser(gate, 'mia@example.com', { organizationId: 'org_default', role: 'viewer' });
    const { page, context } = await openTab(browser, gate, '/settings/service-keys', { email: 'mia@example.com' });
    await page.getByText('lacks the scope keys:read').waitFor();
    await page.goto(`${gate.url}/org_default/mcp/tokens/new`);
    await page.getByText('It takes the scope keys:write').waitFor();
    expect(await button(page, 'Create').count()).toBe(0);
    await context.close();
  });
});
