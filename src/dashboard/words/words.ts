import i18next from 'i18next';

/** Languages by their own names. English is whole at any time; a test holds the others to its keys. */
export const LANGUAGES = { en: 'English', de: 'Deutsch' } as const;
export type Language = keyof typeof LANGUAGES;

const KEPT = 'gatehouse.language';

export function language(): Language {
  const kept = readKept();
  if (kept !== null && kept in LANGUAGES) return kept as Language;
  return navigator.language.startsWith('de') ? 'de' : 'en';
}

/** The page is loaded anew: every word on it changes. */
export function chooseLanguage(chosen: Language): void {
  try {
    localStorage.setItem(KEPT, chosen);
  } catch {
    // Without storage the browser's own language is used.
  }
  location.reload();
}

function readKept(): string | null {
  try {
    return localStorage.getItem(KEPT);
  } catch {
    return null;
  }
}

/** Before anything is shown. The words of another language are a file of their own, loaded when they are wanted. */
export async function openWords(): Promise<void> {
  const lng = language();
  await i18next.init({
    lng,
    fallbackLng: 'en',
    resources: {},
    // Keys are flat, and may hold a dot.
    keySeparator: false,
    nsSeparator: false,
    interpolation: { escapeValue: false },
    showSupportNotice: false,
  } as Parameters<typeof i18next.init>[0]);
  if (lng === 'de') {
    const { de } = await import('./de/index.js');
    for (const [space, texts] of Object.entries(de)) i18next.addResourceBundle('de', space, texts);
  }
  document.documentElement.lang = lng;
  document.documentElement.dir = i18next.dir(lng);
}

/** `key_one` and `key_other` are asked for as `key`, with `count`. */
type Key<Texts> = keyof Texts extends infer Name
  ? Name extends `${infer Base}_${'one' | 'other'}`
    ? Base
    : Name
  : never;

export type Words<Texts> = (key: Key<Texts> & string, values?: Readonly<Record<string, string | number>>) => string;

/**
 * The words of one part of the dashboard, in whatever language is chosen.
 * @param space - the name of the file in `words/<language>/`
 */
export function words<const Texts extends Readonly<Record<string, string>>>(space: string, en: Texts): Words<Texts> {
  let added = false;
  return (key, values = {}) => {
    if (!added) i18next.addResourceBundle('en', space, en);
    added = true;
    return i18next.t(key, { ...values, ns: space });
  };
}

export const number = (value: number, options?: Intl.NumberFormatOptions) =>
  new Intl.NumberFormat(language(), options).format(value);
