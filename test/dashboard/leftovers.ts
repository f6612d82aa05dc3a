import type { Page } from 'playwright-core';

/** The page does not hand its cache of answers out, so it is looked for where React keeps what components were given. */
const EVERYTHING = `(() => {
  const keptAnswers = () => {
    const root = document.getElementById('root');
    const waiting = [root[Object.keys(root).find((name) => name.startsWith('__reactContainer'))]];
    while (waiting.length > 0) {
      const fiber = waiting.pop();
      if (fiber == null) continue;
      const client = fiber.memoizedProps?.client;
      if (client?.getQueryCache !== undefined)
        return [...client.getQueryCache().getAll(), ...client.getMutationCache().getAll()].map((one) => [
          one.queryKey,
          one.state,
        ]);
      waiting.push(fiber.child, fiber.sibling);
    }
    throw new Error('the cache of answers was not found');
  };
  return JSON.stringify([
    document.documentElement.outerHTML,
    [...document.querySelectorAll('input, textarea')].map(({ value }) => value),
    location.href,
    history.state,
    { ...localStorage },
    { ...sessionStorage },
    document.cookie,
    keptAnswers(),
  ]);
})()`;

/** Everything a page remembers: what stands in it, its address, storage, and what it keeps of answers. */
export const everythingOn = (page: Page): Promise<string> => page.evaluate<string>(EVERYTHING);

/** Gathers every answer that the page is given from now on. */
export function listenToAnswers(page: Page): () => Promise<string> {
  const texts: Promise<string>[] = [];
  page.on('response', (response) => {
    if (response.url().includes('/api/') && !response.url().endsWith('/events'))
      texts.push(response.text().catch(() => ''));
  });
  return async () => (await Promise.all(texts)).join('\n');
}
