import axe, { type AxeResults, type RunOptions } from 'axe-core';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { openPage } from '../support/browser.js';
import { type RunningGatehouse, startGatehouse } from '../support/gatehouse.js';
import { setUp, signIn } from '../support/people.js';

export type Look = 'light' | 'dark' | 'phone';
export const LOOKS: readonly Look[] = ['light', 'dark', 'phone'];

const LARGE = { width: 1280, height: 800 };
const WINDOWS = { light: LARGE, dark: LARGE, phone: { width: 320, height: 700 } } as const;
const schemeOf = (look: Look) => (look === 'dark' ? 'dark' : 'light');

/** A tab of somebody who is signed in. */
export interface Tab {
  readonly context: BrowserContext;
  readonly page: Page;
  /** What the page should not have: thrown errors, violations of its policy. */
  readonly faults: string[];
}

/** A whole Gatehouse on a real port with its first administrator, ada@example.com. */
export async function startInstance(
  settings: Record<string, string> = {},
  options: Parameters<typeof startGatehouse>[1] = {},
): Promise<RunningGatehouse> {
  const gate = await startGatehouse(settings, options);
  await setUp(gate);
  return gate;
}

/** Opens a page of the dashboard as somebody, in a profile of its own. */
export async function openTab(
  browser: Browser,
  gate: RunningGatehouse,
  path: string,
  { look = 'light', email }: { look?: Look; email?: string } = {},
): Promise<Tab> {
  const { cookie } = await signIn(gate, email);
  const context = await browser.newContext({
    viewport: WINDOWS[look],
    colorScheme: schemeOf(look),
    reducedMotion: 'reduce',
    locale: 'en-GB',
  });
  const [name = '', value = ''] = cookie.split('=');
  // So that a test that waits in vain says for what.
  context.setDefaultTimeout(12_000);
  await context.addCookies([{ name, value, url: gate.url }]);
  const { page, faults } = await openPage(context, gate.url + path);
  await settle(page);
  return { context, page, faults };
}

/** Shows the page that is open in another look. */
export async function wear(page: Page, look: Look): Promise<void> {
  await page.setViewportSize(WINDOWS[look]);
  await page.emulateMedia({ colorScheme: schemeOf(look) });
  await settle(page);
}

/** Until nothing is asked for any more and nothing moves. */
export async function settle(page: Page): Promise<void> {
  await page.locator('h1').first().waitFor();
  await page.locator('[role="status"] .mantine-Loader-root').first().waitFor({ state: 'hidden' });
  await page.waitForTimeout(150);
}

const WCAG = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];

/** What axe finds against WCAG 2.0 to 2.2, A and AA: one line for each element. */
export async function wcagFaults(page: Page): Promise<string[]> {
  // Once for a loaded page; it is half a megabyte to compile.
  if (await page.evaluate('typeof axe === "undefined"')) await page.evaluate(axe.source);
  const question: RunOptions = { runOnly: { type: 'tag', values: WCAG }, resultTypes: ['violations'] };
  const { violations } = await page.evaluate<AxeResults>(`axe.run(${JSON.stringify(question)})`);
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id}: ${target} ${failureSummary}`),
  );
}

/** Whether something is wider than the window: at 320 px nobody should have to scroll sideways. */
export async function widerThanWindow(page: Page): Promise<boolean> {
  return page.evaluate('document.documentElement.scrollWidth > window.innerWidth + 1');
}
