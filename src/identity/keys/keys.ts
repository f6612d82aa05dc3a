import type { Environment, PageOf } from '../../contract/fields.js';
import {
  type AdoptEnvKey,
  ENDING_DAYS,
  type EnvKeyView,
  type KeyView,
  type KeyWithToken,
  type ListKeys,
  UNUSED_DAYS,
  type UpdateMcpToken,
  type VerifyAnswer,
  type VerifyKey,
} from '../../contract/keys.js';
import { parseAddress } from '../../kernel/addresses.js';
import { sha256, sha256Bytes } from '../../kernel/digest.js';
import { GatehouseError } from '../../kernel/errors.js';
import type { Actor, Bounds } from '../../kernel/principal.js';
import { missingScopes } from '../../kernel/scopes.js';
import { isOurs, isVisible } from './authority.js';
import { envKeyView } from './env-keys.js';
import { KeyChanges, type KeyChangesOptions, noSuchKey } from './key-changes.js';
import type { NewKey } from './new-record.js';
import { type KeyRecord, lateUntil, statusOf } from './record.js';
import { type Judged, judge } from './verify.js';
import { type LastUses, viewOf } from './view.js';

export interface KeysOptions extends KeyChangesOptions {
  readonly uses: LastUses;
  /** The instance admits keys of this environment only; `null`: of every one. */
  readonly environment: Environment | null;
  readonly isSpent: Judged['isSpent'];
}

/** The keys of one family as every door sees them: shapes of the contract in and out, ids checked against the caller's bounds. */
export class Keys {
  readonly #o: KeysOptions;
  readonly #changes: KeyChanges;

  constructor(options: KeysOptions) {
    this.#o = options;
    this.#changes = new KeyChanges(options);
  }

  get count(): number {
    return this.#o.records.size;
  }

  /** Newest first. The cursor is the last id of the page before. */
  list(by: Bounds, query: ListKeys): PageOf<KeyView> {
    const { organizationId } = by.require({ organizationId: query.organizationId });
    const nowMs = this.#o.clock.nowMs();
    const search = query.search?.toLowerCase();
    if (query.cursor !== undefined) {
      const record = this.#o.records.get(query.cursor);
      if (record === undefined || !isOurs(this.#o.family, by.principal, record))
        throw new GatehouseError('BAD_REQUEST', 'cursor: it names no key any more. Begin again without it.');
    }
    const data: KeyView[] = [];
    for (const record of this.#o.records.newestFirst(query.cursor)) {
      if (!isOurs(this.#o.family, by.principal, record)) continue;
      if (query.organizationId !== undefined && record.organizationId !== organizationId) continue;
      if (query.status !== undefined && statusOf(record, nowMs) !== query.status) continue;
      if (query.type !== undefined && record.type !== query.type) continue;
      if (query.environment !== undefined && record.environment !== query.environment) continue;
      if (search !== undefined && !mentions(record, search)) continue;
      if (query.concern !== undefined && !isConcern(query.concern, record, this.#o.uses, nowMs)) continue;
      if (data.length === query.limit) return { data, nextCursor: data[data.length - 1]?.id ?? null };
      data.push(viewOf(record, this.#o.uses, nowMs));
    }
    return { data, nextCursor: null };
  }

  show(by: Bounds, id: string): KeyView {
    const record = this.#o.records.get(id);
    if (record === undefined || !isOurs(this.#o.family, by.principal, record)) throw noSuchKey(this.#o.family);
    return this.#view(record);
  }

  async create(by: Actor, request: NewKey): Promise<KeyWithToken> {
    const { record, token } = await this.#changes.create(by, request);
    return { key: this.#view(record), token };
  }

  async update(by: Actor, id: string, patch: UpdateMcpToken): Promise<KeyView> {
    return this.#view(await this.#changes.update(by, id, patch));
  }

  async rotate(by: Actor, id: string, graceSeconds: number): Promise<KeyWithToken> {
    const { record, token } = await this.#changes.rotate(by, id, graceSeconds);
    return { key: this.#view(record), token };
  }

  async revoke(by: Actor, id: string, reason: string | undefined): Promise<KeyView> {
    return this.#view(await this.#changes.revoke(by, id, reason));
  }

  /** Removes tombstones older than 90 days. @returns the digests that are gone */
  purge(): Promise<string[]> {
    return this.#changes.purge();
  }

  /** Judges a token without counting or noting anything. Foreign keys read as unknown, so none can be probed. */
  verify(by: Bounds, request: VerifyKey): VerifyAnswer {
    const address = request.address === undefined ? null : parseAddress(request.address);
    if (request.address !== undefined && address === null)
      throw new GatehouseError('BAD_REQUEST', 'address: is not an IP address.');
    const digest = sha256(request.token);
    const record = this.#o.index.recordOf(digest);
    if (record === undefined) return this.#verifyEnvKey(by, request);
    if (!isVisible(by.principal, record)) return { valid: false, code: 'NOT_FOUND' };
    const { code, missing } = judge({
      record,
      digest: `sha256:${digest}`,
      address,
      origin: request.origin,
      scopes: request.scopes ?? [],
      environment: this.#o.environment,
      nowMs: this.#o.clock.nowMs(),
      isSpent: this.#o.isSpent,
    });
    return {
      valid: code === 'VALID',
      code,
      key: this.#view(record),
      ...(missing.length > 0 ? { missingScopes: missing } : {}),
    };
  }

  /** Environment keys are the operators' to see: to others they read as unknown, so this is no place to guess them. */
  #verifyEnvKey(by: Bounds, request: VerifyKey): VerifyAnswer {
    const key = by.principal.operator ? this.#o.envKeys.find(sha256Bytes(request.token)) : undefined;
    if (key === undefined) return { valid: false, code: 'NOT_FOUND' };
    if (this.#o.isSpent(key.principal.id, null)) return { valid: false, code: 'RATE_LIMITED' };
    const missing = missingScopes(key.principal.scopes, request.scopes ?? []);
    if (missing.length > 0) return { valid: false, code: 'INSUFFICIENT_SCOPE', missingScopes: missing };
    return { valid: true, code: 'VALID' };
  }

  listEnvKeys(): EnvKeyView[] {
    return this.#o.envKeys.all.map((key) =>
      envKeyView(key, this.#o.index.recordOf(key.digest.toString('base64url')) !== undefined, this.#o.uses),
    );
  }

  async adopt(by: Actor, fingerprint: string, request: AdoptEnvKey): Promise<KeyView> {
    const key = this.#o.envKeys.byFingerprint(fingerprint);
    if (key === undefined)
      throw new GatehouseError('NOT_FOUND', 'No environment key has this fingerprint. GET /api/env-keys lists them.');
    return this.#view(await this.#changes.adopt(by, key, request));
  }

  #view(record: KeyRecord): KeyView {
    return viewOf(record, this.#o.uses, this.#o.clock.nowMs());
  }
}

const DAY_MS = 86_400_000;

function isConcern(
  concern: NonNullable<ListKeys['concern']>,
  record: KeyRecord,
  uses: LastUses,
  nowMs: number,
): boolean {
  const status = statusOf(record, nowMs);
  if (status === 'revoked' || status === 'expired') return false;
  if (concern === 'late') return lateUntil(record, (secret) => uses.lastUse(secret)?.atMs, nowMs) !== null;
  if (concern === 'endless') return record.expiresAt === null;
  if (concern === 'ending')
    return record.expiresAt !== null && Date.parse(record.expiresAt) <= nowMs + ENDING_DAYS * DAY_MS;
  const sinceMs = nowMs - UNUSED_DAYS * DAY_MS;
  return (
    Date.parse(record.createdAt) <= sinceMs &&
    record.secrets.every(({ digest }) => (uses.lastUse(digest)?.atMs ?? 0) <= sinceMs)
  );
}

function mentions(record: KeyRecord, search: string): boolean {
  const { id, name, note, secrets } = record;
  return [id, name, note, ...secrets.map(({ start }) => start)].some((text) => text.toLowerCase().includes(search));
}
