import { hash, timingSafeEqual } from 'node:crypto';

/** SHA-256 of a text as base64url without padding: how secrets of ours are stored and looked up. */
export function sha256(text: string): string {
  return hash('sha256', text, 'base64url');
}

export function sha256Bytes(text: string): Buffer {
  return hash('sha256', text, 'buffer');
}

/** Constant-time compare of two digests of the same algorithm. */
export function equalDigests(left: Buffer, right: Buffer): boolean {
  return left.length === right.length && timingSafeEqual(left, right);
}
