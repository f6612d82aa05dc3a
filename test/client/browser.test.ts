import { build } from 'esbuild';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type * as client from '../../src/client/index.js';
import { hasBrowser, openBrowser, openPage, type Site, serveSite } from '../support/browser.js';
import { type RunningGatehouse, startGatehouse } from '../support/gatehouse.js';

declare global {
  /** What the page of the test loads. */
  var sdk: typeof client;
}

/** The client as it is shipped, on a page with a policy that allows no eval, no inline script and one address. */
async function serveApp(connectTo: () => string): Promise<Site> {
  const { outputFiles } = await build({
    entryPoints: ['src/client/index.ts'],
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'neutral',
    target: 'es2022',
    minify: true,
  });
  const files = {
    '/': '<!doctype html><title>App</title><script type="module" src="/app.js"></script>',
    '/app.js': "import * as sdk from '/sdk.js'; globalThis.sdk = sdk;",
    '/worker.js':
      "import { createClient } from '/sdk.js'; try { createClient('http://x.example', 'gate_sdk_live_x'); postMessage('made'); } catch (error) { postMessage(error.code); }",
    '/sdk.js': outputFiles[0]?.text ?? '',
  };
  const policy = () => `default-src 'none'; script-src 'self'; worker-src 'self'; connect-src ${connectTo()}`;
  return serveSite(files, policy);
}

describe.skipIf(!hasBrowser('the client'))('in Chromium, on another origin', () => {
  let browser: Browser;
  let site: Site;
  let other: Site;
  let running: RunningGatehouse;
  let context: BrowserContext;

  beforeAll(async () => {
    browser = await openBrowser();
    site = await serveApp(() => running.url);
    other = await serveApp(() => running.url);
    running = await startGatehouse({ CORS_ORIGINS: site.origin, SIGNUP: 'open' });
  });
  afterAll(async () => {
    await browser?.close();
    await Promise.all([site, other, running].map((one) => one?.[Symbol.asyncDispose]()));
  });
  beforeEach(async () => {
    context = await browser.newContext();
  });
  afterEach(() => context.close());

  async function open(url = site.origin): Promise<{ page: Page; faults: string[] }> {
    const opened = await openPage(context, url);
    await opened.page.waitForFunction(() => globalThis.sdk !== undefined);
    return opened;
  }

  test('D4: a secret key in a page or a worker throws, and says what to do instead', async () => {
    const { page, faults } = await open();
    const thrown = await page.evaluate(() => {
      try {
        sdk.createClient('https://gate.example.com', 'gate_sdk_live_x');
        return null;
      } catch (error) {
        return { ...(error as client.GatehouseError), known: error instanceof sdk.GatehouseError };
      }
    });
    expect(thrown).toMatchObject({ code: 'SECRET_KEY_IN_BROWSER', known: true });
    expect(thrown?.detail).toContain('createClient(url)');
    const inWorker = await page.evaluate(
      () =>
        new Promise((resolve) => {
          // biome-ignore lint/suspicious/noExplicitAny: a browser's own, which Node's types do not know
          const { Worker } = globalThis as any;
          new Worker('/worker.js', { type: 'module' }).onmessage = ({ data }: { data: string }) => resolve(data);
        }),
    );
    expect(inWorker).toBe('SECRET_KEY_IN_BROWSER');
    expect(faults).toEqual([]);
  });

  test('G12, D4: an origin that is not listed is told which setting would let it in', async () => {
    const { page, faults } = await open(other.origin);
    const refused = await page.evaluate(async (url) => {
      const call = sdk.createClient(url, { retries: 0 }).whoami();
      return call.then(
        () => null,
        (error) => ({ ...error }),
      );
    }, running.url);
    expect(refused).toMatchObject({ code: 'NETWORK', status: null });
    expect(refused.detail).toContain(`CORS_ORIGINS there lists ${other.origin}`);
    // Its own policy let it out: it was Gatehouse that did not let it in.
    expect(faults).toEqual([]);
  });

  test('G12, D4: one that is listed reads why it was refused', async () => {
    const { page, faults } = await open();
    const refused = await page.evaluate(async (url) => {
      const call = sdk.createClient(url).whoami();
      return call.then(
        () => null,
        (error) => ({ ...error }),
      );
    }, running.url);
    expect(refused).toMatchObject({ code: 'UNAUTHORIZED', status: 401 });
    expect(refused.requestId).toMatch(/^req_/);
    expect(faults).toEqual([]);
  });
});
