import type { SessionView } from '../../contract/auth.js';
import { randomBase62 } from '../../kernel/base62.js';
import { type Clock, toIso } from '../../kernel/clock.js';
import { equalDigests, sha256 } from '../../kernel/digest.js';
import { describeError, type Logger } from '../../kernel/logger.js';
import type { Principal } from '../../kernel/principal.js';
import type { Collection, Draft } from '../../store/collection.js';
import type { UserRecord } from '../users/record.js';
import { principalOfUser } from '../users/user-principal.js';
import { LastSeen } from './last-seen.js';
import type { SessionRecord } from './record.js';
import { SessionIndex } from './session-index.js';

/** Unused for so long, a session is over: a browser on a shared machine is forgotten, a weekend away is not. */
export const IDLE_MS = 7 * 86_400_000;
/** However much it is used, somebody proves who they are once a month. */
export const ABSOLUTE_MS = 30 * 86_400_000;
/** At once, for one user; the one that was not seen for longest goes. A script that signs in for every call must not fill the file. */
const MAX_SESSIONS = 50;

export interface SessionsOptions {
  readonly records: Collection<SessionRecord>;
  readonly users: { get(id: string): UserRecord | undefined };
  /** Whether somebody may be signed in now. */
  readonly maySignIn: (user: UserRecord) => boolean;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Where somebody signs in from. */
export interface Origin {
  readonly address: string;
  /** In words, as `describeDevice` gives it. */
  readonly device: string;
}

/** A new session and its secret, which is kept nowhere. */
export interface StartedSession {
  readonly record: SessionRecord;
  /** The cookie's value, or the refresh token. */
  readonly secret: string;
}

/** What became of a refresh token. `replayed`: it was spent before, and its session has ended. */
export type Rotation =
  | { readonly kind: 'rotated'; readonly record: SessionRecord; readonly refreshToken: string }
  | { readonly kind: 'unknown' }
  | { readonly kind: 'replayed'; readonly record: SessionRecord };

/** Who is signed in, and where. Fits the guard's `SessionLookup`. */
export class Sessions {
  readonly #o: SessionsOptions;
  readonly #index: SessionIndex;
  readonly #seen: LastSeen;
  /** Made anew when the record of the user has changed. */
  readonly #principals = new Map<string, { readonly user: UserRecord; readonly principal: Principal }>();

  constructor(options: SessionsOptions) {
    this.#o = options;
    this.#index = new SessionIndex(options.records);
    this.#seen = new LastSeen(options);
    options.records.subscribe((changes) => {
      for (const { id, after } of changes) if (after === undefined) this.#principals.delete(id);
    });
  }

  /** Why nobody can be signed in now, or `null`. */
  get fault(): string | null {
    return this.#o.records.fault;
  }

  /**
   * Signs somebody in: a new id and a new secret at every login, so that no session that was there before is raised.
   * @param user - as they were when they proved who they are; when what proves it was changed meanwhile, or a passkey
   *   taken away, nothing is started
   * @returns `undefined` for that
   */
  async start(
    id: string,
    user: UserRecord,
    kind: SessionRecord['kind'],
    from: Origin,
  ): Promise<StartedSession | undefined> {
    const nowMs = this.#o.clock.nowMs();
    const [family, secret] = [randomBase62(32), randomBase62(32)];
    const record: SessionRecord = {
      id,
      userId: user.id,
      kind,
      digest: sha256(secret),
      family: kind === 'token' ? sha256(family) : null,
      createdAt: toIso(nowMs),
      lastSeenAt: toIso(nowMs),
      provenAt: toIso(nowMs),
      expiresAt: toIso(nowMs + ABSOLUTE_MS),
      ...from,
    };
    const isCurrent = () => {
      const now = this.#o.users.get(user.id);
      return now !== undefined && holdsProofsOf(now, user) && this.#o.maySignIn(now);
    };
    const started = await this.#o.records.change((draft) => {
      if (!isCurrent()) return false;
      this.#makeRoom(draft, user.id);
      draft.put(record);
      return true;
    });
    if (!started) return undefined;
    return { record, secret: kind === 'cookie' ? secret : `${id}.${family}.${secret}` };
  }

  find(digest: string, nowMs: number): { readonly principal: Principal; readonly sessionId: string } | undefined {
    const record = this.#index.byCookie(digest);
    const principal = record === undefined ? undefined : this.#principalOf(record, nowMs);
    return record === undefined || principal === undefined ? undefined : { principal, sessionId: record.id };
  }

  /** Who an access token speaks for: it lives only as long as its session. */
  principalOf(sessionId: string, userId: string): Principal | undefined {
    const record = this.#index.get(sessionId);
    if (record === undefined || record.userId !== userId) return undefined;
    return this.#principalOf(record, this.#o.clock.nowMs());
  }

  touch(sessionId: string, nowMs: number, address: string): void {
    this.#seen.touch(sessionId, nowMs, address);
  }

  /** When the person of a session last proved who they are. `undefined`: there is no such session now. */
  provenAtMs(id: string): number | undefined {
    const record = this.get(id);
    return record === undefined ? undefined : Date.parse(provenAtOf(record));
  }

  /** Notes that the person of a session has just proved who they are. `undefined`: the session has ended meanwhile. */
  async prove(id: string): Promise<string | undefined> {
    const provenAt = toIso(this.#o.clock.nowMs());
    return this.#o.records.change((draft) => {
      const record = draft.get(id);
      if (record === undefined) return undefined;
      draft.put({ ...record, provenAt });
      return provenAt;
    });
  }

  /** Trades a refresh token for the next one. Of two that come at once one is the replay, and ends the session. */
  async rotate(refreshToken: string, address: string): Promise<Rotation> {
    const [, id = '', family = '', secret = ''] =
      /^(ses_[0-9A-Za-z]{22})\.([0-9A-Za-z]{43})\.([0-9A-Za-z]{43})$/.exec(refreshToken) ?? [];
    const found = this.#index.get(id);
    // Without the family's secret nobody ever had a token of this session, and may not end it by guessing its id.
    if (found === undefined || found.family === null || !isSame(found.family, family)) return { kind: 'unknown' };
    const nowMs = this.#o.clock.nowMs();
    const next = randomBase62(32);
    return this.#o.records.change((draft): Rotation => {
      const record = draft.get(id);
      if (record === undefined || this.#principalOf(record, nowMs) === undefined) return { kind: 'unknown' };
      if (!isSame(record.digest, secret)) {
        draft.remove(id);
        return { kind: 'replayed', record };
      }
      const rotated = { ...record, digest: sha256(next), lastSeenAt: toIso(nowMs), address };
      draft.put(rotated);
      return { kind: 'rotated', record: rotated, refreshToken: `${id}.${family}.${next}` };
    });
  }

  get(id: string): SessionRecord | undefined {
    const record = this.#index.get(id);
    return record === undefined || !this.#isAlive(record, this.#o.clock.nowMs()) ? undefined : record;
  }

  /** Of one user, newest first. */
  list(userId: string, currentId: string | null): SessionView[] {
    const nowMs = this.#o.clock.nowMs();
    const views = this.#index
      .ofUser(userId)
      .filter((record) => this.#isAlive(record, nowMs))
      .map(({ digest: _, family: __, userId: ___, ...record }) => {
        const seen = this.#seen.of(record);
        return {
          ...record,
          lastSeenAt: toIso(seen.atMs),
          provenAt: provenAtOf(record),
          address: seen.address,
          current: record.id === currentId,
        };
      });
    return views.sort((left, right) => right.createdAt.localeCompare(left.createdAt));
  }

  /** @returns whether there was one */
  async end(id: string): Promise<boolean> {
    return this.#o.records.change((draft) => {
      const there = draft.get(id) !== undefined;
      draft.remove(id);
      return there;
    });
  }

  /** Ends every session of a user. @param exceptId - the one that may stay @returns how many ended */
  async endAll(userId: string, exceptId?: string): Promise<number> {
    return this.#o.records.change((draft) => {
      const ids = [...draft.values()].filter((record) => record.userId === userId && record.id !== exceptId);
      for (const { id } of ids) draft.remove(id);
      return ids.length;
    });
  }

  /** Takes out what has ended by itself, and what belongs to nobody who may be signed in. */
  async purge(): Promise<void> {
    const nowMs = this.#o.clock.nowMs();
    const isOver = (record: SessionRecord) => this.#principalOf(record, nowMs) === undefined;
    if (![...this.#o.records.values()].some(isOver)) return;
    await this.#o.records
      .change((draft) => {
        for (const record of [...draft.values()]) if (isOver(record)) draft.remove(record.id);
      })
      .catch((error) => this.#o.log.warn('ended sessions were not removed', describeError(error)));
  }

  async close(): Promise<void> {
    await this.#seen.close();
    await this.#o.records.close();
  }

  #principalOf(record: SessionRecord, nowMs: number): Principal | undefined {
    const user = this.#o.users.get(record.userId);
    if (user === undefined || !this.#isAlive(record, nowMs) || !this.#o.maySignIn(user)) return undefined;
    const known = this.#principals.get(record.id);
    if (known?.user === user) return known.principal;
    const principal = principalOfUser(user, record.id);
    this.#principals.set(record.id, { user, principal });
    return principal;
  }

  #isAlive(record: SessionRecord, nowMs: number): boolean {
    return nowMs < Date.parse(record.expiresAt) && nowMs - this.#seen.of(record).atMs < IDLE_MS;
  }

  #makeRoom(draft: Draft<SessionRecord>, userId: string): void {
    const own = [...draft.values()].filter((record) => record.userId === userId);
    const surplus = own.length + 1 - MAX_SESSIONS;
    if (surplus <= 0) return;
    own.sort((left, right) => this.#seen.of(left).atMs - this.#seen.of(right).atMs);
    for (const { id } of own.slice(0, surplus)) draft.remove(id);
  }
}

/** Whether what proved somebody to be themselves still does. */
function holdsProofsOf(now: UserRecord, before: UserRecord): boolean {
  const kept = new Set(now.passkeys?.map(({ id }) => id));
  return now.passwordHash === before.passwordHash && (before.passkeys ?? []).every(({ id }) => kept.has(id));
}

/** Records of before say nothing: those people proved it when they signed in. */
function provenAtOf({ provenAt, createdAt }: Pick<SessionRecord, 'provenAt' | 'createdAt'>): string {
  return provenAt ?? createdAt;
}

function isSame(digest: string, secret: string): boolean {
  return equalDigests(Buffer.from(digest), Buffer.from(sha256(secret)));
}
