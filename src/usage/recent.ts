import type { Outcome } from '../contract/codes.js';
import { REQUESTS_KEPT, REQUESTS_KEPT_PER_KEY } from '../contract/requests.js';
import type { CallerKind } from '../contract/usage.js';
import type { Principal } from '../kernel/principal.js';

/** Keys with a list of their own; what came beyond is in the list of everybody only. Bounds memory: some 5 MB. */
const MAX_KEYS = 500;

/** One request that was answered. Slots are used again and again, so nothing is made for a request once they are full. */
export interface Seen {
  /** Counts from 1; 0: nothing is here yet. */
  seq: number;
  atMs: number;
  requestId: string;
  method: string;
  route: string;
  outcome: Outcome;
  status: number;
  kind: CallerKind;
  /** `''`: nobody that is known. */
  principalId: string;
  keyId: string | null;
  organizationId: string | null;
  address: string | null;
  /** The digest of the secret that was shown; `null`: none was, or it was a JWT. */
  secret: string | null;
  durationMs: number;
}

/** What a door knows of a request besides what is counted. */
export interface AnsweredAs {
  readonly requestId: string;
  readonly method: string;
  readonly status: number;
  /** The client's; `null`: it was not found. */
  readonly address: string | null;
  /** The digest of the secret that was shown; `null`: none was, or it was a JWT. */
  readonly secret: string | null;
}

/** The newest requests, the oldest overwritten first. */
class Ring {
  readonly #slots: Seen[] = [];
  readonly #most: number;
  #next = 0;

  constructor(most: number) {
    this.#most = most;
  }

  /** The slot to be written to next. */
  take(): Seen {
    let slot = this.#slots[this.#next];
    if (slot === undefined) {
      slot = emptySlot();
      this.#slots.push(slot);
    }
    this.#next = this.#next + 1 === this.#most ? 0 : this.#next + 1;
    return slot;
  }

  *newestFirst(): Iterable<Seen> {
    const { length } = this.#slots;
    for (let back = 1; back <= length; back += 1) yield this.#slots[(this.#next - back + length) % length] as Seen;
  }
}

class KeyRing extends Ring {
  /** A secret of this key was used for the first time, by a request that is not answered yet. */
  isNew = false;
  watchers = 0;
}

/**
 * Requests that were answered lately: the last 2,000 of all, and the last 50 of each key, which a busy one does not push
 * out. In memory alone. What people read and write in Gatehouse itself is left out unless it was refused: the pages they
 * look at would fill the list.
 */
export class RecentRequests {
  /** Called for a request of a key that is watched, or with a secret that was never used before. */
  onRequest: (seen: Seen, isFirst: boolean) => void = () => {};
  readonly #all = new Ring(REQUESTS_KEPT);
  readonly #byKey = new Map<string, KeyRing>();
  #seq = 0;
  /** Most requests in a row are one caller's. */
  #lastId = '';
  #lastRing: KeyRing | null = null;

  record(
    principal: Principal | null,
    route: string,
    outcome: Outcome,
    durationMs: number,
    as: AnsweredAs,
    nowMs: number,
  ): void {
    if (principal !== null && isHousekeeping(principal, route, outcome)) return;
    this.#seq += 1;
    const slot = this.#all.take();
    write(slot, this.#seq, nowMs, principal, route, outcome, durationMs, as);
    if (principal === null || !hasOwnList(principal)) return;
    const ring = principal.id === this.#lastId ? (this.#lastRing as KeyRing) : this.#ringOf(principal.id);
    write(ring.take(), this.#seq, nowMs, principal, route, outcome, durationMs, as);
    if (!ring.isNew && ring.watchers === 0) return;
    const { isNew } = ring;
    ring.isNew = false;
    this.onRequest(slot, isNew);
  }

  /** The next answered request of this key is its first one, or the first with a new secret. */
  expectFirst(keyId: string): void {
    this.#ringOf(keyId).isNew = true;
  }

  /** From now on every request of this key is told. @returns how to stop it */
  watch(keyId: string): () => void {
    const ring = this.#ringOf(keyId);
    ring.watchers += 1;
    return () => {
      ring.watchers -= 1;
    };
  }

  /** Newest first. @param keyId - of one key, or `env:…` */
  newestFirst(keyId?: string): Iterable<Seen> {
    if (keyId === undefined) return this.#all.newestFirst();
    const own = this.#byKey.get(keyId)?.newestFirst() ?? [];
    const bySeq = new Map<number, Seen>();
    for (const seen of this.#all.newestFirst()) if (seen.principalId === keyId) bySeq.set(seen.seq, seen);
    for (const seen of own) bySeq.set(seen.seq, seen);
    return [...bySeq.values()].sort((left, right) => right.seq - left.seq);
  }

  #ringOf(id: string): KeyRing {
    let ring = this.#byKey.get(id);
    if (ring === undefined) {
      if (this.#byKey.size >= MAX_KEYS) this.#makeRoom();
      ring = new KeyRing(REQUESTS_KEPT_PER_KEY);
      this.#byKey.set(id, ring);
    }
    this.#lastId = id;
    this.#lastRing = ring;
    return ring;
  }

  /** The one that was met first goes, unless somebody looks at it. */
  #makeRoom(): void {
    for (const [id, { watchers }] of this.#byKey) {
      if (watchers > 0) continue;
      this.#byKey.delete(id);
      return;
    }
  }
}

function isHousekeeping({ kind }: Principal, route: string, outcome: Outcome): boolean {
  return (kind === 'user' || kind === 'local') && outcome === 'ALLOWED' && !route.startsWith('upstream ');
}

function hasOwnList({ kind }: Principal): boolean {
  return kind !== 'user' && kind !== 'local' && kind !== 'anonymous';
}

function emptySlot(): Seen {
  return {
    seq: 0,
    // Not whole: the field then holds a double from the beginning, and writing the time makes nothing.
    atMs: 0.5,
    requestId: '',
    method: '',
    route: '',
    outcome: 'ALLOWED',
    status: 0,
    kind: 'unknown',
    principalId: '',
    keyId: null,
    organizationId: null,
    address: null,
    secret: null,
    durationMs: 0.5,
  };
}

function write(
  slot: Seen,
  seq: number,
  atMs: number,
  principal: Principal | null,
  route: string,
  outcome: Outcome,
  durationMs: number,
  as: AnsweredAs,
): void {
  slot.seq = seq;
  slot.atMs = atMs;
  slot.requestId = as.requestId;
  slot.method = as.method;
  slot.route = route;
  slot.outcome = outcome;
  slot.status = as.status;
  slot.kind = principal === null ? 'unknown' : principal.kind;
  slot.principalId = principal === null ? '' : principal.id;
  slot.keyId = principal === null ? null : principal.keyId;
  slot.organizationId = principal === null ? null : principal.organizationId;
  slot.address = as.address;
  slot.secret = as.secret;
  slot.durationMs = durationMs;
}
