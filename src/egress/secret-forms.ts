/**
 * How a secret may look when somebody repeats it. A net and no wall: whoever wants to can send a secret back in a form
 * that nobody thought of, so what matters is which host it is sent to.
 */

/** Under this, a value is only found as a whole word: else "LIVE" would eat "DELIVERY". */
const SHORT_UNDER = 8;
/** Under this, a value is no secret, and looking for it would ruin what it is looked for in. */
const NEVER_UNDER = 4;
/** Longer forms (key files) are looked for in pieces, so that little has to be held back. */
const PIECE_BYTES = 64;
const LAST_PIECE_BYTES = 16;

export interface SecretForm {
  readonly bytes: Buffer;
  /** Found only where no letter, digit or underscore stands beside it. */
  readonly wholeWord: boolean;
}

/** Every form in which these secrets are looked for, without repetitions. */
export function formsOf(secrets: readonly string[]): SecretForm[] {
  const long = new Set<string>();
  const short = new Set<string>();
  for (const secret of secrets) {
    if (secret.length < NEVER_UNDER) continue;
    const isShort = secret.length < SHORT_UNDER;
    const into = isShort ? short : long;
    for (const form of [...plainForms(secret), ...wholeBase64(secret)]) into.add(form);
    if (!isShort) for (const form of base64Cores(secret)) into.add(form);
  }
  return [
    ...[...long].flatMap(piecesOf).map((bytes) => ({ bytes, wholeWord: false })),
    ...[...short].filter((form) => !long.has(form)).map((form) => ({ bytes: Buffer.from(form), wholeWord: true })),
  ];
}

function plainForms(secret: string): string[] {
  const json = jsonForms(secret);
  const percent = percentForms(secret);
  const hex = Buffer.from(secret).toString('hex');
  // JSON inside a JSON string, as in logs of logs.
  return [
    secret,
    ...json,
    ...json.map((form) => quoted(form)),
    ...percent,
    ...htmlForms(secret),
    hex,
    hex.toUpperCase(),
  ];
}

function jsonForms(secret: string): string[] {
  const plain = quoted(secret);
  const slashed = plain.replaceAll('/', '\\/');
  const unicode = (pattern: RegExp, text: string, upper: boolean) =>
    text.replace(pattern, (character) => {
      const code = character.charCodeAt(0).toString(16).padStart(4, '0');
      return `\\u${upper ? code.toUpperCase() : code}`;
    });
  // Writers that keep to ASCII, and those that also keep out of the way of HTML.
  const ascii = /[^\x20-\x7e]/g;
  const cautious = /[^\x20-\x7e]|[<>&'+`"]/g;
  return [
    plain,
    slashed,
    ...[true, false].flatMap((upper) => [
      unicode(ascii, plain, upper),
      unicode(ascii, slashed, upper),
      unicode(cautious, plain.replaceAll('\\"', '"'), upper),
    ]),
  ];
}

function quoted(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}

function percentForms(secret: string): string[] {
  const bytes = [...Buffer.from(secret)];
  const percent = (keep: RegExp) =>
    bytes
      .map((byte) => {
        const character = String.fromCharCode(byte);
        return keep.test(character) ? character : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
      })
      .join('');
  const forms = [
    percent(/[A-Za-z0-9_.~-]/), // RFC 3986
    percent(/[A-Za-z0-9_.~!'()*-]/), // encodeURIComponent
    percent(/[A-Za-z0-9_.~!'()*:@-]/), // one segment of a path
    percent(/[A-Za-z0-9_.~!'()*:@$&+,;=/-]/), // a path
    percent(/[A-Za-z0-9_.~!'()*:@$&+,;=/?#-]/), // encodeURI
    percent(/[A-Za-z0-9_.*-]/).replaceAll('%20', '+'), // forms
    percent(/[^\s\S]/), // all of it
  ];
  return [...forms, ...forms.map((form) => form.replace(/%[0-9A-F]{2}/g, (hex) => hex.toLowerCase()))];
}

const TEXT = { '&': '&amp;', '<': '&lt;' };
const QUOTED = { ...TEXT, '"': '&quot;' };
const ALL = { ...QUOTED, '>': '&gt;' };
/** Writers differ in what they escape in HTML and XML, and in how they spell a quote. */
const ESCAPES: readonly Readonly<Record<string, string>>[] = [
  TEXT,
  { ...TEXT, '>': '&gt;' },
  QUOTED,
  ALL,
  { ...ALL, "'": '&#39;' },
  { ...ALL, "'": '&#039;' },
  { ...ALL, "'": '&#x27;' },
  { ...ALL, "'": '&apos;' },
  { ...ALL, '"': '&#34;', "'": '&#39;' },
];

function htmlForms(secret: string): string[] {
  return ESCAPES.map((escapes) => secret.replace(/[&<>"']/g, (character) => escapes[character] ?? character));
}

function wholeBase64(secret: string): string[] {
  const padded = Buffer.from(secret).toString('base64');
  const forms = [padded, padded.replaceAll('=', '')];
  return [...forms, ...forms.map(urlSafe)];
}

/**
 * What stays the same of its base64, whatever stands before and after it in the encoded text, as in Basic of
 * `user:secret`: a secret may begin at any of three places in a group of three bytes.
 */
function base64Cores(secret: string): string[] {
  return [0, 1, 2].flatMap((before) => {
    const encoded = Buffer.concat([Buffer.alloc(before), Buffer.from(secret)]).toString('base64');
    const unpadded = encoded.replaceAll('=', '');
    const isWhole = unpadded.length === encoded.length;
    // The first characters hold bits of what stands before, the last one bits of what follows.
    const core = unpadded.slice(before === 0 ? 0 : before + 1, isWhole ? undefined : -1);
    return [core, urlSafe(core)];
  });
}

function urlSafe(base64: string): string {
  return base64.replaceAll('+', '-').replaceAll('/', '_');
}

function piecesOf(form: string): Buffer[] {
  const bytes = Buffer.from(form);
  const pieces: Buffer[] = [];
  for (let from = 0; from < bytes.length; ) {
    const isLast = bytes.length - from < PIECE_BYTES + LAST_PIECE_BYTES;
    const to = isLast ? bytes.length : from + PIECE_BYTES;
    pieces.push(bytes.subarray(from, to));
    from = to;
  }
  return pieces;
}
