import { cp, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { openBrowser } from '../support/browser.js';
import { type Look, openTab, settle, startInstance } from './kit.js';
import { dayAgo, seed } from './seed.js';

// Pictures of the real dashboard for the README: npm run screenshots

const ROOT = join(import.meta.dirname, '..', '..');
const OUT = join(ROOT, 'docs', 'screenshots');

const gate = await startInstance({ API_RATE_LIMIT: 'off' }, { clock: dayAgo() });
await cp(join(ROOT, 'workspaces/example'), join(gate.folder, 'example'), { recursive: true });
const seeded = await seed(gate);
const browser = await openBrowser();
await mkdir(OUT, { recursive: true });

const screens: readonly (readonly [name: string, path: string, prepare?: (page: Page) => Promise<void>])[] = [
  ['overview', '/'],
  ['keys', '/settings/api-keys'],
  ['reveal', '/settings/api-keys/new?name=Laptop', reveal],
  ['credentials', '/credentials?workspace=example'],
  ['ask', '/ask', ask],
  ['explain', `/explain?method=GET&path=/api/keys&keyId=${seeded.keyId}`, explain],
];
type Page = Awaited<ReturnType<typeof openTab>>['page'];

async function reveal(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Create key' }).click();
  await page
    .getByRole('heading', { level: 1 })
    .filter({ hasText: /laptop|once|ready/i })
    .waitFor();
}

async function ask(page: Page): Promise<void> {
  await page.getByRole('textbox', { name: /question/i }).fill('How are overdue fines calculated?');
  await page.getByRole('button', { name: 'Ask' }).click();
  await page.getByText(/fines/i).nth(1).waitFor();
}

async function explain(page: Page): Promise<void> {
  await page.getByRole('button', { name: /explain/i }).click();
  await page.waitForTimeout(700);
}

for (const look of ['light', 'dark'] satisfies Look[]) {
  for (const [name, path, prepare] of screens) {
    const { context, page } = await openTab(browser, gate, path, { look });
    await prepare?.(page);
    await settle(page);
    await page.waitForTimeout(600);
    await page.screenshot({ path: join(OUT, `${name}-${look}.png`) });
    await context.close();
  }
}
await browser.close();
await gate[Symbol.asyncDispose]();
process.exit(0);
