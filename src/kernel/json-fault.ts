type Wanted = 'value' | 'value or ]' | 'name' | 'name or }' | 'colon' | 'comma or end';

const BLANKS = /[ \t\r\n]*/y;
const TOKEN =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: what a JSON string may not hold
  /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null|[{}[\],:]/uy;

/**
 * Where `text` stops being JSON (RFC 8259), in characters from 0; its length when only the end is missing.
 * V8 tells the place of some faults only, and quotes the text around them, which may be a secret.
 */
export function jsonFaultAt(text: string): number {
  const open: string[] = [];
  let wanted: Wanted = 'value';
  for (let at = 0; ; ) {
    BLANKS.lastIndex = at;
    BLANKS.exec(text);
    at = BLANKS.lastIndex;
    TOKEN.lastIndex = at;
    const token = TOKEN.exec(text)?.[0];
    const next: Wanted | null = token === undefined ? null : after(token, wanted, open);
    if (token === undefined || next === null) return at;
    at += token.length;
    wanted = next;
  }
}

/** What may follow `token`, or `null` when it may not stand here. `open` holds the brackets that are not closed yet. */
function after(token: string, wanted: Wanted, open: string[]): Wanted | null {
  const inObject = open[open.length - 1] === '{';
  switch (token) {
    case '{':
    case '[':
      if (wanted !== 'value' && wanted !== 'value or ]') return null;
      open.push(token);
      return token === '{' ? 'name or }' : 'value or ]';
    case '}':
      if (!inObject || (wanted !== 'name or }' && wanted !== 'comma or end')) return null;
      open.pop();
      return 'comma or end';
    case ']':
      if (inObject || open.length === 0 || (wanted !== 'value or ]' && wanted !== 'comma or end')) return null;
      open.pop();
      return 'comma or end';
    case ',':
      if (wanted !== 'comma or end' || open.length === 0) return null;
      return inObject ? 'name' : 'value';
    case ':':
      return wanted === 'colon' ? 'value' : null;
  }
  if (wanted === 'name' || wanted === 'name or }') return token.startsWith('"') ? 'colon' : null;
  return wanted === 'value' || wanted === 'value or ]' ? 'comma or end' : null;
}
