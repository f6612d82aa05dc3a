const SLASH = 0x2f;
const BACKSLASH = 0x5c;
const PERCENT = 0x25;
const SEMICOLON = 0x3b;
const QUESTION = 0x3f;
const HASH = 0x23;
const DOT = 0x2e;

const NO_CHARACTER =
  'it holds an escape that is encoded twice, or stands for no character or for one of / \\ . ; or a control character';

/**
 * Why a request target (RFC 9112 §3.2) is refused before anything is compared; `null`: every server reads its path as
 * we do. Refused is what servers are known to read in more than one way: dot segments, `//`, `;`, `\`, encoded slashes,
 * backslashes, dots and NUL, double encoding, invalid UTF-8 (overlong forms among it), fragments, control characters,
 * bytes that are not ASCII, and `*`. The query is not looked at.
 */
export function pathFault(target: string): string | null {
  const from = pathStart(target);
  if (from < 0) return 'it does not begin with /';
  let escaped = false;
  let segmentStart = from + 1;
  for (let at = from + 1; at <= target.length; at += 1) {
    const code = at === target.length ? QUESTION : target.charCodeAt(at);
    if (code === SLASH || code === QUESTION) {
      const length = at - segmentStart;
      if (length === 0 && code === SLASH) return 'it holds //';
      if (length > 0 && length <= 2 && isDots(target, segmentStart, at)) return 'it holds a . or .. segment';
      if (code === QUESTION) {
        // A slash at the end makes no difference, two do.
        return escaped ? escapeFault(target.slice(from, at)) : null;
      }
      segmentStart = at + 1;
    } else if (code === PERCENT) escaped = true;
    else if (code === HASH) return 'it holds a fragment (#)';
    else if (code <= 0x20 || code >= 0x7f) return 'it holds a blank, a control character or one that must be encoded';
    else if (code === BACKSLASH) return 'it holds \\';
    else if (code === SEMICOLON) return 'it holds ;';
  }
  return null;
}

/** The decoded segments of a target without a fault; a slash at the end adds none. */
export function pathSegments(target: string): readonly string[] {
  const from = pathStart(target) + 1;
  const query = target.indexOf('?', from);
  let end = query < 0 ? target.length : query;
  if (end === from) return [];
  if (target.charCodeAt(end - 1) === SLASH) end -= 1;
  const path = target.slice(from, end);
  return path.includes('%') ? path.split('/').map(decodeURIComponent) : path.split('/');
}

function pathStart(target: string): number {
  return target.charCodeAt(0) === SLASH ? 0 : afterAuthority(target);
}

function isDots(target: string, from: number, end: number): boolean {
  return target.charCodeAt(from) === DOT && (end - from === 1 || target.charCodeAt(from + 1) === DOT);
}

function escapeFault(path: string): string | null {
  for (const segment of path.split('/')) {
    if (!segment.includes('%')) continue;
    const decoded = decode(segment);
    if (decoded === null) return NO_CHARACTER;
    if (decoded === '.' || decoded === '..') return 'it holds a . or .. segment';
  }
  return null;
}

/** Where the path of an absolute-form target (`http://host/path`) begins; -1 for everything else, `*` among it. */
function afterAuthority(target: string): number {
  const colon = target.indexOf('://');
  const scheme = colon < 0 ? '' : target.slice(0, colon).toLowerCase();
  if (scheme !== 'http' && scheme !== 'https') return -1;
  const slash = target.indexOf('/', colon + 3);
  return slash > colon + 3 ? slash : -1;
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

/** The last host that was read: most requests are for the one before's. */
let last = { host: '', name: '' };

/** A host as it is compared: lower case, without port and the dot at the end; `''` when there is none. */
export function readHost(host: string | undefined): string {
  if (host === undefined) return '';
  if (host !== last.host) last = { host, name: nameOf(host) };
  return last.name;
}

function nameOf(host: string): string {
  const end = host.startsWith('[') ? host.indexOf(']') + 1 : host.indexOf(':');
  const name = (end > 0 ? host.slice(0, end) : host).toLowerCase();
  return name.endsWith('.') ? name.slice(0, -1) : name;
}
