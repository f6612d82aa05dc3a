/** A request's path, ready to be compared, or why it is refused: an app behind us may read it differently than we do. */
export type RequestPath =
  | { readonly kind: 'segments'; readonly segments: readonly string[] }
  | { readonly kind: 'refused'; readonly why: string };

const SLASH = 0x2f;
const BACKSLASH = 0x5c;
const PERCENT = 0x25;
const SEMICOLON = 0x3b;
const QUESTION = 0x3f;
const HASH = 0x23;

const ROOT: RequestPath = { kind: 'segments', segments: [] };

/**
 * Reads a request target (RFC 9112 §3.2) into decoded segments. A slash at the end makes no difference; the query is
 * left out. Refused is what servers are known to read in more than one way: dot segments, `//`, `;`, `\`, encoded
 * slashes, backslashes, dots and NUL, double encoding, invalid UTF-8 (overlong forms among it), fragments, control
 * characters, bytes that are not ASCII, and `*`.
 */
export function readPath(target: string): RequestPath {
  const from = target.charCodeAt(0) === SLASH ? 0 : afterAuthority(target);
  if (from < 0) return refused('it does not begin with /');
  const end = pathEnd(target, from);
  if (typeof end === 'string') return refused(end);
  if (end === from + 1) return ROOT;
  const trimmed = target.charCodeAt(end - 1) === SLASH ? end - 1 : end;

  const segments = target.slice(from + 1, trimmed).split('/');
  for (let index = 0; index < segments.length; index += 1) {
    const raw = segments[index] as string;
    const segment = raw.includes('%') ? decode(raw) : raw;
    if (segment === null)
      return refused(
        'it holds an escape that is encoded twice, or stands for no character or for one of / \\ . ; or a control character',
      );
    if (segment === '') return refused('it holds //');
    if (segment === '.' || segment === '..') return refused('it holds a . or .. segment');
    segments[index] = segment;
  }
  return { kind: 'segments', segments };
}

function refused(why: string): RequestPath {
  return { kind: 'refused', why };
}

/** Where the path of an absolute-form target (`http://host/path`) begins; -1 for everything else, `*` among it. */
function afterAuthority(target: string): number {
  const colon = target.indexOf('://');
  const scheme = colon < 0 ? '' : target.slice(0, colon).toLowerCase();
  if (scheme !== 'http' && scheme !== 'https') return -1;
  const slash = target.indexOf('/', colon + 3);
  return slash > colon + 3 ? slash : -1;
}

/** Where the path ends, or what is wrong with it. */
function pathEnd(target: string, from: number): number | string {
  for (let at = from; at < target.length; at += 1) {
    const code = target.charCodeAt(at);
    if (code === QUESTION) return at;
    if (code === HASH) return 'it holds a fragment (#)';
    if (code <= 0x20 || code >= 0x7f) return 'it holds a blank, a control character or one that must be encoded';
    if (code === BACKSLASH) return 'it holds \\';
    if (code === SEMICOLON) return 'it holds ;';
  }
  return target.length;
}

/** The segment without its escapes, or `null`. */
function decode(raw: string): string | null {
  let text: string;
  try {
    // Strict: overlong forms, surrogates and cut sequences throw.
    text = decodeURIComponent(raw);
  } catch {
    return null;
  }
  // Dots may stand plainly; who encodes one wants it to be missed.
  if (raw.includes('%2e') || raw.includes('%2E')) return null;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code < 0x20 || code === 0x7f || code === SLASH || code === BACKSLASH || code === SEMICOLON) return null;
    if (code === PERCENT && isHex(text.charCodeAt(at + 1)) && isHex(text.charCodeAt(at + 2))) return null;
  }
  return text;
}

function isHex(code: number): boolean {
  return (code >= 0x30 && code <= 0x39) || (code >= 0x41 && code <= 0x46) || (code >= 0x61 && code <= 0x66);
}

/** A host as it is compared: lower case, without port and the dot at the end; `''` when there is none. */
export function readHost(host: string | undefined): string {
  if (host === undefined) return '';
  const end = host.startsWith('[') ? host.indexOf(']') + 1 : host.indexOf(':');
  const name = (end > 0 ? host.slice(0, end) : host).toLowerCase();
  return name.endsWith('.') ? name.slice(0, -1) : name;
}
