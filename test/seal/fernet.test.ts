import { spawnSync } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FernetError, newFernetKey, openFernet, sealFernet } from '../../src/seal/fernet.ts';

interface Vector {
  desc?: string;
  token: string;
  nowUnix: number;
  ttl_sec: number;
  src: string;
  secret: string;
  iv: number[];
  byteLength: number | null;
  timestamp: number;
  reason: string;
}
const vectors: Record<'generate' | 'verify' | 'invalid', Vector[]> = JSON.parse(
  readFileSync(new URL('../vectors/fernet.json', import.meta.url), 'utf8'),
);

const NOW_MS = 1_795_341_600_000;
const AT_REST = { nowMs: NOW_MS, maxAgeSeconds: null };
const keyOf = (vector: Vector) => Buffer.from(vector.secret, 'base64url');
const bytesOf = (token: string) => Buffer.from(token, 'base64url');
const tokenOf = (bytes: Buffer) => bytes.toString('base64').replaceAll('+', '-').replaceAll('/', '_');
const aKey = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => Buffer.from(bytes));
const aText = fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes));

/** Signs altered bytes anew, so that only what lies behind the MAC can refuse them. */
function signed(key: Buffer, bytes: Buffer): string {
  const mac = createHmac('sha256', key.subarray(0, 16)).update(bytes).digest();
  return tokenOf(Buffer.concat([bytes, mac]));
}

describe('the vectors of the Fernet specification', () => {
  it.each(vectors.generate)('V2: sealing gives the published token ($src)', (vector) => {
    const token = sealFernet(keyOf(vector), Buffer.from(vector.src), vector.nowUnix * 1000, Buffer.from(vector.iv));
    expect(token).toBe(vector.token);
    expect(bytesOf(token)).toHaveLength(vector.byteLength ?? 0);
  });

  it.each(vectors.verify)('V2: the published token opens within its time ($src)', (vector) => {
    const options = { nowMs: vector.nowUnix * 1000, maxAgeSeconds: vector.ttl_sec };
    expect(openFernet(keyOf(vector), vector.token, options).toString()).toBe(vector.src);
    expect(bytesOf(vector.token).readBigUInt64BE(1)).toBe(BigInt(vector.timestamp));
  });

  it.each(vectors.invalid)('V2: a bad token is refused: $desc ($reason)', (vector) => {
    const options = { nowMs: vector.nowUnix * 1000, maxAgeSeconds: vector.ttl_sec };
    expect(() => openFernet(keyOf(vector), vector.token, options)).toThrow(FernetError);
  });

  it('V2: only age and future depend on the maximum age; the other six bad tokens are refused at rest too', () => {
    const opened = vectors.invalid.filter((vector) => {
      try {
        openFernet(keyOf(vector), vector.token, { nowMs: vector.nowUnix * 1000, maxAgeSeconds: null });
        return true;
      } catch {
        return false;
      }
    });
    expect(opened.map(({ reason }) => reason)).toEqual(['future (only when a ttl is given)', 'expired']);
  });

  it('V2: what the vector file says of each token is so', () => {
    const known = [...vectors.generate, ...vectors.verify, ...vectors.invalid].filter((v) => v.byteLength !== null);
    for (const vector of known) expect(bytesOf(vector.token), vector.desc).toHaveLength(vector.byteLength ?? 0);
  });
});

describe('any key, any plaintext', () => {
  it('V2: what is sealed opens to the same bytes', () => {
    const property = fc.property(aKey, aText, fc.nat(4e9), (key, text, seconds) => {
      const token = sealFernet(key, text, seconds * 1000);
      expect(openFernet(key, token, { nowMs: seconds * 1000, maxAgeSeconds: 0 })).toEqual(text);
      expect(openFernet(key, token, AT_REST)).toEqual(text);
      expect(token).toMatch(/^[A-Za-z0-9_-]+={0,2}$/);
    });
    fc.assert(property, { numRuns: 300 });
  });

  it('V2: a token with any one bit flipped does not open', () => {
    const property = fc.property(aKey, aText, fc.nat(), (key, text, position) => {
      const bytes = bytesOf(sealFernet(key, text, NOW_MS));
      const bit = position % (bytes.length * 8);
      bytes.writeUInt8(bytes.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
      expect(() => openFernet(key, tokenOf(bytes), AT_REST)).toThrow(FernetError);
    });
    fc.assert(property, { numRuns: 500 });
  });

  it('V2: another key does not open it', () => {
    const token = sealFernet(newFernetKey(), Buffer.from('text'), NOW_MS);
    expect(() => openFernet(newFernetKey(), token, AT_REST)).toThrow(FernetError);
  });

  it('V2: any text that is no token is refused with the one error', () => {
    const key = newFernetKey();
    const property = fc.property(fc.oneof(fc.string(), fc.base64String(), fc.string({ unit: 'binary' })), (text) => {
      expect(() => openFernet(key, text, AT_REST)).toThrow(FernetError);
    });
    fc.assert(property, { numRuns: 500 });
  });

  it('two tokens of one plaintext differ, and so do two keys', () => {
    const key = newFernetKey();
    expect(key).toHaveLength(32);
    expect(newFernetKey()).not.toEqual(key);
    expect(sealFernet(key, Buffer.from('a'), NOW_MS)).not.toBe(sealFernet(key, Buffer.from('a'), NOW_MS));
  });
});

describe('one value has one spelling', () => {
  const key = Buffer.alloc(32, 7);
  // 89 bytes: one `=`; 73 bytes: two; both kinds of surplus bits are there.
  const tokens = [0, 16].map((size) => sealFernet(key, Buffer.alloc(size, 0xff), NOW_MS));

  it.each([
    ['no padding', (token: string) => token.replace(/=+$/, '')],
    ['one padding character too many', (token: string) => `${token}=`],
    ['a line break behind', (token: string) => `${token}\n`],
    ['a blank before', (token: string) => ` ${token}`],
    ['a blank in the middle', (token: string) => `${token.slice(0, 40)} ${token.slice(40)}`],
    ['junk behind the padding', (token: string) => `${token}!!!!`],
    ['the standard alphabet', (token: string) => token.replaceAll('-', '+').replaceAll('_', '/')],
    ['surplus bits', (token: string) => token.replace(/.(=+)$/, (_, pad) => `${pad === '==' ? 'B' : 'D'}${pad}`)],
    ['percent-encoded padding', (token: string) => token.replaceAll('=', '%3D')],
    ['empty', () => ''],
  ])('V2: refused: %s', (_name, spell) => {
    const changed = tokens.map((token) => [token, spell(token)] as const).filter(([token, spelt]) => token !== spelt);
    expect(changed.length).toBeGreaterThan(0);
    for (const [, spelt] of changed) expect(() => openFernet(key, spelt, AT_REST)).toThrow(FernetError);
  });
});

describe('structure and padding, under a valid MAC', () => {
  const key = Buffer.alloc(32, 9);
  const good = bytesOf(sealFernet(key, Buffer.from('hello'), NOW_MS)).subarray(0, -32);

  it('the helper signs as Fernet does', () => {
    expect(openFernet(key, signed(key, good), AT_REST).toString()).toBe('hello');
  });

  it.each([
    ['another version', Buffer.concat([Buffer.from([0x81]), good.subarray(1)])],
    ['no ciphertext', good.subarray(0, 25)],
    ['ciphertext not whole blocks', Buffer.concat([good, Buffer.alloc(8)])],
    ['wrong padding: another iv', Buffer.concat([good.subarray(0, 9), Buffer.alloc(16), good.subarray(25)])],
  ])('V2: refused: %s', (_name, bytes) => {
    expect(() => openFernet(key, signed(key, bytes), AT_REST)).toThrow(FernetError);
  });

  it('V2: every byte of the padding is checked, not only the last', () => {
    // CBC: a bit flipped in the iv flips the same bit of the first block: byte 5 to 15 are padding here.
    for (let at = 5; at < 16; at += 1) {
      const bytes = Buffer.from(good);
      bytes.writeUInt8(bytes.readUInt8(9 + at) ^ 0x20, 9 + at);
      expect(() => openFernet(key, signed(key, bytes), AT_REST), `padding byte ${at}`).toThrow(FernetError);
    }
  });
});

describe('time', () => {
  const key = newFernetKey();
  const token = sealFernet(key, Buffer.from('x'), NOW_MS);
  const opens = (offsetSeconds: number, maxAgeSeconds: number | null) => {
    try {
      return openFernet(key, token, { nowMs: NOW_MS + offsetSeconds * 1000, maxAgeSeconds }).length === 1;
    } catch {
      return false;
    }
  };

  it('with a maximum age the token opens up to it and not a second longer', () => {
    expect([0, 60, 61, 1e9].map((offset) => opens(offset, 60))).toEqual([true, true, false, false]);
  });

  it('with a maximum age a token from the future opens up to 60 s ahead', () => {
    expect([-60, -61, -1e6].map((offset) => opens(offset, 60))).toEqual([true, false, false]);
  });

  it('V2: at rest neither age nor future is looked at', () => {
    expect([-1e9, 0, 1e9].map((offset) => opens(offset, null))).toEqual([true, true, true]);
  });

  it('the largest time a token can carry is the future, not an overflow', () => {
    const bytes = bytesOf(token).subarray(0, -32);
    bytes.fill(0xff, 1, 9);
    const late = signed(key, bytes);
    expect(() => openFernet(key, late, { nowMs: NOW_MS, maxAgeSeconds: 60 })).toThrow(FernetError);
    expect(openFernet(key, late, AT_REST).toString()).toBe('x');
  });
});

describe('faults of the caller', () => {
  it('a key or an iv of the wrong length is a RangeError, not a bad token', () => {
    expect(() => sealFernet(Buffer.alloc(16), Buffer.alloc(1), NOW_MS)).toThrow(RangeError);
    expect(() => openFernet(Buffer.alloc(33), 'x', AT_REST)).toThrow(RangeError);
    expect(() => sealFernet(Buffer.alloc(32), Buffer.alloc(1), NOW_MS, Buffer.alloc(12))).toThrow(RangeError);
  });
});

describe("interop with Python's cryptography", () => {
  const python = (script: string, input: unknown) =>
    spawnSync('python3', ['-c', script], { input: JSON.stringify(input), encoding: 'utf8', timeout: 20_000 });
  const there = python('import cryptography.fernet', null).status === 0;
  if (!there) console.log('skipped: python3 has no cryptography, so Fernet interop is not checked here');

  it.runIf(there)('V2: each opens what the other sealed', () => {
    const key = newFernetKey();
    const texts = ['', 'hello', 'é'.repeat(1000), 'x'.repeat(15), 'y'.repeat(16)];
    const script = [
      'import sys, json, base64',
      'from cryptography.fernet import Fernet',
      'given = json.load(sys.stdin); f = Fernet(given["key"])',
      'opened = [base64.b64encode(f.decrypt(t.encode())).decode() for t in given["tokens"]]',
      'sealed = [f.encrypt(t.encode()).decode() for t in given["texts"]]',
      'print(json.dumps({"opened": opened, "sealed": sealed}))',
    ].join('\n');
    const tokens = texts.map((text) => sealFernet(key, Buffer.from(text), NOW_MS));
    const result = python(script, { key: tokenOf(key), tokens, texts });
    expect(result.stderr).toBe('');
    const { opened, sealed } = JSON.parse(result.stdout) as { opened: string[]; sealed: string[] };
    expect(opened.map((text) => Buffer.from(text, 'base64').toString())).toEqual(texts);
    expect(sealed.map((token) => openFernet(key, token, AT_REST).toString())).toEqual(texts);
  });
});
