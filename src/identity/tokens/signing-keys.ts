import { createPrivateKey, createPublicKey, generateKeyPairSync, type JsonWebKey, type KeyObject } from 'node:crypto';
import { calculateJwkThumbprint } from 'jose';
import * as z from 'zod';
import { Timestamp } from '../../contract/fields.js';
import { type Clock, toIso } from '../../kernel/clock.js';
import { isGatehouseError } from '../../kernel/errors.js';
import type { Resealed, Seal } from '../../seal/instance-key.js';
import type { Collection } from '../../store/collection.js';

/** The one algorithm: bound to every key, so that no token can choose another (CVE-2023-48223 and its kin). */
export const ALGORITHM = 'ES256';

/** A key signs for so long; then the next one is made. */
const SIGNS_FOR_MS = 90 * 86_400_000;
/** A retired key is published for so long: far beyond the life of what it signed, for checkers that cache. */
const PUBLISHED_FOR_MS = 86_400_000;

const PublicJwk = z.strictObject({ kty: z.literal('EC'), crv: z.literal('P-256'), x: z.string(), y: z.string() });

/** One line of `.gatehouse/signing-keys.json`. The id is the key's thumbprint (RFC 7638), and its `kid`. */
export const SigningKeyRecord = z.strictObject({
  id: z.string().min(1),
  publicJwk: PublicJwk,
  /** The private JWK as a Fernet token under the instance key. */
  sealedPrivateKey: z.string(),
  createdAt: Timestamp,
  retiredAt: Timestamp.nullable(),
});
export type SigningKeyRecord = z.infer<typeof SigningKeyRecord>;

export interface Signer {
  readonly kid: string;
  readonly privateKey: KeyObject;
}

/** A key as `/.well-known/jwks.json` publishes it. */
export type PublishedKey = z.infer<typeof PublicJwk> & { kid: string; alg: typeof ALGORITHM; use: 'sig' };

/** The keys that sign our tokens: one signs, retired ones are published until nothing they signed is alive. */
export class SigningKeys {
  readonly #records: Collection<SigningKeyRecord>;
  readonly #seal: Seal;
  readonly #clock: Clock;
  /** Opened keys by kid; parsing one costs more than signing with it. */
  readonly #privateKeys = new Map<string, KeyObject>();
  readonly #publicKeys = new Map<string, KeyObject>();

  constructor(records: Collection<SigningKeyRecord>, seal: Seal, clock: Clock) {
    this.#records = records;
    this.#seal = seal;
    this.#clock = clock;
    records.subscribe((changes) => {
      for (const { id } of changes) this.#publicKeys.delete(id);
    });
  }

  /**
   * The key that signs now. The first one, and the one after 90 days, is made on demand and saved before it is used.
   * @throws GatehouseError `VAULT_LOCKED`, `STORE_UNAVAILABLE`
   */
  async signer(): Promise<Signer> {
    const current = this.#current();
    if (current !== undefined && !this.#isDue(current)) {
      const privateKey = this.#openOrNull(current);
      if (privateKey !== null) return { kid: current.id, privateKey };
    }
    const record = await this.rotate(current?.id ?? null);
    return { kid: record.id, privateKey: this.#open(record) };
  }

  /**
   * Makes a new signing key and retires the others.
   * @param replaces - only when this one still signs: two that come at once make one new key; `undefined`: in any case
   */
  async rotate(replaces?: string | null): Promise<SigningKeyRecord> {
    const fresh = await this.#make();
    return this.#records.change((draft) => {
      const signing = [...draft.values()].find(({ retiredAt }) => retiredAt === null);
      if (replaces !== undefined && signing !== undefined && signing.id !== replaces) return signing;
      const nowMs = this.#clock.nowMs();
      for (const record of [...draft.values()]) {
        if (record.retiredAt === null) draft.put({ ...record, retiredAt: toIso(nowMs) });
        else if (!isPublished(record, nowMs)) draft.remove(record.id);
      }
      draft.put(fresh);
      return fresh;
    });
  }

  /** The public key of a `kid` that is still published; works while the vault is locked. */
  publicKey(kid: string): KeyObject | undefined {
    const record = this.#records.get(kid);
    if (record === undefined || !isPublished(record, this.#clock.nowMs())) return undefined;
    let key = this.#publicKeys.get(kid);
    if (key === undefined) {
      key = createPublicKey({ key: record.publicJwk as JsonWebKey, format: 'jwk' });
      this.#publicKeys.set(kid, key);
    }
    return key;
  }

  /** What anybody may check our tokens with. */
  published(): PublishedKey[] {
    const nowMs = this.#clock.nowMs();
    return [...this.#records.values()]
      .filter((record) => isPublished(record, nowMs))
      .map(({ id, publicJwk }) => ({ ...publicJwk, kid: id, alg: ALGORITHM, use: 'sig' }));
  }

  /** Every key that is kept, for operators: names and times. */
  list(): { id: string; createdAt: string; retiredAt: string | null }[] {
    return [...this.#records.values()].map(({ id, createdAt, retiredAt }) => ({ id, createdAt, retiredAt }));
  }

  /** Seals the private keys under the instance key that seals now. */
  renewSeals(): Promise<Resealed> {
    return this.#records.change((draft) => {
      let unreadable = 0;
      const fresh = [...draft.values()].flatMap((record) => {
        try {
          const sealedPrivateKey = this.#seal.renew(contextOf(record.id), record.sealedPrivateKey);
          return sealedPrivateKey === null ? [] : [{ ...record, sealedPrivateKey }];
        } catch {
          unreadable += 1;
          return [];
        }
      });
      for (const record of fresh) draft.put(record);
      return { renewed: fresh.length, unreadable };
    });
  }

  #current(): SigningKeyRecord | undefined {
    return [...this.#records.values()].find(({ retiredAt }) => retiredAt === null);
  }

  #isDue({ createdAt }: SigningKeyRecord): boolean {
    return this.#clock.nowMs() - Date.parse(createdAt) >= SIGNS_FOR_MS;
  }

  async #make(): Promise<SigningKeyRecord> {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const publicJwk = PublicJwk.parse(publicKey.export({ format: 'jwk' }));
    const id = await calculateJwkThumbprint(publicJwk);
    const privateJwk = Buffer.from(JSON.stringify(privateKey.export({ format: 'jwk' })));
    const sealedPrivateKey = this.#seal.seal(contextOf(id), privateJwk);
    return { id, publicJwk, sealedPrivateKey, createdAt: toIso(this.#clock.nowMs()), retiredAt: null };
  }

  /** `null`: sealed under an instance key that is lost, or damaged. It signs nothing any more, so the next one is made. */
  #openOrNull(record: SigningKeyRecord): KeyObject | null {
    try {
      return this.#open(record);
    } catch (error) {
      if (isGatehouseError(error) && error.code === 'INTERNAL') return null;
      throw error;
    }
  }

  #open({ id, sealedPrivateKey }: SigningKeyRecord): KeyObject {
    let key = this.#privateKeys.get(id);
    if (key === undefined) {
      const jwk = JSON.parse(this.#seal.open(contextOf(id), sealedPrivateKey).toString('utf8')) as JsonWebKey;
      key = createPrivateKey({ key: jwk, format: 'jwk' });
      this.#privateKeys.set(id, key);
    }
    return key;
  }
}

function contextOf(kid: string): string {
  return `signing-key/${kid}`;
}

function isPublished({ retiredAt }: SigningKeyRecord, nowMs: number): boolean {
  return retiredAt === null || nowMs - Date.parse(retiredAt) < PUBLISHED_FOR_MS;
}
