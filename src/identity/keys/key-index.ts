import { AddressSet, parseNetwork } from '../../kernel/addresses.js';
import type { Announce } from '../../kernel/happening.js';
import type { Principal } from '../../kernel/principal.js';
import type { Collection } from '../../store/collection.js';
import { endOf, type KeyRecord, newestSecret, statusOf } from './record.js';
import { type Brand, describeForm } from './token.js';

/** What the guard needs of a key, ready to use. Fits the guard's `KeyMatch`. */
export interface CompiledKey {
  readonly principal: Principal;
  readonly revoked: boolean;
  readonly endsAtMs: number | null;
  readonly addresses: AddressSet | null;
  readonly secretDigest: string;
}

/** Before each digest, as records hold it. */
const TAG = 'sha256:';

/** Finds keys by the digest of what was presented: one map look-up, whatever the number of keys. */
export class KeyIndex {
  readonly #records: Collection<KeyRecord>;
  readonly #brand: Brand;
  /** Digest (tagged, the record's own string) to record id. */
  readonly #ids = new Map<string, string>();
  /** By digest without its tag. Compiled at first use, so that stored keys that nobody uses cost no memory here. */
  readonly #compiled = new Map<string, CompiledKey>();

  constructor(records: Collection<KeyRecord>, brand: Brand) {
    this.#records = records;
    this.#brand = brand;
    for (const record of records.values()) this.#learn(record);
    records.subscribe((changes) => {
      // All removals first: by hand, a secret may move from one record to another in one edit.
      for (const { before } of changes) this.#forget(before);
      for (const { after } of changes) this.#learn(after);
    });
  }

  /** @param digest - SHA-256 of the presented key, base64url */
  find(digest: string): CompiledKey | undefined {
    const compiled = this.#compiled.get(digest);
    if (compiled !== undefined) return compiled;
    const record = this.recordOf(digest);
    if (record === undefined) return undefined;
    const made = compile(record, TAG + digest);
    this.#compiled.set(digest, made);
    return made;
  }

  /** A key by its id, as whoever shows its newest secret is known. */
  newest(id: string): CompiledKey | undefined {
    const record = this.#records.get(id);
    return record === undefined ? undefined : this.find(newestSecret(record).digest.slice('sha256:'.length));
  }

  /** What names a key to people, and tells who may know of it. */
  named(
    id: string,
  ):
    | (Pick<Principal, 'kind' | 'id' | 'organizationId' | 'workspaceIds' | 'allowedOrigins'> & { name: string })
    | undefined {
    const record = this.#records.get(id);
    return record === undefined ? undefined : { ...principalOf(record), name: record.name };
  }

  /** One secret of a key, as lists tell it; `undefined`: it is none of the key's any more. */
  secretOf(id: string, digest: string): { last4: string; newest: boolean } | undefined {
    const record = this.#records.get(id);
    const secret = record?.secrets.find((one) => one.digest === digest);
    return record && secret && { last4: secret.last4, newest: secret === newestSecret(record) };
  }

  /** When its newest secret was made, while there are older ones; else `null`. */
  rotatedAtMs(id: string): number | null {
    const record = this.#records.get(id);
    return record === undefined || record.secrets.length < 2 ? null : Date.parse(newestSecret(record).createdAt);
  }

  recordOf(digest: string): KeyRecord | undefined {
    const id = this.#ids.get(TAG + digest);
    return id === undefined ? undefined : this.#records.get(id);
  }

  /** By id and the time its secret was made, for JWTs: they live and die with the secret they were traded for. */
  holderOf(id: string, secretCreatedAt: string | null): CompiledKey | undefined {
    const secret = this.#records.get(id)?.secrets.find(({ createdAt }) => createdAt === secretCreatedAt);
    return secret === undefined ? undefined : this.find(secret.digest.slice(TAG.length));
  }

  /** By id, while the key is good; which secret was shown does not matter. */
  liveById(id: string, nowMs: number): Principal | null {
    const record = this.#records.get(id);
    if (record === undefined) return null;
    const status = statusOf(record, nowMs);
    return status === 'revoked' || status === 'expired' ? null : principalOf(record);
  }

  /** When a secret was made: what a JWT names it by, since no part of a digest may leave. */
  secretCreatedAt(id: string, digest: string): string | null {
    return this.#records.get(id)?.secrets.find((secret) => secret.digest === digest)?.createdAt ?? null;
  }

  describeUnknown(presentedKey: string): string | null {
    return describeForm(this.#brand, presentedKey);
  }

  #learn(record: KeyRecord | undefined): void {
    if (record !== undefined) for (const { digest } of record.secrets) this.#ids.set(digest, record.id);
  }

  #forget(record: KeyRecord | undefined): void {
    for (const { digest } of record?.secrets ?? []) {
      this.#ids.delete(digest);
      this.#compiled.delete(digest.slice(TAG.length));
    }
  }
}

/** Tells of every change of a key. Behind the index, so that whoever looks then finds what was told. */
export function announceKeys(records: Collection<KeyRecord>, announce: Announce): void {
  records.subscribe((changes) => {
    for (const { id, before, after } of changes) {
      const record = after ?? before;
      if (record === undefined) continue;
      const { organizationId } = record;
      announce({ event: { type: 'key.changed', id, organizationId }, key: principalOf(record) });
    }
  });
}

function compile(record: KeyRecord, digest: string): CompiledKey {
  const secret = record.secrets.find((candidate) => candidate.digest === digest);
  if (secret === undefined) throw new Error('the index names a secret the record does not have');
  return {
    principal: principalOf(record),
    revoked: record.revokedAt !== null,
    endsAtMs: endOf(record, secret),
    addresses: record.allowedIps.length === 0 ? null : new AddressSet(record.allowedIps.map(parseNetwork)),
    secretDigest: digest,
  };
}

const ANY_ORIGIN: readonly string[] = [];

export function principalOf(record: KeyRecord): Principal {
  const kind = record.type === 'svc' ? 'service_key' : record.type === 'mcp' ? 'mcp_token' : 'api_key';
  return {
    kind,
    id: record.id,
    organizationId: record.organizationId,
    scopes: new Set(record.scopes),
    workspaceIds: record.workspaceIds,
    // No list means all for a service key, and none for the others.
    credentialIds: record.credentialIds ?? (kind === 'service_key' ? null : []),
    allowedIps: record.allowedIps,
    allowedOrigins: record.allowedOrigins ?? ANY_ORIGIN,
    environment: record.environment,
    expiresAtMs: record.expiresAt === null ? null : Date.parse(record.expiresAt),
    rateLimit: record.rateLimit,
    keyId: record.id,
    operator: false,
    role: null,
    person: null,
    traded: false,
  };
}
