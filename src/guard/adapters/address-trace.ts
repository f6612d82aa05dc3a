import { HEADER } from '../../contract/headers.js';
import type { AddressTrace } from '../../contract/settings.js';
import type { ClientResolver } from '../client-ip.js';
import { readHeaders } from '../credential.js';
import { isNear } from '../forwarders.js';

/** Headers that proxies write to say where a request comes from. Only the first two are read for the address. */
const TOLD_BY_PROXIES: readonly string[] = [
  HEADER.forwardedFor,
  HEADER.realIp,
  HEADER.forwardedProto,
  HEADER.forwardedHost,
  'x-forwarded-port',
  'forwarded',
  'via',
  'cf-connecting-ip',
  'true-client-ip',
];
const MAX_VALUE_CHARACTERS = 500;

export interface Arrived {
  /** `null`: through the command socket. */
  readonly peerAddress: string | null;
  /** Name, value, name, value …, as they came. */
  readonly rawHeaders: readonly string[];
}

/**
 * How the address of whoever sent a request was found: what the socket and the headers said, what of it was believed,
 * and what is probably wrong with that.
 * @param trustProxy - `TRUST_PROXY` as it was set; `null`: it is not
 */
export function traceAddress(
  clients: ClientResolver,
  { peerAddress, rawHeaders }: Arrived,
  trustProxy: string | null,
): AddressTrace {
  const headers = toldByProxies(rawHeaders);
  const host = hostIn(rawHeaders);
  if (peerAddress === null) {
    const words = 'the command line on the host comes through the command socket, which no address reaches';
    return { address: 'socket', hops: [], words, headers, host, trustProxy, refusedBy: null, advice: null };
  }
  const { forwardedFor, realIp } = readHeaders(rawHeaders);
  const hops = clients.hops(peerAddress, forwardedFor, realIp);
  const client = clients.resolve(peerAddress, forwardedFor, realIp);
  const readFrom = new Set(hops.map(({ from }) => from));
  const peer = hops[0];
  return {
    address: client?.address ?? null,
    hops: hops.map((hop) => ({ ...hop })),
    words: clients.tell(peerAddress, forwardedFor, realIp),
    headers: headers.map((header) => ({ ...header, read: readFrom.has(header.name as 'x-real-ip') })),
    host,
    trustProxy,
    refusedBy: client?.refusedBy ?? null,
    advice: adviceOn(peer?.address ?? null, peer?.trusted ?? false, client?.address ?? null, headers),
  };
}

function adviceOn(
  peer: string | null,
  trusted: boolean,
  client: string | null,
  headers: AddressTrace['headers'],
): string | null {
  if (client === null)
    return 'What a trusted proxy says of the client is no address. Have it send X-Forwarded-For with addresses alone.';
  const forwards = headers.some(({ name }) => name === HEADER.forwardedFor || name === HEADER.realIp);
  if (!trusted && forwards && peer !== null && isNear(peer))
    return `${peer} says that it forwards for somebody else and is not believed. If it is your proxy, set TRUST_PROXY=${peer} and restart.`;
  if (trusted && !forwards)
    return `${peer} is trusted as a proxy and did not say for whom it asks: everybody behind it has its address. Have it send X-Forwarded-For.`;
  return null;
}

function hostIn(rawHeaders: readonly string[]): string | null {
  const at = rawHeaders.findIndex((name, index) => index % 2 === 0 && name.toLowerCase() === HEADER.host);
  return at < 0 ? null : (rawHeaders[at + 1] ?? '').slice(0, MAX_VALUE_CHARACTERS);
}

function toldByProxies(rawHeaders: readonly string[]): AddressTrace['headers'] {
  const told: AddressTrace['headers'] = [];
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index]?.toLowerCase() ?? '';
    if (TOLD_BY_PROXIES.includes(name))
      told.push({ name, value: (rawHeaders[index + 1] ?? '').slice(0, MAX_VALUE_CHARACTERS), read: false });
  }
  return told;
}
