import type { Audit, AuditEvent } from '../../audit/audit.js';
import { audited } from '../../audit/audited.js';
import { changesOf } from '../../audit/changes.js';
import type { Environment, RateLimit } from '../../contract/fields.js';
import type { AdoptEnvKey, UpdateMcpToken } from '../../contract/keys.js';
import { type Clock, toIso } from '../../kernel/clock.js';
import { type EntitlementLimits, requireRoomFor } from '../../kernel/entitlements.js';
import { GatehouseError } from '../../kernel/errors.js';
import type { Actor } from '../../kernel/principal.js';
import type { Collection } from '../../store/collection.js';
import { isOurs, requireCovers } from './authority.js';
import { checkedBounds, type Names } from './bounds-of-record.js';
import type { EnvKey, EnvKeys } from './env-keys.js';
import type { KeyFamily } from './family.js';
import type { KeyIndex } from './key-index.js';
import { mcpBounds, type NewKey, newRecord, type Requested, secretOf } from './new-record.js';
import {
  countKeys,
  endOf,
  type KeyRecord,
  type KeySecret,
  newestSecret,
  withoutOldTombstones,
  withoutSurplus,
} from './record.js';
import { type Brand, newToken } from './token.js';
import { changeableOf } from './view.js';

/** Secrets of one key that work at once, at most: a careless loop must not make thousands of live ones. */
const MAX_LIVE_SECRETS = 10;

export interface KeyChangesOptions extends Names {
  readonly records: Collection<KeyRecord>;
  readonly index: KeyIndex;
  readonly audit: Audit;
  readonly envKeys: EnvKeys;
  readonly brand: Brand;
  /** Of keys made without one. */
  readonly defaultEnvironment: Environment;
  readonly family: KeyFamily;
  /** `API_RATE_LIMIT`: what binds a key without a limit of its own. */
  readonly defaultLimit: RateLimit | null;
  readonly limits: EntitlementLimits;
  readonly clock: Clock;
}

/** A record that was changed, and its token where one was made: the only time it exists outside its holder. */
export interface Issued {
  readonly record: KeyRecord;
  readonly token: string;
}

/** Every act that changes a key. Each is judged on the record as it would be saved, audited, then saved. */
export class KeyChanges {
  readonly #o: KeyChangesOptions;

  constructor(options: KeyChangesOptions) {
    this.#o = options;
  }

  async create(by: Actor, request: NewKey): Promise<Issued> {
    if (request.type === 'svc' && by.bounds.principal.kind === 'service_key') {
      throw new GatehouseError('FORBIDDEN', 'A service key cannot make service keys. A person or an operator can.');
    }
    const { organizationId } = by.bounds.require({ organizationId: request.organizationId });
    const environment = request.environment ?? this.#o.defaultEnvironment;
    const token = newToken(this.#o.brand, request.type, environment);
    const record = this.#newRecord(
      by,
      { ...request, environment },
      organizationId,
      'issued',
      secretOf(token, this.#now()),
    );
    await this.#add(by, 'create', record);
    return { record, token };
  }

  /** Takes an environment key into the file with the same value. From then on the file decides about it. */
  async adopt(by: Actor, envKey: EnvKey, request: AdoptEnvKey): Promise<KeyRecord> {
    if (envKey.variable === 'ADMIN_API_KEY' && request.scopes === undefined) {
      const detail =
        'scopes: name them. An adopted ADMIN_API_KEY becomes an API key with these scopes and is no operator any more.';
      throw new GatehouseError('BAD_REQUEST', detail);
    }
    const { organizationId } = by.bounds.require({ organizationId: request.organizationId });
    const secret: KeySecret = {
      digest: taggedDigest(envKey.digest),
      start: envKey.start,
      last4: envKey.last4,
      createdAt: toIso(this.#now()),
      expiresAt: null,
    };
    const environment = request.environment ?? envKey.principal.environment ?? this.#o.defaultEnvironment;
    const record = this.#newRecord(by, { ...request, environment }, organizationId, 'adopted', secret);
    const known = () => this.#o.index.recordOf(envKey.digest.toString('base64url'));
    const conflict = (id: string) =>
      new GatehouseError('CONFLICT', `This environment key is already in api-keys.json, as ${id}.`);
    const existing = known();
    if (existing !== undefined) throw conflict(existing.id);
    await this.#add(by, 'adopt', record, { variable: envKey.variable, fingerprint: envKey.fingerprint }, (draft) => {
      for (const other of draft.values())
        if (other.secrets.some(({ digest }) => digest === secret.digest)) throw conflict(other.id);
    });
    return record;
  }

  async update(by: Actor, id: string, patch: UpdateMcpToken): Promise<KeyRecord> {
    return this.#change(by, 'update', id, { fields: Object.keys(patch) }, (current) => {
      if (current.revokedAt !== null)
        throw new GatehouseError('CONFLICT', 'This key is revoked and cannot be changed. Make a new one.');
      const bounds = checkedBounds(patch, current, by.bounds, current.organizationId, this.#o, this.#now());
      const older =
        patch.endGrace === true ? endBy(current.secrets.slice(0, -1), this.#now()) : current.secrets.slice(0, -1);
      const next = {
        ...current,
        ...bounds,
        name: patch.name ?? current.name,
        secrets: [...older, newestSecret(current)],
        ...mcpBounds(current.mcp, patch),
      };
      requireCovers(by.bounds.principal, next, this.#o.defaultLimit);
      return next;
    });
  }

  /** A new secret for the same key. Older ones end with the grace, or earlier where that was already decided. */
  async rotate(by: Actor, id: string, graceSeconds: number): Promise<Issued> {
    const seen = this.#visible(by, id);
    if (seen.type === 'svc' && by.bounds.principal.kind === 'service_key' && by.bounds.principal.keyId !== id) {
      throw new GatehouseError('FORBIDDEN', 'A service key can rotate itself and no other service key.');
    }
    const token = newToken(this.#o.brand, seen.type, seen.environment);
    const record = await this.#change(by, 'rotate', id, { graceSeconds }, (current) => {
      const nowMs = this.#now();
      if (current.revokedAt !== null)
        throw new GatehouseError('CONFLICT', 'This key is revoked and cannot be rotated. Make a new one.');
      if (current.expiresAt !== null && Date.parse(current.expiresAt) <= nowMs) {
        throw new GatehouseError(
          'CONFLICT',
          'This key has expired and cannot be rotated. Give it a later expiresAt first.',
        );
      }
      const older = endBy(current.secrets, nowMs + graceSeconds * 1000);
      const live = older.filter((secret) => (endOf(current, secret) ?? 0) > nowMs);
      if (live.length >= MAX_LIVE_SECRETS) {
        throw new GatehouseError(
          'CONFLICT',
          `${live.length} older secrets of this key still work. End their grace first (endGrace).`,
        );
      }
      const secrets = [...withoutSurplus(current, older, nowMs, this.#listed()), secretOf(token, nowMs)];
      const next = { ...current, secrets };
      requireCovers(by.bounds.principal, next, this.#o.defaultLimit);
      return next;
    });
    return { record, token };
  }

  /** Ends a key now. Revoking twice is one revocation. */
  async revoke(by: Actor, id: string, reason: string | undefined): Promise<KeyRecord> {
    const seen = this.#visible(by, id);
    if (seen.revokedAt !== null) return seen;
    return this.#change(by, 'revoke', id, { reason: reason ?? null }, (current) => {
      if (current.revokedAt !== null) return current;
      return {
        ...current,
        revokedAt: toIso(this.#now()),
        revokedBy: by.bounds.principal.id,
        revokeReason: reason ?? null,
      };
    });
  }

  /** Removes tombstones older than 90 days. @returns the digests that are gone */
  async purge(): Promise<string[]> {
    const nowMs = this.#now();
    const listed = this.#listed();
    const left = (record: KeyRecord) => withoutOldTombstones(record, nowMs, listed);
    const stale = [...this.#o.records.values()].filter((record) => left(record) !== record);
    if (stale.length === 0) return [];
    await this.#o.audit.record({ action: 'key.purge', actor: 'gatehouse', detail: { records: stale.length } });
    return this.#o.records.change((draft) => {
      const gone: string[] = [];
      for (const { id } of stale) {
        const current = draft.get(id);
        if (current === undefined) continue;
        const next = left(current);
        if (next === null) draft.remove(id);
        else if (next !== current) draft.put(next);
        const kept = new Set(next?.secrets.map(({ digest }) => digest));
        gone.push(...current.secrets.map(({ digest }) => digest).filter((digest) => !kept.has(digest)));
      }
      return gone;
    });
  }

  /** Digests of what the environment configures now. */
  #listed(): ReadonlySet<string> {
    return new Set(this.#o.envKeys.all.map(({ digest }) => taggedDigest(digest)));
  }

  #now(): number {
    return this.#o.clock.nowMs();
  }

  /** @throws GatehouseError `NOT_FOUND` for a foreign and an unknown key alike */
  #visible(by: Actor, id: string, current = this.#o.records.get(id)): KeyRecord {
    if (current === undefined || !isOurs(this.#o.family, by.bounds.principal, current)) throw noSuchKey(this.#o.family);
    return current;
  }

  #newRecord(by: Actor, request: Requested, organizationId: string, origin: KeyRecord['origin'], secret: KeySecret) {
    const { family } = this.#o;
    const record = newRecord({
      by,
      request,
      organizationId,
      origin,
      secret,
      family,
      names: this.#o,
      nowMs: this.#now(),
    });
    requireCovers(by.bounds.principal, record, this.#o.defaultLimit);
    return record;
  }

  async #add(
    by: Actor,
    action: string,
    record: KeyRecord,
    detail: AuditEvent['detail'] = {},
    check: (draft: { values(): Iterable<KeyRecord> }) => void = () => {},
  ): Promise<void> {
    const { name, type, environment, scopes, organizationId } = record;
    const facts = { name, type, environment, scopes, start: newestSecret(record).start, ...detail };
    const requireRoom = (all: { values(): Iterable<KeyRecord> }) =>
      requireRoomFor(this.#o.limits, organizationId, 'keys', () => countKeys(all.values(), organizationId));
    requireRoom(this.#o.records);
    await audited(this.#o.audit, by, this.#event(action, record, facts), () =>
      this.#o.records.change((draft) => {
        check(draft);
        requireRoom(draft);
        draft.put(record);
      }),
    );
  }

  /** `plan` runs twice: before the audit line, so that a refusal leaves none, and on the draft, where it counts. */
  async #change(
    by: Actor,
    action: string,
    id: string,
    detail: AuditEvent['detail'],
    plan: (current: KeyRecord) => KeyRecord,
  ): Promise<KeyRecord> {
    const before = this.#visible(by, id);
    const seen = plan(before);
    const changes = changesOf(changeableOf(before), changeableOf(seen));
    return audited(this.#o.audit, by, { ...this.#event(action, seen, { name: seen.name, ...detail }), changes }, () =>
      this.#o.records.change((draft) => {
        const next = plan(this.#visible(by, id, draft.get(id)));
        draft.put(next);
        return next;
      }),
    );
  }

  #event(action: string, { id, organizationId }: KeyRecord, detail: NonNullable<AuditEvent['detail']>) {
    return { action: `${this.#o.family.action}.${action}`, target: id, organizationId, detail };
  }
}

export function noSuchKey({ noun, path }: KeyFamily): GatehouseError {
  return new GatehouseError('NOT_FOUND', `There is no such ${noun}. GET ${path} lists those this credential may see.`);
}

function taggedDigest(digest: Buffer): string {
  return `sha256:${digest.toString('base64url')}`;
}

/** The secrets with their end at `atMs`, or earlier where that was already decided. */
function endBy(secrets: readonly KeySecret[], atMs: number): KeySecret[] {
  return secrets.map((secret) => {
    const endsMs = secret.expiresAt === null ? atMs : Math.min(Date.parse(secret.expiresAt), atMs);
    return { ...secret, expiresAt: toIso(endsMs) };
  });
}
