import ipaddr from 'ipaddr.js';
import { parseAddress } from '../kernel/addresses.js';

/**
 * Where an address leads. `public`: global unicast. `local`: this host, a LAN, or a way into one; only where a list
 * allows it. `never`: whatever a list says.
 */
export type Reach = 'public' | 'local' | 'never';

/** Metadata services of clouds hand out the machine's own credentials. Not all of them are link-local. */
const METADATA = new Set([
  '100.100.100.200', // Alibaba
  '192.0.0.192', // Oracle
  '168.63.129.16', // Azure's wire server, a public address
  'fd00:ec2::254', // AWS
  'fd00:ec2::23', // AWS, for pods
  'fd20:ce::254', // Google
]);

/** Ranges that carry no service of anybody's, or every host's own (169.254.169.254 is link-local). */
const NEVER = new Set(['linkLocal', 'unspecified', 'multicast', 'broadcast']);

/** @param text - an address; anything else is `never` */
export function reachOf(text: string): Reach {
  const address = parseAddress(text);
  if (address === null) return 'never';
  const parsed = ipaddr.parse(address);
  if (parsed instanceof ipaddr.IPv4) return reachOfV4(parsed);
  if (METADATA.has(address) || NEVER.has(parsed.range())) return 'never';
  const inside = parsed.range() === 'loopback' ? null : embedded(parsed);
  if (inside !== null) return reachOfV4(inside) === 'never' ? 'never' : 'local';
  // ipaddr.js calls "unicast" whatever no table names; only 2000::/3 is handed out.
  return parsed.range() === 'unicast' && (parsed.parts[0] as number) >> 13 === 1 ? 'public' : 'local';
}

function reachOfV4(address: ipaddr.IPv4): Reach {
  const range = address.range();
  if (METADATA.has(address.toString()) || NEVER.has(range)) return 'never';
  return range === 'unicast' ? 'public' : 'local';
}

/** The IPv4 address that a translator or tunnel would make of it: NAT64, 6to4, Teredo, and the old `::a.b.c.d`. */
function embedded(address: ipaddr.IPv6): ipaddr.IPv4 | null {
  const bytes = address.toByteArray();
  const v4 = (from: number, mask = 0) => new ipaddr.IPv4(bytes.slice(from, from + 4).map((byte) => byte ^ mask));
  switch (address.range()) {
    case 'rfc6052':
    case 'rfc6145':
      return v4(12);
    case '6to4':
      return v4(2);
    case 'teredo':
      return v4(12, 0xff);
    default:
      return bytes.slice(0, 12).every((byte) => byte === 0) ? v4(12) : null;
  }
}
