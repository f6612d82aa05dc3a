import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseInline, parseMarkdown } from '../../src/dashboard/screens/ask/markdown.js';
import { chatCompletions } from '../ask/providers/chat-completions.js';
import { openModelDesk, QUESTION } from '../ask/providers/desk.js';
import { hasBrowser, openBrowser } from '../support/browser.js';
import type { RunningGatehouse } from '../support/gatehouse.js';
import { setUp } from '../support/people.js';
import { temporaryFolder } from '../support/store-kit.js';
import { openTab, settle, startInstance } from './kit.js';

describe('the plain part of Markdown that answers are shown in', () => {
  test('blocks: paragraphs, lists, code, headings', () => {
    const blocks = parseMarkdown(
      '# Fines\nOne\ntwo\n\n- a\n- b\n  more\n\n3. c\n4. d\n\n```ts\nconst a = 1;\n\n# no\n```\nend',
    );
    expect(blocks.map(({ kind }) => kind)).toEqual(['heading', 'paragraph', 'list', 'list', 'code', 'paragraph']);
    expect(blocks[2]).toMatchObject({ ordered: false, items: [[{ text: 'a' }], [{ text: 'b more' }]] });
    expect(blocks[3]).toMatchObject({ ordered: true, start: 3 });
    expect(blocks[4]).toEqual({ kind: 'code', text: 'const a = 1;\n\n# no' });
  });
  test('an answer that is cut off in the middle is shown as far as it goes', () => {
    expect(parseMarkdown('```\nhalf')).toEqual([{ kind: 'code', text: 'half' }]);
    expect(parseInline('**bo')).toEqual([{ kind: 'text', text: '**bo' }]);
  });
  test('lines: citations, addresses as text, and no markup of any other kind', () => {
    expect(parseInline('See [1, 2] and [the page](https://evil.example/?q=1).')).toEqual([
      { kind: 'text', text: 'See ' },
      { kind: 'citation', numbers: [1, 2] },
      { kind: 'text', text: ' and ' },
      { kind: 'link', text: 'the page', address: 'https://evil.example/?q=1' },
      { kind: 'text', text: '.' },
    ]);
    expect(parseInline('<img src=x>')).toEqual([{ kind: 'text', text: '<img src=x>' }]);
  });
  test('a long line of brackets and stars takes no time', () => {
    const begun = performance.now();
    parseMarkdown(`${'[('.repeat(20_000)}${'**a'.repeat(20_000)}${'`'.repeat(20_001)}`);
    expect(performance.now() - begun).toBeLessThan(2000);
  });
});

describe.skipIf(!hasBrowser('ask'))('asking in the browser', () => {
  let gate: RunningGatehouse;
  let browser: Browser;
  beforeAll(async () => {
    gate = await startInstance({ API_RATE_LIMIT: 'off' });
    browser = await openBrowser();
  });
  afterAll(async () => {
    await browser?.close();
    await gate?.[Symbol.asyncDispose]();
  });
  const open = async (path: string, on = gate) => {
    const tab = await openTab(browser, on, path);
    tab.context.setDefaultTimeout(8000);
    return tab;
  };

  test('Q1, D1, D2: a question about the example is answered from its files, and a citation opens the very lines', async () => {
    const { page, faults, context } = await open('/ask?workspace=example');
    expect(await page.locator('main').innerText()).toContain('No AI provider is set up here');
    await page.getByLabel('Question').fill('How are overdue fines calculated?');
    await page.keyboard.press('Control+Enter');
    await page.getByText('Answered from the files of this workspace', { exact: false }).waitFor();
    const source = page.getByRole('region', { name: 'Where this is from' }).getByRole('button').first();
    const [, path = '', from = '', to = ''] = /^(\S+), lines (\d+)–(\d+)$/.exec(await source.innerText()) ?? [];
    await source.click();
    const panel = page.getByRole('dialog');
    await panel.locator('[data-quoted]').first().waitFor();
    const quoted = await panel.locator('[data-quoted]').allInnerTexts();
    const file = (await readFile(join(gate.folder, 'example', path), 'utf8')).split('\n');
    expect(quoted.map((line) => line.replace(/^\d+/, '').trim())).toEqual(
      file.slice(Number(from) - 1, Number(to)).map((line) => line.trim()),
    );
    expect(quoted[0]).toMatch(new RegExp(`^${from}`));
    await page.keyboard.press('Escape');
    // Leaving loses nothing: the address knows the conversation.
    await page.reload();
    await settle(page);
    await page.getByText('Answered from the files of this workspace', { exact: false }).waitFor();
    expect(await page.getByRole('article').innerText()).toContain('How are overdue fines calculated?');
    expect(faults).toEqual([]);
    await context.close();
  });

  test('Q1, Q3, D1: an answer by a model streams as plain text, survives leaving the page, and tells its tokens', async () => {
    const desk = await openModelDesk(chatCompletions);
    await setUp(desk.gate);
    let goOn = () => {};
    const held = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    desk.provider.answer = async ({ begin, write, response }) => {
      begin();
      write(chatCompletions.piece('The fee is '));
      await held;
      write(chatCompletions.piece('**capped** [1]. <img src="https://evil.example/x"> [look](javascript:alert(1))'));
      response.end(chatCompletions.end({ input: 900, output: 30 }));
    };
    const { page, faults, context } = await open('/ask?workspace=demo', desk.gate);
    const foreign: string[] = [];
    page.on('request', (request) => !request.url().startsWith(desk.gate.url) && foreign.push(request.url()));
    await page.getByLabel('Question').fill(QUESTION);
    await page.getByRole('button', { name: 'Ask', exact: true }).click();
    const turn = page.getByRole('article');
    await turn.getByText('The fee is').waitFor();
    expect(await turn.innerText()).not.toContain('capped');
    // It goes on without anybody looking.
    await page.getByRole('link', { name: 'Jobs', exact: true }).click();
    const row = page.getByRole('row', { name: new RegExp(QUESTION.slice(0, 20)) });
    await row.getByText('Running').waitFor();
    goOn();
    await row.getByText('Completed').waitFor();
    await page.getByRole('link', { name: QUESTION }).click();
    await page.getByText('900 tokens in', { exact: false }).waitFor();
    const main = page.locator('main');
    expect(await main.locator('strong').innerText()).toBe('capped');
    expect(await main.innerText()).toContain('<img src="https://evil.example/x">');
    expect(await main.locator('img, a[href*="evil"], a[href^="javascript"]').count()).toBe(0);
    expect(foreign).toEqual([]);
    await main.getByRole('button', { name: 'Open passage 1' }).click();
    await page.getByRole('dialog').getByText('src/fees.ts', { exact: false }).first().waitFor();
    await page.keyboard.press('Escape');

    desk.provider.answer = (call) => call.say('Because of the rules [1].');
    await page.getByRole('link', { name: 'Ask on' }).click();
    await page.getByLabel('Question').fill('Why?');
    await page.getByRole('button', { name: 'Ask', exact: true }).click();
    await page.getByText('Because of the rules', { exact: false }).waitFor();
    expect(await page.getByRole('article').count()).toBe(2);
    // The model was told what was said before.
    expect(desk.provider.read.at(-1)?.turns.some(({ text }) => text.includes(QUESTION))).toBe(true);
    expect(faults).toEqual([]);
    await context.close();
  });

  test('Q3, D1: a job is cancelled from the page; a refused key says what to do about it', async () => {
    const desk = await openModelDesk(chatCompletions);
    await setUp(desk.gate);
    desk.provider.answer = ({ begin }) => begin();
    const { page, context } = await open('/ask?workspace=demo', desk.gate);
    await page.getByLabel('Question').fill(QUESTION);
    await page.getByRole('button', { name: 'Ask', exact: true }).click();
    const id = await page.waitForURL(/jobs=job_/).then(() => new URL(page.url()).searchParams.get('jobs') ?? '');
    await expect.poll(() => desk.provider.read.length, { timeout: 8000 }).toBe(1);
    await page.goto(`${desk.gate.url}/jobs/${id}`);
    await page.getByRole('button', { name: 'Cancel' }).click();
    await page.getByText('This question was cancelled').waitFor();
    expect((await desk.gate.local(`/api/jobs/${id}`)).json.job.status).toBe('cancelled');
    await desk.provider.closed;
    const { status, body } = chatCompletions.refuse('bad key');
    desk.provider.answer = ({ response }) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    await page.getByRole('button', { name: 'Run it again' }).click();
    await page.getByText('give it anew', { exact: false }).waitFor();
    await page.getByRole('link', { name: 'To the credentials' }).waitFor();
    await context.close();
  });

  test('D1, Q1: a folder is uploaded in one go and can be asked about at once; secret files stay out', async () => {
    const folder = join(await temporaryFolder(), 'notes');
    const long = `${'deep/'.repeat(20)}${'x'.repeat(60)}.md`;
    await mkdir(join(folder, 'deep/'.repeat(20)), { recursive: true });
    await mkdir(join(folder, '.git'), { recursive: true });
    await writeFile(join(folder, 'whales.md'), 'The blue whale is the largest animal known ever to have existed.\n');
    await writeFile(join(folder, long), 'Narwhals have a tusk.\n');
    await writeFile(join(folder, '.env'), 'SECRET=1\n');
    await writeFile(join(folder, '.git', 'config'), '[core]\n');

    const { page, faults, context } = await open('/workspaces');
    await page.getByRole('button', { name: 'Create a workspace' }).click();
    await page.getByRole('dialog').getByLabel('Name').fill('sea');
    await page.getByRole('dialog').getByRole('button', { name: 'Create a workspace' }).click();
    await page.getByText('No files here yet').waitFor();
    await page.locator('input[data-folder]').setInputFiles(folder);
    await page.getByText('2 files were written').waitFor();
    expect(await page.locator('main').innerText()).toContain('.env:');
    await page.getByRole('button', { name: 'whales.md', exact: true }).click();
    await page.getByText('The blue whale is the largest animal', { exact: false }).waitFor();
    await page.keyboard.press('Escape');
    const { json } = await gate.local('/api/workspaces/sea/files');
    expect(json.data.map(({ path }: { path: string }) => path)).toEqual([long, 'whales.md']);
    await page.getByRole('link', { name: 'Ask', exact: true }).last().click();
    await page.getByLabel('Question').fill('Which animal is the largest?');
    await page.getByRole('button', { name: 'Ask', exact: true }).click();
    await page.getByRole('region', { name: 'Where this is from' }).getByText('whales.md').waitFor();
    expect(faults).toEqual([]);
    await context.close();
  });

  test('D1: a prompt gets versions, and an older one can be had again', async () => {
    const { page, faults, context } = await open('/prompts/new');
    await page.getByLabel('Name').fill('brief');
    await page.getByLabel('Text').fill('Answer {{audience}} briefly.');
    await page.getByText('audience', { exact: true }).waitFor();
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Version 1, the one that holds').waitFor();
    await page.getByLabel('Text').fill('Answer {{audience}} at length.');
    await page.getByRole('button', { name: 'Save as a new version' }).click();
    await page.getByText('Version 2, the one that holds').waitFor();
    await page.getByRole('button', { name: 'Version 1' }).click();
    await expect.poll(() => page.getByLabel('Text').inputValue()).toBe('Answer {{audience}} briefly.');
    await page.getByRole('button', { name: 'Save as a new version' }).click();
    await page.getByText('Version 3, the one that holds').waitFor();
    const { json } = await gate.local('/api/prompts/brief?organizationId=org_default');
    expect(json.prompt).toMatchObject({ version: 3, text: 'Answer {{audience}} briefly.' });
    expect(faults).toEqual([]);
    await context.close();
  });
});
