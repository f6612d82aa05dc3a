/** A sentence that says these is not understood on its own. */
const POINTS_ELSEWHERE = /\b(also|above|below|previous|same as|deprecated)\b|^(see|default|as)\b/i;

export interface Section {
  readonly heading: string;
  readonly sentence: string;
  readonly body: string;
}

export function sectionsOf(text: string): Section[] {
  const sections: Section[] = [];
  let heading: string | null = null;
  let lines: string[] = [];
  let fenced = false;
  for (const line of [...text.split('\n'), '## ']) {
    if (/^\s*(```|~~~)/.test(line)) fenced = !fenced;
    const [, next] = (fenced ? null : /^#{1,6}\s(.*)$/.exec(line)) ?? [];
    if (next === undefined) lines.push(line);
    else {
      const sentence = firstSentence(lines);
      if (heading !== null && sentence !== null) sections.push({ heading, sentence, body: lines.join('\n') });
      heading = plain(next);
      lines = [];
    }
  }
  return sections;
}

/** Of the first paragraph that is prose, before any code. */
function firstSentence(lines: readonly string[]): string | null {
  const before = lines.join('\n').split(/^\s*(?:```|~~~)/m)[0] ?? '';
  const paragraphs = before.split(/\n\s*\n|\n(?=\s*[-*] )/).map((paragraph) => plain(paragraph.replace(/\n/g, ' ')));
  const prose = paragraphs.find((paragraph) => /^[A-Z`]/.test(paragraph) && paragraph.split(' ').length > 4);
  const sentence = /^.{20,300}?(?<!\b(?:e\.g|i\.e|etc))[.:](?=\s|$)/.exec(prose ?? '')?.[0] ?? null;
  return sentence === null || POINTS_ELSEWHERE.test(sentence) ? null : sentence;
}

/** Without links and tags; names set as code stay marked. */
function plain(text: string): string {
  const linked = text.replace(/!\[[^\]]*\]\([^)]*\)/g, '').replace(/\[([^\]]+)\](\([^)]*\)|\[[^\]]*\])/g, '$1');
  return linked
    .replace(/<[^>]+>/g, '')
    .replace(/\*\*|__|~~/g, '')
    .replace(/\s+/g, ' ')
    .trim();
}

/** `- \`name(what it takes)\`: what it is.` and `* **name** \`type\` - what it is.` */
export function entriesOf(text: string): Section[] {
  const entries = text.matchAll(/^\s*[-*] +(?:\*\*)?`?([^`*\n]+)`?(?:\*\*)?([^\n]*(?:\n +(?![-*] )\S[^\n]*)*)/gm);
  return [...entries].flatMap(([, heading = '', rest = '']) => {
    const said = /^(?:`[^`]*`|[^-:`])*?(?:\s-|:)\s+([\s\S]*)$/.exec(plain(rest))?.[1] ?? '';
    const sentence = firstSentence([said]);
    return sentence === null ? [] : [{ heading: `\`${heading}\``, sentence, body: '' }];
  });
}
