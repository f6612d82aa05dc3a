import { AddressSet, addressBucket, type Network, parseAddress } from '../kernel/addresses.js';

/** Which hops before us may speak for the client. `null`: none. */
export type TrustProxy =
  | { readonly kind: 'networks'; readonly networks: readonly Network[] }
  | { readonly kind: 'hops'; readonly count: number }
  | null;

/** A client's address, and what depends on nothing else. One object for one client, shared by its requests. */
export interface Client {
  readonly address: string;
  /** What it is counted by without a key: the address, for IPv6 its /56. */
  readonly bucket: string;
  /** Which list keeps it out; `null`: none. */
  readonly refusedBy: Allowlist | null;
}

/** The lists an address has to pass: that of the environment, and the one that operators keep. */
export type Allowlist = 'ALLOWED_IPS' | 'the network settings';

/** A hop on the way from us to the client. */
export interface Hop {
  readonly from: 'peer' | 'x-forwarded-for' | 'x-real-ip';
  /** `null`: what stands there is no address. */
  readonly address: string | null;
  /** Whether it is believed what it says of the hop before. */
  readonly trusted: boolean;
}

const CACHE_ENTRIES = 8192;
const MAX_HOPS = 32;
const MAX_FORWARDED_CHARACTERS = 2048;

/**
 * Finds the client's address: the socket's peer, or, while the hop that speaks is trusted, what it says in
 * `X-Forwarded-For` (read from the right, so a client cannot choose) or else in `X-Real-IP`.
 * The only place that reads forwarding headers.
 */
export class ClientResolver {
  readonly #trust: TrustProxy;
  readonly #trusted: AddressSet | null;
  readonly #allowlist: AddressSet | null;
  #saved: AddressSet | null = null;
  /** By peer, then by what it said of the client. */
  readonly #known = new Map<string, Map<string, Client>>();
  #knownCount = 0;
  readonly #peers = new Map<string, boolean>();

  /** @param allowlist - `ALLOWED_IPS`; `null`: every address */
  constructor(trust: TrustProxy, allowlist: AddressSet | null) {
    this.#trust = trust;
    this.#trusted = trust?.kind === 'networks' ? new AddressSet(trust.networks) : null;
    this.#allowlist = allowlist;
  }

  /** Whether forwarding headers matter at all; when not, the caller need not look for them. */
  get readsHeaders(): boolean {
    return this.#trust !== null;
  }

  /** `null`: no usable address, and the request must be refused. */
  resolve(peer: string | undefined, forwardedFor: string | undefined, realIp: string | undefined): Client | null {
    if (peer === undefined) return null;
    const said = this.#trust === null ? undefined : (forwardedFor ?? realIp);
    if (said !== undefined && said.length > MAX_FORWARDED_CHARACTERS) return null;
    // No header holds a line break, so the three never read alike.
    const saying = said === undefined ? '\n' : forwardedFor === undefined ? `\n${said}` : said;
    const ofPeer = this.#known.get(peer);
    const known = ofPeer?.get(saying);
    if (known !== undefined) return known;

    const address = this.#find(peer, forwardedFor, realIp);
    if (address === null) return null;
    const client = this.clientAt(address);
    this.#remember(peer, saying, client);
    return client;
  }

  /** From now on an address has to pass this list too; `null`: none is kept. */
  useSaved(list: AddressSet | null): void {
    this.#saved = list;
    this.#forget();
  }

  #remember(peer: string, saying: string, client: Client): void {
    if (this.#knownCount >= CACHE_ENTRIES) this.#forget();
    const ofPeer = this.#known.get(peer) ?? new Map<string, Client>();
    ofPeer.set(saying, client);
    this.#known.set(peer, ofPeer);
    this.#knownCount += 1;
  }

  #forget(): void {
    this.#known.clear();
    this.#knownCount = 0;
  }

  #refusedBy(address: string): Allowlist | null {
    if (this.#allowlist !== null && !this.#allowlist.has(address)) return 'ALLOWED_IPS';
    return this.#saved !== null && !this.#saved.has(address) ? 'the network settings' : null;
  }

  /** The client at a known address, as {@link parseAddress} spells it. */
  clientAt(address: string): Client {
    return { address, bucket: addressBucket(address), refusedBy: this.#refusedBy(address) };
  }

  /** Which lists there are, in words for a trace of an address that passed them. */
  tellLists(address: string): string {
    const kept = this.#saved === null ? '' : `, and the network settings hold ${address}`;
    return `ALLOWED_IPS ${this.#allowlist === null ? 'admits every address' : `holds ${address}`}${kept}`;
  }

  /** How `resolve` comes to its answer, hop by hop in words, for a trace. What is no address is not repeated. */
  tell(peer: string | undefined, forwardedFor: string | undefined, realIp: string | undefined): string {
    if (peer === undefined) return 'the peer of the socket is gone';
    const said = forwardedFor ?? realIp ?? '';
    if (this.#trust !== null && said.length > MAX_FORWARDED_CHARACTERS)
      return `the forwarding header is longer than ${MAX_FORWARDED_CHARACTERS} characters`;
    const told: string[] = [];
    this.#find(peer, forwardedFor, realIp, told);
    return told.join('; ');
  }

  /** The hops that `resolve` reads, in its order; the last one is the client. */
  hops(peer: string | undefined, forwardedFor: string | undefined, realIp: string | undefined): Hop[] {
    const hops: Hop[] = [];
    if (peer !== undefined) this.#find(peer, forwardedFor, realIp, undefined, hops);
    return hops;
  }

  /**
   * @param told - gets the words of {@link tell}; without it none are made
   * @param hops - gets those of {@link hops}
   */
  #find(
    peer: string,
    forwardedFor: string | undefined,
    realIp: string | undefined,
    told?: string[],
    hops?: Hop[],
  ): string | null {
    const socket = parseAddress(peer.split('%', 1)[0] ?? '');
    const isTrusted = socket !== null && this.#trusts(socket, 0);
    hops?.push({ from: 'peer', address: socket, trusted: isTrusted });
    if (socket === null) return null;
    if (!isTrusted) {
      told?.push(`the peer of the socket is ${socket}`);
      if (forwardedFor !== undefined || realIp !== undefined)
        told?.push('its forwarding headers are ignored: it is not in TRUST_PROXY');
      return socket;
    }
    told?.push(`the peer of the socket, ${socket}, is in TRUST_PROXY`);
    if (forwardedFor === undefined) {
      if (realIp === undefined) {
        told?.push('it sent no forwarding header');
        return socket;
      }
      const address = parseAddress(realIp.trim());
      hops?.push({ from: 'x-real-ip', address, trusted: false });
      told?.push(`its X-Real-IP says ${address ?? 'something that is no address'}`);
      return address;
    }
    const named = forwardedFor.split(',');
    if (named.length > MAX_HOPS) {
      told?.push(`its X-Forwarded-For names more than ${MAX_HOPS} hops`);
      return null;
    }
    let address = socket;
    let index = 0;
    for (const hop of named.reverse()) {
      index += 1;
      const next = parseAddress(hop.trim());
      if (next === null) {
        hops?.push({ from: 'x-forwarded-for', address: null, trusted: false });
        // What a trusted hop wrote is not an address: no guess is safe.
        told?.push(`in X-Forwarded-For, ${index} from the right, stands something that is no address`);
        return null;
      }
      address = next;
      const trusted = this.#trusts(address, index);
      hops?.push({ from: 'x-forwarded-for', address, trusted });
      told?.push(`X-Forwarded-For, ${index} from the right: ${address}${trusted ? ', in TRUST_PROXY too' : ''}`);
      if (!trusted) break;
    }
    return address;
  }

  /** Whether what the peer says about the request before it is believed. */
  trustsPeer(peer: string | undefined): boolean {
    if (peer === undefined || this.#trust === null) return false;
    let trusted = this.#peers.get(peer);
    if (trusted === undefined) {
      const address = parseAddress(peer.split('%', 1)[0] ?? '');
      trusted = address !== null && this.#trusts(address, 0);
      if (this.#peers.size >= CACHE_ENTRIES) this.#peers.clear();
      this.#peers.set(peer, trusted);
    }
    return trusted;
  }

  /** `index` counts hops from us: 0 is the socket's peer. */
  #trusts(address: string, index: number): boolean {
    if (this.#trust === null) return false;
    return this.#trust.kind === 'hops' ? index < this.#trust.count : (this.#trusted?.has(address) ?? false);
  }
}
