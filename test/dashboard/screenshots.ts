import { cp, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { openBrowser } from '../support/browser.js';
import { MINUTE } from '../support/clock.js';
import { type Look, openTab, startInstance } from './kit.js';
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
  await page.getByRole('button', { name: 'Create', exact: true }).click();
  await page.getByRole('heading', { name: 'Laptop is made' }).waitFor();
}

async function ask(page: Page): Promise<void> {
  await page.getByRole('textbox', { name: 'Question' }).fill('How are overdue fines calculated?');
  await page.getByRole('button', { name: 'Ask', exact: true }).click();
  await page
    .getByText(/fines?\.[a-z]+/)
    .first()
    .waitFor();
}

async function explain(page: Page): Promise<void> {
  await page.getByText('It would be refused').first().waitFor();
}

for (const look of ['light', 'dark'] satisfies Look[]) {
  for (const [name, path, prepare] of screens) {
    // The clock stands still, and a person may ask 600 times a minute.
    gate.clock.advance(MINUTE);
    const { context, page } = await openTab(browser, gate, path, { look });
    await prepare?.(page);
    await page.waitForTimeout(900);
    await page.screenshot({ path: join(OUT, `${name}-${look}.png`) });
    await context.close();
  }
}
await browser.close();
await gate[Symbol.asyncDispose]();
process.exit(0);
