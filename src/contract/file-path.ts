/** Bytes of a whole path, and of each part of it, as file systems have them. */
export const MAX_PATH_BYTES = 1024;
const MAX_NAME_BYTES = 255;
/** As deep as the index looks. */
const MAX_DEPTH = 64;

/** What ends up on one line, in a terminal or in a URL, and what no file system agrees on. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
const UNPRINTABLE = /[\u0000-\u001f\u007f-\u009f\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufffd]/;

/** Names of ours, in any case: what holds the keys must not be taken for a file of a workspace, nor the reverse. */
const RESERVED = new Set(['.gatehouse', 'api-keys.json']);

const utf8 = new TextEncoder();
const bytesOf = (text: string) => utf8.encode(text).length;

/**
 * Why a path cannot name a file of a workspace; `null`: it can. One that can is relative, uses `/`, has no empty, `.`
 * or `..` part, is printable Unicode, and has no name of ours in it.
 */
export function filePathFault(path: string): string | null {
  if (path === '') return 'a path is needed, such as src/main.ts';
  if (path.startsWith('/') || /^[A-Za-z]:/.test(path)) return 'a path is relative to the workspace';
  if (path.includes('\\')) return 'a path uses /, and holds no backslash';
  if (UNPRINTABLE.test(path)) return 'a path holds no control characters, invisible characters or invalid UTF-8';
  if (/\p{Cs}/u.test(path)) return 'a path is valid Unicode';
  if (bytesOf(path) > MAX_PATH_BYTES) return `a path has at most ${MAX_PATH_BYTES} bytes`;
  const names = path.split('/');
  if (names.length > MAX_DEPTH) return `a path has at most ${MAX_DEPTH} parts`;
  for (const name of names) {
    if (name === '') return 'a path has no empty part';
    if (name === '.' || name === '..') return 'a path has no part that is . or ..';
    if (bytesOf(name) > MAX_NAME_BYTES) return `a name has at most ${MAX_NAME_BYTES} bytes`;
    if (RESERVED.has(name.toLowerCase())) return `${name.toLowerCase()} is a name of Gatehouse's own`;
  }
  return null;
}
