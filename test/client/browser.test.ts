import { build } from 'esbuild';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type * as client from '../../src/client/index.js';
import { hasBrowser, openBrowser, openPage, type Site, serveSite } from '../support/browser.js';
import { type RunningGatehouse, startGatehouse } from '../support/gatehouse.js';
import { createUser, PASSWORD } from '../support/people.js';

declare global {
  /** What the page of the test loads. */
  var sdk: typeof client;
  /** The client of the page, once `start` has made it, and what it announced. */
  var gate: client.AppClient;
  var changes: string[];
}

interface Tab {
  readonly page: Page;
  readonly faults: string[];
}

const EVE = { email: 'eve@example.com', password: PASSWORD };
const ADA = { email: 'ada@example.com', password: PASSWORD };

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
    running = await startGatehouse({ CORS_ORIGINS: site.origin });
    await createUser(running, ADA.email);
    await createUser(running, EVE.email);
  });
  afterAll(async () => {
    await browser?.close();
    await Promise.all([site, other, running].map((one) => one?.[Symbol.asyncDispose]()));
  });
  beforeEach(async () => {
    context = await browser.newContext();
  });
  afterEach(() => context.close());

  async function open(url = site.origin): Promise<Tab> {
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

  /** Opens a page whose client keeps the refresh token there; nothing of it has been called yet. */
  async function start(refreshStorage: client.RefreshStorage): Promise<Tab> {
    const { page, faults } = await open();
    await attach(page, refreshStorage);
    return { page, faults };
  }

  /** Makes the client of a page that has just loaded. */
  async function attach(page: Page, refreshStorage: client.RefreshStorage): Promise<void> {
    await page.waitForFunction(() => globalThis.sdk !== undefined);
    await page.evaluate(
      ({ url, refreshStorage }) => {
        globalThis.gate = sdk.createClient(url, { refreshStorage });
        globalThis.changes = [];
        gate.auth.onChange(({ user, reason }) => changes.push(`${reason} ${user?.email ?? 'nobody'}`));
      },
      { url: running.url, refreshStorage },
    );
  }

  const signIn = (page: Page) => page.evaluate((ada) => gate.auth.signIn(ada), ADA);
  const whoIs = (page: Page) => page.evaluate(async () => (await gate.auth.getUser())?.email ?? null);
  const renew = (page: Page) => page.evaluate(async () => (await gate.auth.refresh())?.email ?? null);
  const changesOf = (page: Page) => page.evaluate(() => changes);

  /** Everything that a later script of the origin could find. */
  const keptIn = (page: Page) =>
    page.evaluate(() => {
      // biome-ignore lint/suspicious/noExplicitAny: a browser's own, which Node's types do not know
      const { document, localStorage, sessionStorage } = globalThis as any;
      return { cookie: document.cookie, local: { ...localStorage }, session: { ...sessionStorage } };
    });

  /** What the page's IndexedDB holds, by database. */
  const databasesOf = (page: Page): Promise<Record<string, string[]>> =>
    page.evaluate(async () => {
      // biome-ignore lint/suspicious/noExplicitAny: a browser's own, which Node's types do not know
      const { indexedDB } = globalThis as any;
      const settled = (request: typeof indexedDB): Promise<typeof indexedDB> =>
        new Promise((resolve) => {
          request.onsuccess = () => resolve(request.result);
        });
      const found: Record<string, string[]> = {};
      for (const { name } of await indexedDB.databases()) {
        const database = await settled(indexedDB.open(name));
        found[name] = await settled(database.transaction('tokens').objectStore('tokens').getAll());
        database.close();
      }
      return found;
    });

  test('D4, G12: with memory, a page signs in and calls as its user, keeps nothing, and a reload forgets', async () => {
    const { page, faults } = await start('memory');
    expect(await whoIs(page)).toBeNull();
    expect(await signIn(page)).toMatchObject({ email: ADA.email });
    expect(await whoIs(page)).toBe(ADA.email);
    expect(await page.evaluate(() => gate.whoami())).toMatchObject({ kind: 'user' });
    expect(await renew(page)).toBe(ADA.email);
    // A method that browsers ask leave for.
    const renamed = () => gate.request('PATCH', '/api/auth/profile', { body: { name: 'Ada' } });
    expect(await page.evaluate(renamed)).toMatchObject({ user: { name: 'Ada' } });
    expect(await keptIn(page)).toEqual({ cookie: '', local: {}, session: {} });
    expect(await databasesOf(page)).toEqual({});
    expect(await context.cookies()).toEqual([]);
    await page.reload();
    await attach(page, 'memory');
    expect(await whoIs(page)).toBeNull();
    expect(faults).toEqual([]);
  });

  test('D4: with session, a reload goes on, and another tab begins signed out', async () => {
    const { page, faults } = await start('session');
    await signIn(page);
    const kept = await keptIn(page);
    expect(kept).toMatchObject({ cookie: '', local: {} });
    const accessToken = await page.evaluate(() => gate.auth.getAccessToken());
    expect(JSON.stringify(kept)).not.toContain(accessToken);
    for (let reload = 0; reload < 3; reload += 1) {
      await page.reload();
      await attach(page, 'session');
      expect(await whoIs(page)).toBe(ADA.email);
      expect(await changesOf(page)).toEqual([`signed-in ${ADA.email}`]);
    }
    const { page: another } = await start('session');
    expect(await whoIs(another)).toBeNull();
    await page.evaluate(() => gate.auth.signOut());
    expect(Object.values((await keptIn(page)).session).join()).not.toMatch(/refresh|\./);
    await page.reload();
    await attach(page, 'session');
    expect(await whoIs(page)).toBeNull();
    expect(faults).toEqual([]);
  });

  test('D4: with session, a duplicated tab begins signed out and does not end the session of the first', async () => {
    const { page } = await start('session');
    await signIn(page);
    const opened = context.waitForEvent('page');
    // With an opener, the new tab begins with a copy of this one's sessionStorage, as a duplicated tab does.
    await page.evaluate(() => {
      // biome-ignore lint/suspicious/noExplicitAny: a browser's own, which Node's types do not know
      (globalThis as any).open('/');
    });
    const copy = await opened;
    await copy.waitForLoadState();
    expect((await keptIn(copy)).session).toEqual((await keptIn(page)).session);
    await attach(copy, 'session');
    expect(await whoIs(copy)).toBeNull();
    expect(await renew(page)).toBe(ADA.email);
    await signIn(copy);
    expect(await renew(copy)).toBe(ADA.email);
    expect(await renew(page)).toBe(ADA.email);
  });

  test('D4: with local, all tabs share the session, also after a reload, and none keeps an access token', async () => {
    const { page } = await start('local');
    const { page: second } = await start('local');
    await signIn(page);
    await second.waitForFunction((email) => changes.includes(`signed-in ${email}`), ADA.email);
    expect(await whoIs(second)).toBe(ADA.email);
    await page.reload();
    await attach(page, 'local');
    expect(await whoIs(page)).toBe(ADA.email);
    expect(await keptIn(page)).toEqual({ cookie: '', local: {}, session: {} });
    const { [`gatehouse:${running.url}`]: kept, ...others } = await databasesOf(page);
    expect(others).toEqual({});
    expect(kept).toHaveLength(1);
    expect(kept).not.toContain(await page.evaluate(() => gate.auth.getAccessToken()));
  });

  test('D4: with local, tabs that renew at once do not spend a token twice, and the session lives on', async () => {
    const { page } = await start('local');
    await signIn(page);
    const tabs = [page, (await start('local')).page, (await start('local')).page];
    for (let round = 0; round < 5; round += 1)
      expect(await Promise.all([...tabs, ...tabs].map(renew))).toEqual(Array(6).fill(ADA.email));
    for (const tab of tabs) expect(await changesOf(tab)).toEqual([`signed-in ${ADA.email}`]);
  });

  test('D4: with local, somebody else who signs in in one tab is announced in all of them', async () => {
    const { page } = await start('local');
    const { page: second } = await start('local');
    await signIn(page);
    await second.waitForFunction(() => changes.length === 1);
    await second.evaluate((eve) => gate.auth.signIn(eve), EVE);
    await page.waitForFunction((email) => changes.at(-1) === `signed-in ${email}`, EVE.email);
    expect(await whoIs(page)).toBe(EVE.email);
    expect(await changesOf(page)).toHaveLength(2);
  });

  test('D4: with local, signing out in one tab signs out in all of them', async () => {
    const { page } = await start('local');
    const { page: second } = await start('local');
    await signIn(page);
    await second.waitForFunction(() => changes.length === 1);
    await second.evaluate(() => gate.auth.signOut());
    await page.waitForFunction(() => changes.at(-1) === 'signed-out nobody');
    expect(await whoIs(page)).toBeNull();
    expect(await databasesOf(page)).toEqual({ [`gatehouse:${running.url}`]: [] });
    await expect(page.evaluate(() => gate.whoami())).rejects.toThrow('UNAUTHORIZED');
  });
});
