/** What the server wrote into the page: below which path everything lives, and what styles must be named by. */
const meta = (selector: string) => document.querySelector<HTMLMetaElement>(selector);

/** Without a slash at the end; empty at the root of the host. */
export const BASE_PATH = meta('meta[name="gatehouse-base"]')?.content ?? '';
/** Browsers hide the attribute from selectors and give it to scripts alone. */
export const NONCE = meta('meta[property="csp-nonce"]')?.nonce ?? '';

export const ORIGIN = location.origin + BASE_PATH;
