/** Pieces of a line. Addresses are shown and not led to: an answer comes from a model, which read files of others. */
export type Inline =
  | { readonly kind: 'text' | 'code' | 'bold' | 'italic'; readonly text: string }
  | { readonly kind: 'link'; readonly text: string; readonly address: string }
  | { readonly kind: 'citation'; readonly numbers: readonly number[] };

export type Block =
  | { readonly kind: 'paragraph' | 'heading' | 'quote'; readonly lines: readonly (readonly Inline[])[] }
  | {
      readonly kind: 'list';
      readonly ordered: boolean;
      readonly start: number;
      readonly items: readonly (readonly Inline[])[];
    }
  | { readonly kind: 'code'; readonly text: string };

const ITEM = /^\s{0,8}(?:([-*+])|(\d{1,9})[.)])\s+(.*)$/;

/** A plain part of Markdown: paragraphs, headings, lists, quotes, code; within lines code, bold, italic, addresses, [1]. */
export function parseMarkdown(source: string): Block[] {
  const blocks: Block[] = [];
  const lines = source.replace(/\r\n?/g, '\n').split('\n');
  for (let at = 0; at < lines.length; ) {
    const line = lines[at] as string;
    const fence = /^\s{0,3}(`{3,}|~{3,})/.exec(line)?.[1];
    if (fence !== undefined) {
      const end = lines.findIndex((later, index) => index > at && later.trim().startsWith(fence));
      const stop = end === -1 ? lines.length : end;
      blocks.push({ kind: 'code', text: lines.slice(at + 1, stop).join('\n') });
      at = stop + 1;
    } else if (line.trim() === '') at += 1;
    else if (/^#{1,6}\s/.test(line)) {
      blocks.push({ kind: 'heading', lines: [parseInline(line.replace(/^#+\s+/, ''))] });
      at += 1;
    } else if (ITEM.test(line)) {
      const [, bullet, number] = ITEM.exec(line) as RegExpExecArray;
      const items: string[] = [];
      for (; at < lines.length && (lines[at] as string).trim() !== ''; at += 1) {
        const [, , , text] = ITEM.exec(lines[at] as string) ?? [];
        if (text !== undefined) items.push(text);
        else items[items.length - 1] += ` ${(lines[at] as string).trim()}`;
      }
      const start = bullet === undefined ? Number(number) : 1;
      blocks.push({ kind: 'list', ordered: bullet === undefined, start, items: items.map(parseInline) });
    } else {
      const kind = line.startsWith('>') ? 'quote' : 'paragraph';
      const part: string[] = [];
      for (; at < lines.length && (part.length === 0 || goesOn(lines[at] as string, kind)); at += 1)
        part.push((lines[at] as string).replace(/^>\s?/, ''));
      blocks.push({ kind, lines: part.map(parseInline) });
    }
  }
  return blocks;
}

const goesOn = (line: string, kind: 'quote' | 'paragraph') =>
  line.trim() !== '' &&
  !/^\s{0,3}(`{3,}|~{3,}|#{1,6}\s)/.test(line) &&
  !ITEM.test(line) &&
  line.startsWith('>') === (kind === 'quote');

const INLINE =
  /`([^`\n]+)`|\*\*([^*\n]+)\*\*|\*([^*\s][^*\n]*)\*|\[(\d{1,3}(?:\s*,\s*\d{1,3})*)\](?!\()|\[([^\]\n]{1,300})\]\(([^()\s]{1,2000})\)/g;

export function parseInline(line: string): Inline[] {
  const parts: Inline[] = [];
  let end = 0;
  for (const match of line.matchAll(INLINE)) {
    if (match.index > end) parts.push({ kind: 'text', text: line.slice(end, match.index) });
    end = match.index + match[0].length;
    const [, code, bold, italic, numbers, text, address] = match;
    if (code !== undefined) parts.push({ kind: 'code', text: code });
    else if (bold !== undefined) parts.push({ kind: 'bold', text: bold });
    else if (italic !== undefined) parts.push({ kind: 'italic', text: italic });
    else if (numbers !== undefined) parts.push({ kind: 'citation', numbers: numbers.split(',').map(Number) });
    else parts.push({ kind: 'link', text: text ?? '', address: address ?? '' });
  }
  if (end < line.length) parts.push({ kind: 'text', text: line.slice(end) });
  return parts;
}
