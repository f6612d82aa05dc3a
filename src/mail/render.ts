/** What a letter says, before it has a form. */
export interface LetterWords {
  readonly paragraphs: readonly string[];
  readonly link: { readonly label: string; readonly url: string } | null;
}

const FOOTER = 'Sent by Gatehouse';

/** @param home - where this instance is reached */
export function renderText({ paragraphs, link }: LetterWords, home: string): string {
  const parts = [...paragraphs, ...(link === null ? [] : [`${link.label}:\n${link.url}`]), `-- \n${FOOTER}, ${home}`];
  return `${parts.join('\n\n')}\n`;
}

/** Without images, styles or anything to load: it reads the same in every program, and tells nobody that it was read. */
export function renderHtml({ paragraphs, link }: LetterWords, home: string): string {
  const body = paragraphs.map((words) => `<p>${escaped(words)}</p>`);
  const button =
    link === null
      ? []
      : [`<p><a href="${escaped(link.url)}">${escaped(link.label)}</a></p>`, `<p>${escaped(link.url)}</p>`];
  return `<!doctype html><html lang="en"><body>${[...body, ...button].join('')}<p>${FOOTER}, ${escaped(home)}</p></body></html>`;
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
