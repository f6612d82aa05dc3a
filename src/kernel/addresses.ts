import { BlockList, isIP } from 'node:net';
import ipaddr from 'ipaddr.js';

/** A network: an address and how many of its leading bits count. IPv4 written as IPv6 is kept as IPv4. */
export interface Network {
  readonly family: 4 | 6;
  readonly address: string;
  readonly prefix: number;
}

/** ipaddr.js reads `::1.2.3.4` as `::ffff:1.2.3.4`; by its bits it is another address, so it never sees the dots. */
const DOTTED_TAIL = /\d+\.\d+\.\d+\.\d+$/;

function hexTail(dotted: string): string {
  const [a = 0, b = 0, c = 0, d = 0] = dotted.split('.').map(Number);
  return `${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}`;
}

/**
 * One spelling for one address: IPv4 written as IPv6 becomes IPv4, IPv6 is lower case and compressed.
 * `null` for anything that is not exactly an address: no port, no zone, no octal, no blanks.
 */
export function parseAddress(text: string): string | null {
  const family = isIP(text);
  if (family === 4) return text;
  // Zones (`fe80::1%eth0`) name an interface of this host, not an address somebody can be granted.
  if (family === 0 || text.includes('%')) return null;
  const parsed = ipaddr.IPv6.parse(text.replace(DOTTED_TAIL, hexTail));
  return parsed.isIPv4MappedAddress() ? parsed.toIPv4Address().toString() : parsed.toString();
}

/**
 * Reads `10.0.0.7`, `10.0.0.0/8`, `2001:db8::/32`.
 * @throws Error whose message says what is wrong with the entry; mapped prefixes under 96 are refused,
 *   since `::ffff:10.0.0.0/8` would match every IPv4 address (CVE-2026-90711)
 */
export function parseNetwork(text: string): Network {
  const [host = '', bits, ...rest] = text.split('/');
  const family = isIP(host);
  const address = parseAddress(host);
  if (family === 0 || address === null || rest.length > 0) throw new Error('is not an address or CIDR range');
  const widest = family === 4 ? 32 : 128;
  if (bits !== undefined && !/^(0|[1-9]\d{0,2})$/.test(bits))
    throw new Error(`has a prefix that is not 0 to ${widest}`);
  const prefix = bits === undefined ? widest : Number(bits);
  if (prefix > widest) throw new Error(`has a prefix over ${widest}`);
  if (family === 6 && isIP(address) === 4) {
    if (prefix < 96) throw new Error('is IPv4 written as IPv6 with a prefix under 96: write it as IPv4');
    return { family: 4, address, prefix: prefix - 96 };
  }
  return { family: family === 4 ? 4 : 6, address, prefix };
}

/** Whether every address of `inner` is in `outer`. */
export function networkCovers(outer: Network, inner: Network): boolean {
  if (outer.family !== inner.family || outer.prefix > inner.prefix) return false;
  return ipaddr.parse(inner.address).match(ipaddr.parse(outer.address) as ipaddr.IPv4 & ipaddr.IPv6, outer.prefix);
}

/** What callers are counted by when nothing better is known: the address, for IPv6 its /56 (one customer). */
export function addressBucket(address: string): string {
  if (isIP(address) !== 6) return address;
  const bytes = ipaddr.IPv6.parse(address).toByteArray().fill(0, 7);
  return `${ipaddr.fromByteArray(bytes).toString()}/56`;
}

const CACHE_ENTRIES = 4096;

/** A compiled list of networks. `BlockList.check` takes 10–20 µs, so answers are kept by address. */
export class AddressSet {
  /** One list a family: in a shared one `::/0` would match every IPv4 address too. */
  readonly #blocks = { ipv4: new BlockList(), ipv6: new BlockList() };
  readonly #known = new Map<string, boolean>();

  constructor(networks: readonly Network[]) {
    for (const { family, address, prefix } of networks) {
      const name = family === 4 ? 'ipv4' : 'ipv6';
      this.#blocks[name].addSubnet(address, prefix, name);
    }
  }

  /** `address` as {@link parseAddress} spells it. */
  has(address: string): boolean {
    let answer = this.#known.get(address);
    if (answer === undefined) {
      const name = isIP(address) === 6 ? 'ipv6' : 'ipv4';
      answer = this.#blocks[name].check(address, name);
      if (this.#known.size >= CACHE_ENTRIES) this.#known.clear();
      this.#known.set(address, answer);
    }
    return answer;
  }
}
