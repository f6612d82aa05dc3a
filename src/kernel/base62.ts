import { randomBytes } from 'node:crypto';

const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/** Writes a number in base62 (`0-9A-Za-z`), left-padded with `0` to `length` characters. */
export function toBase62(value: bigint, length: number): string {
  let rest = value;
  let text = '';
  while (rest > 0n) {
    text = ALPHABET[Number(rest % 62n)] + text;
    rest /= 62n;
  }
  return text.padStart(length, '0');
}

/** `byteCount` random bytes in base62: 32 bytes make 43 characters, 16 make 22. */
export function randomBase62(byteCount: number): string {
  const length = Math.ceil((byteCount * 8) / Math.log2(62));
  return toBase62(BigInt(`0x${randomBytes(byteCount).toString('hex')}`), length);
}
