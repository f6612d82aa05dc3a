import type { Page } from 'playwright-core';

/** What a screen reader would call the element that has the focus. */
async function focusedName(page: Page): Promise<string> {
  return page.evaluate(() => {
    const active = document.activeElement as HTMLInputElement | null;
    if (active === null) return '';
    const labelledBy = active.getAttribute('aria-labelledby');
    const label =
      active.getAttribute('aria-label') ??
      (labelledBy === null ? null : (document.getElementById(labelledBy)?.textContent ?? null)) ??
      active.labels?.[0]?.textContent ??
      active.textContent;
    return (label ?? '').replace(/\s*\*\s*$/, '').trim();
  });
}

/** Goes on with the tab key until something of this name has the focus. */
export async function tabTo(page: Page, name: string | RegExp, most = 150): Promise<void> {
  const passed: string[] = [];
  for (let steps = 0; steps < most; steps += 1) {
    const focused = await focusedName(page);
    if (typeof name === 'string' ? focused === name : name.test(focused)) return;
    passed.push(focused);
    await page.keyboard.press('Tab');
  }
  throw new Error(`the tab key does not reach ${name}; it passed ${passed.join(' | ')}`);
}
