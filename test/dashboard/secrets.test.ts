import { parse } from 'dotenv';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseEnv } from '../../src/dashboard/screens/secrets/env-file.js';
import { hasBrowser, openBrowser } from '../support/browser.js';
import type { RunningGatehouse } from '../support/gatehouse.js';
import { openTab, startInstance } from './kit.js';
import { everythingOn, listenToAnswers } from './leftovers.js';

const at = '/api/workspaces/example';

test.each([
  'A=1\nB = two words \nexport C="with # inside"\n# a comment\nD=\'single\'  # behind\n',
  'KEY="line one\\nline two"\nPEM="-----BEGIN\nmore\n-----END"\r\nLAST=yes\r\n',
  'EMPTY=\nTWICE=1\nTWICE=2\nlower.name-x=3\nnot a line\n=nothing\nY: yaml\n',
  'TICK=`a "b" \'c\'`\nURL=https://user:pass@host/?a=b#frag\nESC="a\\"b"',
  '',
])('a pasted .env file is read as the command line reads it: %j', (text) => {
  expect(Object.fromEntries(parseEnv(text).map(({ name, value }) => [name, value]))).toEqual(parse(text));
});

describe.skipIf(!hasBrowser('secrets'))('secrets in the browser', () => {
  let gate: RunningGatehouse;
  let browser: Browser;
  beforeAll(async () => {
    gate = await startInstance();
    browser = await openBrowser();
  });
  afterAll(async () => {
    await browser?.close();
    await gate?.[Symbol.asyncDispose]();
  });
  const open = async (path: string) => {
    const tab = await openTab(browser, gate, path);
    tab.context.setDefaultTimeout(8000);
    return tab;
  };

  test('D1, V2: a secret is written once and read never; changing its hosts asks for its value again', async () => {
    const secret = 'very-private-value-0123456789';
    const { page, faults, context } = await open('/secrets');
    const answers = listenToAnswers(page);
    await page.getByRole('button', { name: 'Add a secret' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Name').fill('webhook_token');
    await dialog.getByLabel('Value').first().fill(secret);
    expect(await dialog.getByLabel('Value').first().getAttribute('type')).toBe('password');
    await dialog.getByLabel('Allowed hosts').fill('hooks.example.com, *.example.net');
    await dialog.getByRole('button', { name: 'Save' }).click();
    await page.getByText('hooks.example.com, *.example.net').waitFor();
    await dialog.waitFor({ state: 'detached' });
    for (const where of [await everythingOn(page), await answers()]) expect(where).not.toContain(secret);
    expect((await gate.local(`${at}/secrets/WEBHOOK_TOKEN`)).json.secret.hosts).toHaveLength(2);

    await page.getByRole('button', { name: /WEBHOOK_TOKEN/ }).click();
    await page.getByRole('menuitem', { name: 'Replace' }).click();
    await dialog.getByLabel('Allowed hosts').fill('evil.example');
    await dialog.getByRole('button', { name: 'Save' }).click();
    await dialog.getByText('Blank does not keep it', { exact: false }).waitFor();
    expect((await gate.local(`${at}/secrets/WEBHOOK_TOKEN`)).json.secret.hosts).toHaveLength(2);
    await page.keyboard.press('Escape');

    await page.getByRole('button', { name: /WEBHOOK_TOKEN/ }).click();
    await page.getByRole('menuitem', { name: 'Delete' }).click();
    await dialog.getByRole('textbox').fill('WEBHOOK_TOKEN');
    await dialog.getByRole('button', { name: 'Delete' }).click();
    await page.getByText('No secrets here yet').waitFor();
    expect(faults).toEqual([]);
    await context.close();
  });

  test('D1: a pasted .env file is previewed, kept value by value, and tells what became of each', async () => {
    await gate.local(`${at}/secrets/OLD`, { method: 'PUT', body: { value: 'before', hosts: [] } });
    const { page, context } = await open('/secrets');
    const sent: string[] = [];
    page.on('request', (request) => request.method() === 'PUT' && sent.push(new URL(request.url()).pathname));
    const answers = listenToAnswers(page);
    await page.getByRole('button', { name: 'Paste a .env file' }).click();
    const dialog = page.getByRole('dialog');
    await dialog
      .getByLabel('Contents of the file')
      .fill('STRIPE="sk_from_a_file_0123"\nREGION=eu-west-1\nlower=no\nEMPTY=\nOLD=after\nBAD_HOST=x');
    const row = (name: string) => dialog.getByRole('row', { name: new RegExp(`^${name}\\b`) });
    expect(await row('STRIPE').innerText()).toContain('new, 19 characters');
    expect(await row('OLD').innerText()).toContain('replaces the one that is kept');
    expect(await row('lower').innerText()).toContain('Left out');
    expect(await row('EMPTY').innerText()).toContain('it is empty');
    expect(sent).toEqual([]);
    await dialog.getByLabel('Keep REGION as').click();
    await page.getByRole('option', { name: 'Variable' }).click();
    await dialog.getByLabel('Keep BAD_HOST as').click();
    await page.getByRole('option', { name: 'Leave out' }).click();
    // A host that is none: each secret says so, the variable is kept.
    await dialog.getByLabel('Allowed hosts of these secrets').fill('NOT A HOST!');
    await dialog.getByRole('button', { name: 'Keep 3 values' }).click();
    await dialog.getByText('Kept 1 of 3.').waitFor();
    expect(await row('STRIPE').innerText()).toContain('hosts');
    await dialog.getByLabel('Allowed hosts of these secrets').fill('api.stripe.com');
    await dialog.getByRole('button', { name: 'Keep 2 values' }).click();
    await dialog.getByText('Kept 3 of 3.').waitFor();
    expect(sent).toHaveLength(5);
    await dialog.getByRole('button', { name: 'Close' }).last().click();
    await dialog.waitFor({ state: 'detached' });
    for (const where of [await everythingOn(page), await answers()]) expect(where).not.toContain('sk_from_a_file_0123');
    expect((await gate.local(`${at}/secrets`)).json.data.map(({ name }: { name: string }) => name)).toEqual([
      'OLD',
      'STRIPE',
    ]);
    await page.getByRole('tab', { name: 'Variables' }).click();
    await page.getByText('eu-west-1').waitFor();
    await context.close();
  });

  test('D1: three kinds of values are told apart where one chooses', async () => {
    const { page, context } = await open('/secrets');
    const text = await page.getByRole('region', { name: 'Which one is meant' }).innerText();
    for (const word of ['Credential', 'Secret', 'Variable', 'secrets.WEBHOOK_TOKEN', 'vars.REGION'])
      expect(text).toContain(word);
    await context.close();
  });

  test('D1: a name that stands for something already says so, before anything is replaced or taken for another', async () => {
    const put = (path: string, body: object) => gate.local(`${at}/${path}`, { method: 'PUT', body });
    expect((await put('secrets/BOTH_WAYS', { value: 'v', hosts: [] })).status).toBe(200);
    expect((await put('variables/REGION_HERE', { value: 'eu' })).status).toBe(200);
    const { page, context } = await open('/secrets');
    const dialog = page.getByRole('dialog');
    await page.getByRole('button', { name: 'Add a secret' }).click();
    const name = dialog.getByLabel('Name');
    await name.fill('both_ways');
    await dialog.getByText('saving replaces it').waitFor();
    await name.fill('region_here');
    await dialog.getByText('A public variable has this name too.').waitFor();
    await name.fill('admin_api_key');
    await dialog.getByText('Gatehouse itself has a setting of this name.', { exact: false }).waitFor();
    await name.fill('nothing_yet');
    await expect.poll(() => dialog.getByRole('status').allInnerTexts()).toEqual(['']);
    await dialog.getByRole('button', { name: 'Cancel' }).click();

    await page.getByRole('button', { name: 'Paste a .env file' }).click();
    await dialog.getByLabel('Contents of the file').fill('BOTH_WAYS=1\nREGION_HERE=2\nADMIN_API_KEY=3\nNEW_ONE=4\n');
    const row = (wanted: string) => dialog.getByRole('row', { name: new RegExp(`^${wanted}`) });
    expect(await row('BOTH_WAYS').innerText()).toContain('replaces the one that is kept');
    expect(await row('REGION_HERE').innerText()).toMatch(/new[\s\S]*A public variable has this name too/);
    expect(await row('ADMIN_API_KEY').innerText()).toContain('Gatehouse itself has a setting of this name');
    expect(await row('NEW_ONE').innerText()).toMatch(/new, 1 character/);
    await row('REGION_HERE').getByRole('combobox').click();
    await page.getByRole('option', { name: 'Variable' }).click();
    expect(await row('REGION_HERE').innerText()).toContain('replaces the one that is kept');
    await context.close();
  });
});
