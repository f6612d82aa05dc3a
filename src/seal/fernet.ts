import { createCipheriv, createDecipheriv, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

/** A Fernet key: the first 16 bytes sign, the last 16 encrypt. */
export const FERNET_KEY_BYTES = 32;

/** The one failure of opening. It says nothing of which check failed, so that nothing can be probed through it. */
export class FernetError extends Error {
  constructor() {
    super('The token does not open.');
    this.name = 'FernetError';
  }
}

export function newFernetKey(): Buffer {
  return randomBytes(FERNET_KEY_BYTES);
}

/**
 * Seals bytes as a Fernet token: base64url with padding, readable by every implementation of the specification.
 * The time inside (whole seconds of `nowMs`) is readable without the key.
 * @param iv - 16 bytes, only for test vectors; left out, they are random
 * @throws RangeError for a key that is not 32 bytes or an iv that is not 16: a fault of the caller
 * @see https://github.com/fernet/spec/blob/master/Spec.md
 */
export function sealFernet(key: Buffer, plaintext: Buffer, nowMs: number, iv: Buffer = randomBytes(IV_BYTES)): string {
  const { signing, encryption } = splitKey(key);
  if (iv.length !== IV_BYTES) throw new RangeError('a Fernet iv is 16 bytes');
  const head = Buffer.alloc(IV_OFFSET);
  head[0] = VERSION;
  head.writeBigUInt64BE(BigInt(Math.floor(nowMs / 1000)), 1);
  const cipher = createCipheriv('aes-128-cbc', encryption, iv);
  const signed = Buffer.concat([head, iv, cipher.update(plaintext), cipher.final()]);
  return encode(Buffer.concat([signed, mac(signing, signed)]));
}

/**
 * Opens a Fernet token.
 * @param token - base64url with padding and nothing else around it, at least 73 bytes once decoded
 * @param options.maxAgeSeconds - refuse older tokens, and tokens more than 60 s from the future;
 *   `null` (values at rest) means that time is not looked at, as in Python's `cryptography` without a ttl
 * @throws FernetError for every failure alike
 * @throws RangeError for a key that is not 32 bytes: a fault of the caller
 */
export function openFernet(
  key: Buffer,
  token: string,
  options: { readonly nowMs: number; readonly maxAgeSeconds: number | null },
): Buffer {
  const { signing, encryption } = splitKey(key);
  const bytes = decode(token);
  if (bytes.length < MIN_BYTES || bytes[0] !== VERSION) throw new FernetError();
  const signed = bytes.subarray(0, -MAC_BYTES);
  if ((signed.length - CIPHERTEXT_OFFSET) % BLOCK_BYTES !== 0) throw new FernetError();
  // Authenticate first: nothing a forger wrote is decrypted, unpadded or read as a time.
  if (!timingSafeEqual(mac(signing, signed), bytes.subarray(-MAC_BYTES))) throw new FernetError();
  if (options.maxAgeSeconds !== null) requireFresh(signed.readBigUInt64BE(1), options.nowMs, options.maxAgeSeconds);
  return decrypt(encryption, signed);
}

const VERSION = 0x80;
const IV_OFFSET = 9;
const IV_BYTES = 16;
const CIPHERTEXT_OFFSET = IV_OFFSET + IV_BYTES;
const BLOCK_BYTES = 16;
const MAC_BYTES = 32;
const MIN_BYTES = CIPHERTEXT_OFFSET + BLOCK_BYTES + MAC_BYTES;
const MAX_SKEW_SECONDS = 60;

function splitKey(key: Buffer): { signing: Buffer; encryption: Buffer } {
  if (key.length !== FERNET_KEY_BYTES) throw new RangeError('a Fernet key is 32 bytes');
  return { signing: key.subarray(0, 16), encryption: key.subarray(16) };
}

function mac(signing: Buffer, signed: Buffer): Buffer {
  return createHmac('sha256', signing).update(signed).digest();
}

function encode(bytes: Buffer): string {
  // Node's 'base64url' leaves the padding out; Fernet keeps it.
  return bytes.toString('base64').replaceAll('+', '-').replaceAll('/', '_');
}

function decode(token: string): Buffer {
  // Node's decoder skips foreign characters and accepts both alphabets, so one value would have many spellings:
  // only the spelling that we would write ourselves is taken.
  const bytes = Buffer.from(token, 'base64url');
  if (encode(bytes) !== token) throw new FernetError();
  return bytes;
}

function requireFresh(sealedAtSeconds: bigint, nowMs: number, maxAgeSeconds: number): void {
  const now = Math.floor(nowMs / 1000);
  const sealedAt = Number(sealedAtSeconds);
  if (sealedAt + maxAgeSeconds < now || sealedAt > now + MAX_SKEW_SECONDS) throw new FernetError();
}

function decrypt(encryption: Buffer, signed: Buffer): Buffer {
  const decipher = createDecipheriv('aes-128-cbc', encryption, signed.subarray(IV_OFFSET, CIPHERTEXT_OFFSET));
  try {
    // OpenSSL checks every byte of the PKCS#7 padding and throws when one is wrong.
    return Buffer.concat([decipher.update(signed.subarray(CIPHERTEXT_OFFSET)), decipher.final()]);
  } catch {
    throw new FernetError();
  }
}
