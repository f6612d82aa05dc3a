import type { Page } from 'playwright-core';

/** Everything a page remembers: what stands in it, its addresses, storage, and what it keeps of answers. */
export async function everythingOn(page: Page): Promise<string> {
  return page.evaluate(() => {
    const fields = [...document.querySelectorAll<HTMLInputElement>('input, textarea')].map(({ value }) => value);
    return JSON.stringify([
      document.documentElement.outerHTML,
      fields,
      location.href,
      history.state,
      { ...localStorage },
      { ...sessionStorage },
      document.cookie,
      keptAnswers(),
    ]);

    /** The page does not hand its cache out, so it is looked for where React keeps what components were given. */
    function keptAnswers(): unknown {
      const root = document.getElementById('root') as unknown as Record<string, Fiber>;
      const key = Object.keys(root).find((name) => name.startsWith('__reactContainer'));
      const waiting = key === undefined ? [] : [root[key]];
      while (waiting.length > 0) {
        const fiber = waiting.pop();
        if (fiber == null) continue;
        const client = fiber.memoizedProps?.client;
        if (client?.getQueryCache !== undefined)
          return [...client.getQueryCache().getAll(), ...client.getMutationCache().getAll()].map(
            (one: { queryKey?: unknown; state: unknown }) => [one.queryKey, one.state],
          );
        waiting.push(fiber.child, fiber.sibling);
      }
      throw new Error('the cache of answers was not found');
    }
  });
}

interface Fiber {
  // biome-ignore lint/suspicious/noExplicitAny: React's own, of any shape
  readonly memoizedProps: any;
  readonly child: Fiber | null;
  readonly sibling: Fiber | null;
}

/** Gathers every answer that the page is given from now on. */
export function listenToAnswers(page: Page): () => Promise<string> {
  const texts: Promise<string>[] = [];
  page.on('response', (response) => {
    if (response.url().includes('/api/')) texts.push(response.text().catch(() => ''));
  });
  return async () => (await Promise.all(texts)).join('\n');
}
