import type { Page } from 'playwright-core';

/** What a screen reader would call the element that has the focus. Run in the page, whose types tests do not have. */
const FOCUSED_NAME = `(() => {
  const active = document.activeElement;
  if (active === null) return '';
  const labelledBy = document.getElementById(active.getAttribute('aria-labelledby') ?? '');
  const label =
    active.getAttribute('aria-label') ?? labelledBy?.textContent ?? active.labels?.[0]?.textContent ?? active.textContent;
  return (label ?? '').replace(/\\s*\\*\\s*$/, '').trim();
})()`;

/** Goes on with the tab key until something of this name has the focus. */
export async function tabTo(page: Page, name: string | RegExp, most = 150): Promise<void> {
  const passed: string[] = [];
  for (let steps = 0; steps < most; steps += 1) {
    const focused = await page.evaluate<string>(FOCUSED_NAME);
    if (typeof name === 'string' ? focused === name : name.test(focused)) return;
    passed.push(focused);
    await page.keyboard.press('Tab');
  }
  throw new Error(`the tab key does not reach ${name}; it passed ${passed.join(' | ')}`);
}
