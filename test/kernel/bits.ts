import fc from 'fast-check';
import type { Network } from '../../src/kernel/addresses.js';

/** A second, plain implementation of networks: addresses as numbers, compared bit by bit. */

export function v4Text(bits: bigint): string {
  return [24n, 16n, 8n, 0n].map((shift) => String((bits >> shift) & 255n)).join('.');
}

/** All eight groups, nothing compressed. */
export function v6Text(bits: bigint): string {
  return Array.from({ length: 8 }, (_, index) => ((bits >> BigInt(112 - 16 * index)) & 0xffffn).toString(16)).join(':');
}

export function bitsOf(address: string): { family: 4 | 6; bits: bigint } {
  if (!address.includes(':')) {
    return { family: 4, bits: address.split('.').reduce((sum, part) => sum * 256n + BigInt(part), 0n) };
  }
  const [head = '', tail] = address.split('::');
  const groups = (text: string) => (text === '' ? [] : text.split(':'));
  const left = groups(head);
  const right = tail === undefined ? [] : groups(tail);
  const all = [...left, ...Array<string>(8 - left.length - right.length).fill('0'), ...right];
  return { family: 6, bits: all.reduce((sum, group) => sum * 65_536n + BigInt(`0x${group}`), 0n) };
}

export function coversByBits(outer: Network, inner: Network): boolean {
  if (outer.family !== inner.family || outer.prefix > inner.prefix) return false;
  const width = outer.family === 4 ? 32 : 128;
  const dropped = BigInt(width - outer.prefix);
  return bitsOf(outer.address).bits >> dropped === bitsOf(inner.address).bits >> dropped;
}

/** Not the mapped range: those are IPv4 and never kept as IPv6. */
const v6Bits = fc.bigInt(0n, (1n << 128n) - 1n).filter((bits) => bits >> 32n !== 0xffffn);

export const networks: fc.Arbitrary<Network> = fc.oneof(
  fc
    .tuple(fc.bigInt(0n, 0xffff_ffffn), fc.nat(32))
    .map(([bits, prefix]): Network => ({ family: 4, address: v4Text(bits), prefix })),
  fc.tuple(v6Bits, fc.nat(128)).map(([bits, prefix]): Network => ({ family: 6, address: v6Text(bits), prefix })),
);

/** An address inside the network, or one that differs from it in the last bit that counts. */
export function addressIn({ family, address, prefix }: Network): fc.Arbitrary<string> {
  const width = family === 4 ? 32 : 128;
  const free = BigInt(width - prefix);
  const base = (bitsOf(address).bits >> free) << free;
  const text = family === 4 ? v4Text : v6Text;
  return fc
    .tuple(fc.bigInt(0n, (1n << free) - 1n), fc.boolean())
    .map(([tail, outside]) => (base | tail) ^ (outside && prefix > 0 ? 1n << free : 0n))
    .filter((bits) => family === 4 || bits >> 32n !== 0xffffn)
    .map(text);
}
