import type { RateLimit } from '../contract/fields.js';
import type { AddressSet } from '../kernel/addresses.js';
import type { Principal } from '../kernel/principal.js';

/** The narrow look-ups the guard needs; `identity`, `usage`, `audit` and `workspaces` fit them without being imported. */

/** A digest that `api-keys.json` knows, whatever its status: it is decided there and nowhere else. */
export interface KeyMatch {
  readonly principal: Principal;
  readonly revoked: boolean;
  /** When this secret stops working: its own end or the key's, whichever is first; `null`: never. */
  readonly endsAtMs: number | null;
  /** The addresses it is good from; `null`: any. */
  readonly addresses: AddressSet | null;
  /** Names the secret in last-used records. */
  readonly secretDigest: string;
}

export interface KeyLookup {
  /** `digest` is SHA-256 of the presented key, base64url. Work does not grow with the number of keys. */
  find(digest: string): KeyMatch | undefined;
  /** What is wrong with the form of an unknown key, in words for its sender (a mistyped checksum); `null`: nothing. */
  describeUnknown(presentedKey: string): string | null;
}

export interface EnvKeyLookup {
  /** Compares with every environment key in constant time. `digest` is SHA-256 of the presented key. */
  find(digest: Buffer): { readonly principal: Principal; readonly fingerprint: string } | undefined;
}

/** JWTs of ours. Their signatures are checked once, before the decision; the decision itself only looks them up. */
export interface TokenLookup {
  /** Whether a presented credential has the form of a JWT. */
  isToken(presented: string): boolean;
  /** Whether `check` must run before `find` can answer for it. */
  isUnchecked(presented: string): boolean;
  /** Checks the signature. Never throws: what fails stays unknown to `find`. */
  check(presented: string): Promise<void>;
  /** Who a checked JWT speaks for now; `undefined`: nobody, any more. */
  find(presented: string): { readonly principal: Principal; readonly addresses: AddressSet | null } | undefined;
}

/** Sessions of signed-in users, by what their cookie holds. */
export interface SessionLookup {
  /** `digest` is SHA-256 of the cookie's value, base64url. `undefined`: no such session, or it has ended. */
  find(digest: string, nowMs: number): { readonly principal: Principal; readonly sessionId: string } | undefined;
  /** Notes that the session was used; in memory, on disk later. Never throws. */
  touch(sessionId: string, nowMs: number, address: string): void;
}

export interface LastUsed {
  /** Notes that a secret was used; in memory, on disk later. Never throws. */
  touch(secret: string, nowMs: number, address: string): void;
}

/** A refused request, for the audit. Facts only. */
export interface RefusalFacts {
  readonly code: string;
  readonly reason: string;
  readonly actor: string;
  /** `null`: none, or it was not known yet. */
  readonly organizationId: string | null;
  readonly address: string;
  readonly requestId: string;
  readonly method: string;
  readonly route: string;
}

export interface RefusalSink {
  refuse(refusal: RefusalFacts): void;
}

/** Asked by every counted request, so both are map look-ups. */
export interface Organizations {
  has(organizationId: string): boolean;
  /** What all callers of the organization may send together; `null`: no such limit. */
  requestLimit(organizationId: string): RateLimit | null;
}

export interface WorkspaceOwners {
  /** The organization a workspace belongs to; `null`: of none yet, operators only; `undefined`: no such workspace. */
  ownerOf(workspaceId: string): string | null | undefined;
}

export interface CredentialOwners {
  /** The organization a stored credential belongs to; `null`: there is no such credential. */
  ownerOf(credentialId: string): string | null;
}
