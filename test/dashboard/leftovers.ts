import type { Page } from 'playwright-core';

/** Every place of a page where something could be left behind, as text. `cache`: what the page remembers of answers. */
export interface Leftovers {
  readonly dom: string;
  readonly fields: string;
  readonly storage: string;
  readonly address: string;
  readonly cache: string;
}

const LOOK = `(() => {
  const root = document.getElementById('root');
  const container = Object.keys(root).find((name) => name.startsWith('__reactContainer'));
  let client = null;
  const walk = (fiber) => {
    for (let at = fiber; at !== null && client === null; at = at.sibling) {
      const given = at.memoizedProps?.client;
      if (given?.getQueryCache !== undefined) client = given;
      else walk(at.child);
    }
  };
  walk(root[container]);
  if (client === null) throw new Error('the cache of answers was not found');
  const seen = new WeakSet();
  const flat = (value) => JSON.stringify(value, (_, one) => {
    if (typeof one !== 'object' || one === null) return one;
    if (seen.has(one)) return undefined;
    seen.add(one);
    return one;
  });
  return {
    dom: document.documentElement.outerHTML,
    fields: [...document.querySelectorAll('input, textarea')].map(({ value }) => value).join(' '),
    storage: flat([{ ...localStorage }, { ...sessionStorage }, document.cookie]),
    address: location.href + flat(history.state),
    cache: flat([
      client.getQueryCache().getAll().map(({ queryKey, state }) => [queryKey, state]),
      client.getMutationCache().getAll().map(({ state }) => state),
    ]),
  };
})()`;

export const leftovers = (page: Page): Promise<Leftovers> => page.evaluate<Leftovers>(LOOK);

/** The same in one text. */
export const everythingOn = async (page: Page): Promise<string> => Object.values(await leftovers(page)).join('\n');

/** Gathers every answer that the page is given from now on. */
export function listenToAnswers(page: Page): () => Promise<string> {
  const texts: Promise<string>[] = [];
  page.on('response', (response) => {
    if (response.url().includes('/api/') && !response.url().endsWith('/events'))
      texts.push(response.text().catch(() => ''));
  });
  return async () => (await Promise.all(texts)).join('\n');
}
