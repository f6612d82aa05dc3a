import { AddressSet, parseAddress, parseNetwork } from '../kernel/addresses.js';
import type { ClientResolver } from './client-ip.js';

/** Where a proxy of one's own stands: this machine, and private networks. */
const NEAR = new AddressSet(
  ['127.0.0.0/8', '::1/128', '10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', 'fc00::/7'].map(parseNetwork),
);
const MAX_NOTED = 20;

/** Whether a proxy of one's own may stand at an address: strangers on the internet send such headers for nothing. */
export function isNear(address: string): boolean {
  return NEAR.has(address);
}

/** Peers nearby that say they forward for others and are not believed: probably a proxy that TRUST_PROXY forgot. */
export class Forwarders {
  readonly #clients: ClientResolver;
  readonly #noted = new Set<string>();

  constructor(clients: ClientResolver) {
    this.#clients = clients;
  }

  /** Notes the peer of a request with a forwarding header. */
  note(peerAddress: string | undefined): void {
    if (peerAddress === undefined || this.#noted.size >= MAX_NOTED || this.#clients.trustsPeer(peerAddress)) return;
    const address = parseAddress(peerAddress);
    if (address !== null && isNear(address)) this.#noted.add(address);
  }

  /** Since the start. */
  get untrusted(): readonly string[] {
    return [...this.#noted];
  }
}
