import { existsSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';

/** Debian's. Playwright's own download is not used. */
const CHROMIUM = '/usr/bin/chromium';

/**
 * Whether there is a browser to test with; says in one line what is skipped when there is none:
 * `describe.skipIf(!hasBrowser('the dashboard'))`.
 */
export function hasBrowser(what: string): boolean {
  if (existsSync(CHROMIUM)) return true;
  console.warn(`skipped: ${what} in a browser, because there is no ${CHROMIUM} (apt-get install chromium)`);
  return false;
}

/** Headless. One for a test file is enough: `browser.newContext()` is a fresh profile. */
export function openBrowser(args: readonly string[] = []): Promise<Browser> {
  return chromium.launch({
    executablePath: CHROMIUM,
    // No sandbox: tests may run as root, in a container. No /dev/shm: containers give it 64 MB.
    args: ['--no-sandbox', '--disable-dev-shm-usage', ...args],
  });
}

/** Opens a page; `faults` gathers what it should not have: thrown errors, violations of its policy. */
export async function openPage(context: BrowserContext, url: string): Promise<{ page: Page; faults: string[] }> {
  const page = await context.newPage();
  const faults: string[] = [];
  page.on('pageerror', (error) => faults.push(String(error)));
  page.on('console', (message) => {
    if (/Content Security Policy/.test(message.text())) faults.push(message.text());
  });
  await page.goto(url);
  return { page, faults };
}

/** A web site of its own origin. */
export interface Site extends AsyncDisposable {
  readonly origin: string;
}

/**
 * Serves files from memory: `{'/': '<!doctype html>…', '/app.js': '…'}`.
 * @param policy - of every answer: its `Content-Security-Policy`, asked for each time
 */
export async function serveSite(files: Record<string, string>, policy: () => string): Promise<Site> {
  const server = createServer((request, response) => {
    const path = new URL(request.url ?? '/', 'http://site').pathname;
    const text = files[path];
    response.writeHead(text === undefined ? 404 : 200, {
      'Content-Type': path.endsWith('.js') ? 'text/javascript' : 'text/html; charset=utf-8',
      'Content-Security-Policy': policy(),
    });
    response.end(text ?? '');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    // By another name than Gatehouse's address in tests, so that the two are not even of one site.
    origin: `http://localhost:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
