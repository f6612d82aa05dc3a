import type { VerifyCode } from '../contract/codes.js';
import type { Environment } from './types.js';

/** Keys, as every call about them takes and gives them. */

export type KeyType = 'sdk' | 'cli' | 'ci' | 'int' | 'mkt';

/** So many requests in a fixed window of so many seconds. */
export interface RateLimit {
  requests: number;
  windowSeconds: number;
}

export interface KeyBounds {
  scopes?: readonly string[] | undefined;
  expiresAt?: string | null | undefined;
  /** `null`: all of its organization. */
  workspaceIds?: readonly string[] | null | undefined;
  /** `null`: none. */
  credentialIds?: readonly string[] | null | undefined;
  allowedIps?: readonly string[] | undefined;
  /** Origins whose pages may use it, exactly as browsers send them; then nothing else may. Empty: any, and none. */
  allowedOrigins?: readonly string[] | undefined;
  rateLimit?: RateLimit | null | undefined;
  note?: string | undefined;
}

export interface CreateKey extends KeyBounds {
  name: string;
  type?: KeyType | undefined;
  environment?: Environment | undefined;
  organizationId?: string | undefined;
}

export interface UpdateKey extends KeyBounds {
  name?: string | undefined;
  /** Ends the grace of a rotation now. */
  endGrace?: true | undefined;
}

export interface KeySecret {
  start: string;
  last4: string;
  createdAt: string;
  expiresAt: string | null;
  lastUsedAt: string | null;
  lastUsedIp: string | null;
}

/** A key as it is shown. There is no way from here to its token. */
export interface Key {
  id: string;
  name: string;
  type: KeyType | 'svc' | 'mcp';
  environment: Environment;
  organizationId: string;
  workspaceIds: string[] | null;
  credentialIds: string[] | null;
  scopes: string[];
  allowedIps: string[];
  allowedOrigins: string[];
  rateLimit: RateLimit | null;
  note: string;
  start: string;
  last4: string;
  createdAt: string;
  createdBy: string;
  expiresAt: string | null;
  revokedAt: string | null;
  /** A rotation is nearly over and its old secret is still used: when those callers will be locked out. */
  lateUntil: string | null;
  /** `expiring`: a rotated secret still lives. */
  status: KeyStatus;
  lastUsedAt: string | null;
  lastUsedIp: string | null;
  secrets: KeySecret[];
  /** MCP tokens only. */
  tools?: string[] | null | undefined;
  readOnly?: boolean | undefined;
}
export type KeyStatus = 'active' | 'expiring' | 'expired' | 'revoked';

/** The one answer that holds a token: keep it now. */
export interface KeyWithToken {
  key: Key;
  token: string;
}

export interface ListKeys {
  /** Of a page: 1 to 200, 50 when left out. */
  limit?: number | undefined;
  cursor?: string | undefined;
  status?: KeyStatus | undefined;
  /** Of those that work: they end within 14 days, were not used for 90, have no expiry. */
  concern?: 'ending' | 'unused' | 'endless' | 'late' | undefined;
  type?: Key['type'] | undefined;
  environment?: Key['environment'] | undefined;
  search?: string | undefined;
}

/** One page of a list; `nextCursor` is `null` on the last one. */
export interface Page<T> {
  data: T[];
  nextCursor: string | null;
}

export interface VerifyKey {
  token: string;
  /** All are needed. */
  scopes?: readonly string[] | undefined;
  /** Where the key was presented from; left out, its own address list is not judged. */
  address?: string | undefined;
  /** `Origin` header the key came with, `null` for none; left out, its own list of origins is not judged. */
  origin?: string | null | undefined;
}

export interface VerifyAnswer {
  valid: boolean;
  code: VerifyCode;
  key?: Key | undefined;
  missingScopes?: string[] | undefined;
}
