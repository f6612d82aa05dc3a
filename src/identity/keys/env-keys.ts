import { createHmac } from 'node:crypto';
import type { Environment } from '../../contract/fields.js';
import { type EnvKeyView, WEAK_UNDER_CHARACTERS } from '../../contract/keys.js';
import { toIso } from '../../kernel/clock.js';
import { equalDigests, sha256Bytes } from '../../kernel/digest.js';
import { DEFAULT_ORGANIZATION, type Principal } from '../../kernel/principal.js';
import type { KeyIndex } from './key-index.js';
import type { LastUses } from './view.js';

export type EnvVariable = EnvKeyView['variable'];

/** One key that the environment configures. The value itself is not kept here. */
export interface EnvKey {
  readonly variable: EnvVariable;
  readonly fingerprint: string;
  readonly digest: Buffer;
  readonly length: number;
  /** What may be shown once it is adopted; empty for weak keys, of which nothing may be shown. */
  readonly start: string;
  readonly last4: string;
  readonly principal: Principal;
}

export interface EnvKeysOptions {
  readonly adminKey: string | null;
  readonly clientKeys: readonly string[];
  readonly clientScopes: readonly string[];
  /** Env keys are of the instance's environment; `null`: of none. */
  readonly environment: Environment | null;
  /** Keys the fingerprints, so that a weak value cannot be guessed from one. */
  readonly fingerprintKey: Buffer;
}

/** `ADMIN_API_KEY` and `VALID_API_KEYS`: read only, compared in constant time, told apart by fingerprint. */
export class EnvKeys {
  readonly all: readonly EnvKey[];

  constructor(options: EnvKeysOptions) {
    const admin = options.adminKey === null ? [] : [make(options, 'ADMIN_API_KEY', options.adminKey)];
    this.all = [...admin, ...options.clientKeys.map((key) => make(options, 'VALID_API_KEYS', key))];
  }

  /** Compares with every key, so the time does not tell which one came near. */
  find(digest: Buffer): EnvKey | undefined {
    let found: EnvKey | undefined;
    for (const key of this.all) if (equalDigests(key.digest, digest) && found === undefined) found = key;
    return found;
  }

  /** By the id of its principal, for JWTs that were traded from it; not once the file decides about the value. */
  holderOf(subject: string, index: Pick<KeyIndex, 'recordOf'>) {
    const key = this.all.find(({ principal }) => principal.id === subject);
    if (key === undefined || index.recordOf(key.digest.toString('base64url')) !== undefined) return undefined;
    return { principal: key.principal, revoked: false, endsAtMs: null, addresses: null };
  }

  byFingerprint(fingerprint: string): EnvKey | undefined {
    return this.all.find((key) => key.fingerprint === fingerprint);
  }
}

export function envKeyView(key: EnvKey, shadowed: boolean, uses: LastUses): EnvKeyView {
  const use = uses.lastUse(key.fingerprint);
  return {
    variable: key.variable,
    fingerprint: key.fingerprint,
    length: key.length,
    weak: key.length < WEAK_UNDER_CHARACTERS,
    shadowed,
    lastUsedAt: use === undefined ? null : toIso(use.atMs),
    lastUsedIp: use?.address ?? null,
  };
}

function make(options: EnvKeysOptions, variable: EnvVariable, value: string): EnvKey {
  const fingerprint = createHmac('sha256', options.fingerprintKey).update(value).digest('hex').slice(0, 16);
  const showable = value.length >= WEAK_UNDER_CHARACTERS;
  return {
    variable,
    fingerprint,
    digest: sha256Bytes(value),
    length: value.length,
    start: showable ? value.slice(0, 4) : '',
    last4: showable ? value.slice(-4) : '',
    principal:
      variable === 'ADMIN_API_KEY' ? adminPrincipal(options, fingerprint) : clientPrincipal(options, fingerprint),
  };
}

const shared = {
  workspaceIds: null,
  allowedIps: [],
  allowedOrigins: [],
  expiresAtMs: null,
  rateLimit: null,
  keyId: null,
  role: null,
  person: null,
  traded: false,
} as const;

function adminPrincipal({ environment }: EnvKeysOptions, fingerprint: string): Principal {
  return {
    ...shared,
    kind: 'env_admin',
    operator: true,
    id: `env:${fingerprint}`,
    organizationId: null,
    scopes: new Set(['*']),
    credentialIds: null,
    environment,
  };
}

function clientPrincipal({ environment, clientScopes }: EnvKeysOptions, fingerprint: string): Principal {
  return {
    ...shared,
    kind: 'env_client',
    operator: false,
    id: `env:${fingerprint}`,
    organizationId: DEFAULT_ORGANIZATION,
    scopes: new Set(clientScopes),
    credentialIds: [],
    environment,
  };
}
