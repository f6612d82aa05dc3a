import { isIP } from 'node:net';
import { type Network, networkCovers, parseAddress, parseNetwork } from '../kernel/addresses.js';

/** What one workspace may reach besides the public internet over TLS. Compiled once, never changed. */
export interface LanTargets {
  /** Whether an address that is not public may be reached. `host` is how it was named, in lower case. */
  admits(host: string, port: number, address: string): boolean;
  /** Whether plain HTTP may be spoken to what was named so: asked before any name is resolved. */
  allowsHttp(host: string, port: number): boolean;
}

/** Nothing but the public internet over TLS. */
export const NO_LAN: LanTargets = { admits: () => false, allowsHttp: () => false };

interface Entry {
  readonly http: boolean;
  readonly port: number | null;
  readonly where: { readonly host: string } | { readonly network: Network };
}

/** Wider ones would turn the guard off instead of opening a door in it. */
const WIDEST = { 4: 8, 6: 7 } as const;

const HOST = /^(?=.{1,253}$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$/;

/**
 * Reads entries such as `192.168.1.20`, `10.0.0.0/8`, `nas.lan:5001`, `[fd12::5]:443`, `http://ollama.lan:11434`.
 * Without a port every port is meant. `http://` also allows to speak without TLS, to a public host too.
 * @throws Error whose message says what is wrong with which entry
 */
export function compileLanTargets(entries: readonly string[]): LanTargets {
  const parsed = entries.map((text) => {
    try {
      return parseEntry(text);
    } catch (error) {
      throw new Error(`${JSON.stringify(text)} ${(error as Error).message}`);
    }
  });
  if (parsed.length === 0) return NO_LAN;
  const fits = ({ port: own, where }: Entry, host: string, port: number, address: string | null) =>
    (own === null || own === port) &&
    ('host' in where ? where.host === host : address !== null && isInside(where.network, address));
  return {
    admits: (host, port, address) => parsed.some((entry) => fits(entry, host, port, parseAddress(address))),
    allowsHttp: (host, port) => parsed.some((entry) => entry.http && fits(entry, host, port, parseAddress(host))),
  };
}

function isInside(network: Network, address: string): boolean {
  return networkCovers(network, parseNetwork(address));
}

function parseEntry(text: string): Entry {
  const http = text.startsWith('http://');
  const rest = http ? text.slice(7) : text;
  const [, bracketed, bare, digits] = /^(?:\[([^\]]*)\]|([^[\]]*?))(?::(\d{1,5}))?$/.exec(unbracketed(rest)) ?? [];
  const name = bracketed ?? bare ?? '';
  const port = digits === undefined ? null : Number(digits);
  if (port !== null && (port < 1 || port > 65_535)) throw new Error('has a port that is not 1 to 65535');
  if (isIP(name.split('/')[0] ?? '') !== 0) return { http, port, where: { network: readNetwork(name) } };
  // Digits and dots only, or a last label of digits: a host name that some resolvers read as an address.
  if (bracketed !== undefined || !HOST.test(name) || /(^|\.)(\d+|0x[0-9a-f]*)$/.test(name))
    throw new Error('is neither an address, a CIDR range nor a host name in lower case');
  return { http, port, where: { host: name } };
}

/** `fd12::/16` and `fd12::5` hold colons that are no port; written bare they have none. */
function unbracketed(text: string): string {
  return !text.startsWith('[') && isIP(text.split('/')[0] ?? '') === 6 ? `[${text}]` : text;
}

function readNetwork(text: string): Network {
  const network = parseNetwork(text);
  if (network.prefix < WIDEST[network.family])
    throw new Error(`is wider than /${WIDEST[network.family]}: name the networks that are yours`);
  return network;
}
