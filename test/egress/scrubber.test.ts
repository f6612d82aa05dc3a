import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Scrubber } from '../../src/egress/scrubber.js';

const SECRET = 'sk-proj-Zk3/+9 q"<é&\\x~AB';
const OTHER = 'AC0123456789abcdef';

const quoted = (text: string) => JSON.stringify(text).slice(1, -1);
const base64 = (text: string) => Buffer.from(text).toString('base64');
const base64url = (text: string) => Buffer.from(text).toString('base64url');

/** The two that everybody escapes, and these. */
function html(others: Readonly<Record<string, string>>): (secret: string) => string {
  const escapes: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', ...others };
  return (secret) => [...secret].map((character) => escapes[character] ?? character).join('');
}

/** How vendors repeat a secret. */
const ECHOES: Readonly<Record<string, (secret: string) => string>> = {
  raw: (secret) => secret,
  encodeURIComponent,
  'encodeURIComponent in lower case': (secret) =>
    encodeURIComponent(secret).replace(/%../g, (hex) => hex.toLowerCase()),
  encodeURI,
  'a form': (secret) => new URLSearchParams({ k: secret }).toString().slice(2),
  'every byte in percent': (secret) => Buffer.from(secret).toString('hex').replace(/../g, '%$&'),
  'JSON escaped': quoted,
  'JSON as PHP writes it': (secret) => quoted(secret).replaceAll('/', '\\/'),
  'JSON in ASCII': (secret) =>
    quoted(secret).replace(/[^\x20-\x7e]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`),
  'JSON within JSON': (secret) => quoted(quoted(secret)),
  base64,
  'base64 without padding': (secret) => base64(secret).replaceAll('=', ''),
  base64url,
  'base64url with padding': (secret) => base64(secret).replaceAll('+', '-').replaceAll('/', '_'),
  hex: (secret) => Buffer.from(secret).toString('hex'),
  'an attribute of HTML': html({ '"': '&quot;' }),
  'text of HTML': html({ '>': '&gt;' }),
  'text of XML at its least': html({}),
  'HTML as PHP writes it': html({ '>': '&gt;', '"': '&quot;', "'": '&#039;' }),
  'HTML as Express writes it': html({ '>': '&gt;', '"': '&quot;', "'": '&#39;' }),
  'HTML as Python writes it': html({ '>': '&gt;', '"': '&quot;', "'": '&#x27;' }),
  'HTML as Go writes it': html({ '>': '&gt;', '"': '&#34;', "'": '&#39;' }),
  XML: html({ '>': '&gt;', '"': '&quot;', "'": '&apos;' }),
};

/** Puts `text` through a stream in pieces that end at `cuts`. */
async function through(scrubber: Scrubber, text: Buffer, cuts: readonly number[]): Promise<string> {
  const stream = scrubber.stream();
  const out: Buffer[] = [];
  stream.on('data', (chunk: Buffer) => out.push(chunk));
  const places = [...new Set(cuts.map((cut) => cut % (text.length + 1)))].sort((a, b) => a - b);
  let from = 0;
  for (const to of [...places, text.length]) {
    stream.write(text.subarray(from, to));
    from = to;
  }
  stream.end();
  await new Promise((resolve) => stream.on('end', resolve));
  return Buffer.concat(out).toString('utf8');
}

const cuts = fc.array(fc.nat(5000), { maxLength: 40 });
// Nothing that could lengthen an echo into another form of itself.
const filler = fc.string({ unit: fc.constantFrom(...' \n{}":,[]'), maxLength: 60 });

describe('V6: what a vendor repeats', () => {
  test.each(Object.entries(ECHOES))('V6: %s is found wherever it is cut', async (_name, echo) => {
    await fc.assert(
      fc.asyncProperty(filler, filler, cuts, fc.constantFrom(SECRET, OTHER), async (before, after, at, secret) => {
        const scrubber = new Scrubber([SECRET, OTHER]);
        const shown = echo(secret);
        const text = `${before}${shown}${after}`;
        const clean = await through(scrubber, Buffer.from(text), at);
        expect(clean).toBe(`${before}${'*'.repeat(Buffer.byteLength(shown))}${after}`);
        expect(scrubber.echoes).toBe(1);
        expect(new Scrubber([SECRET, OTHER]).text(text)).toBe(clean);
      }),
      { numRuns: 60 },
    );
  });

  test('V6: base64 of any text with the secret in it keeps no more than the bits of its two ends', async () => {
    const text = fc.string({ unit: 'binary-ascii', maxLength: 20 });
    await fc.assert(
      fc.asyncProperty(text, text, cuts, fc.boolean(), async (before, after, at, isUrl) => {
        const encode = isUrl ? base64url : base64;
        const clean = await through(new Scrubber([SECRET]), Buffer.from(encode(`${before}${SECRET}${after}`)), at);
        const decoded = Buffer.from(clean.replaceAll('*', 'A'), 'base64').toString('latin1');
        const bytes = Buffer.from(SECRET).toString('latin1');
        expect(clean).toContain('*'.repeat(Math.floor((bytes.length * 4) / 3) - 2));
        expect(decoded).not.toContain(bytes.slice(1, -1));
      }),
    );
  });

  test('V6: Basic of any user and the secret is found', () => {
    for (const user of ['', 'a', 'ab', 'abc', 'accountSid'])
      expect(new Scrubber([SECRET]).header(`Basic ${base64(`${user}:${SECRET}`)}`)).toContain('*'.repeat(28));
  });

  test('V6: any secret in any form, cut anywhere, never comes out whole', async () => {
    // Any text, and what is made of nothing but what writers escape.
    const escaped = fc.constantFrom(...'&<>"\'/\\ aZ0+~é%=?#\n\t😀_-:@');
    const secret = fc.oneof(
      fc.string({ unit: 'grapheme', minLength: 8, maxLength: 200 }),
      fc.string({ unit: escaped, minLength: 8, maxLength: 90 }),
    );
    await fc.assert(
      fc.asyncProperty(secret, fc.constantFrom(...Object.values(ECHOES)), cuts, async (value, echo, at) => {
        const shown = echo(value);
        const clean = await through(new Scrubber([value]), Buffer.from(`<${shown}>`), at);
        expect(clean).not.toContain(shown);
      }),
      { numRuns: 500 },
    );
  });

  test('V6: what holds no secret passes unchanged, whatever it is', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 3000 }), cuts, async (bytes, at) => {
        const scrubber = new Scrubber([SECRET, OTHER]);
        const stream = scrubber.stream();
        const out: Buffer[] = [];
        stream.on('data', (chunk: Buffer) => out.push(chunk));
        const ended = new Promise((resolve) => stream.on('end', resolve));
        let from = 0;
        for (const to of [...at.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b), bytes.length]) {
          stream.write(bytes.subarray(from, to));
          from = to;
        }
        stream.end();
        await ended;
        expect(Buffer.concat(out).equals(Buffer.from(bytes))).toBe(true);
        expect(scrubber.echoes).toBe(0);
      }),
    );
  });

  test('V6: a long key file is found whole, also without the JSON around its private key, and counts once', () => {
    const key = `-----BEGIN PRIVATE KEY-----\n${'MIIEvQIBADANBgkqhkiG9w0BAQ/+E'.repeat(60)}\n-----END PRIVATE KEY-----\n`;
    const file = JSON.stringify({ type: 'service_account', private_key: key });
    const scrubber = new Scrubber([file, key]);
    expect(scrubber.text(`a ${file} b`)).toMatch(/^a \*+ b$/);
    expect(scrubber.text(`a ${key}b`)).toMatch(/^a \*+b$/);
    expect(scrubber.text(JSON.stringify({ file }))).toMatch(/^\{"file":"\*+"\}$/);
    expect(scrubber.text(`data: ${base64(file)}.`)).toMatch(/^data: \*+\.$/);
    expect(scrubber.echoes).toBe(4);
  });

  test('a value under 8 characters is found as a whole word only, one under 4 not at all', async () => {
    const scrubber = new Scrubber(['LIVE', 'no']);
    expect(scrubber.text('DELIVERY LIVE, LIVE_1 "LIVE" no OLIVE LIVE')).toBe(
      'DELIVERY ****, LIVE_1 "****" no OLIVE ****',
    );
    expect(scrubber.echoes).toBe(3);
    for (let cut = 0; cut < 20; cut += 1) {
      expect(await through(new Scrubber(['LIVE']), Buffer.from('DELIVERY LIVE'), [cut])).toBe('DELIVERY ****');
      expect(await through(new Scrubber(['LIVE']), Buffer.from('x LIVELY LIVE.'), [cut])).toBe('x LIVELY ****.');
    }
  });
});

describe('V6: streams stay streams', () => {
  test('V6: an event that ended passes at once, whatever it holds', async () => {
    const stream = new Scrubber([SECRET]).stream();
    let seen = '';
    stream.on('data', (chunk: Buffer) => {
      seen += chunk.toString();
    });
    const turn = () => new Promise((resolve) => setImmediate(resolve));
    stream.write('data: {"delta":"hello"}\n\n');
    await turn();
    expect(seen).toBe('data: {"delta":"hello"}\n\n');
    // Ten characters that may be the beginning of the secret wait; the rest has passed.
    stream.write(`data: ${SECRET.slice(0, 10)}`);
    await turn();
    expect(seen).toBe('data: {"delta":"hello"}\n\ndata: ');
    stream.write('\n\n');
    await turn();
    expect(seen).toBe(`data: {"delta":"hello"}\n\ndata: ${SECRET.slice(0, 10)}\n\n`);
  });

  test('V6: at most 80 bytes are ever held back', async () => {
    const long = 'k'.repeat(3000);
    const stream = new Scrubber([long]).stream();
    let out = 0;
    stream.on('data', (chunk: Buffer) => {
      out += chunk.length;
    });
    for (let sent = 1; sent <= 3000; sent += 1) {
      stream.write('k');
      await new Promise((resolve) => setImmediate(resolve));
      expect(sent - out).toBeLessThanOrEqual(80);
    }
  });

  test('V6: bytes that were handed in are not written into', async () => {
    const chunk = Buffer.from(`x ${OTHER} y`);
    await through(new Scrubber([OTHER]), chunk, []);
    expect(chunk.toString()).toBe(`x ${OTHER} y`);
  });
});
