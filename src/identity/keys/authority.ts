import type { RateLimit } from '../../contract/fields.js';
import { networkCovers, parseNetwork } from '../../kernel/addresses.js';
import { GatehouseError } from '../../kernel/errors.js';
import type { Principal } from '../../kernel/principal.js';
import { missingScopes } from '../../kernel/scopes.js';
import type { KeyFamily } from './family.js';
import { principalOf } from './key-index.js';
import type { KeyRecord } from './record.js';

/**
 * Nobody hands out more than they hold (K11): checked on the record as it would be saved, in every bound.
 * @throws GatehouseError `FORBIDDEN` naming each bound that the holder does not cover
 */
export function requireCovers(holder: Principal, record: KeyRecord, defaultLimit: RateLimit | null): void {
  const beyond = exceeded(holder, record, defaultLimit);
  if (beyond.length > 0) {
    throw new GatehouseError(
      'FORBIDDEN',
      `A key can only be given what its maker holds. Beyond that: ${beyond.join('; ')}.`,
    );
  }
}

/**
 * The bounds of `record` that reach further than `holder`, in words; empty: covered.
 * @param defaultLimit - what binds whoever has no limit of their own; `null`: nothing does
 */
export function exceeded(holder: Principal, record: KeyRecord, defaultLimit: RateLimit | null): string[] {
  // Operators hold everything. A token traded from an operator's key holds what it says and no more.
  if (holder.operator && !holder.traded) return [];
  const beyond: string[] = [];
  if (!reaches(holder, record)) beyond.push('organizationId');
  const scopes = missingScopes(holder.scopes, record.scopes);
  if (scopes.length > 0) beyond.push(`scopes ${scopes.join(', ')}`);
  if (!isSubset(record.workspaceIds, holder.workspaceIds)) beyond.push('workspaceIds');
  if (!isSubset(principalOf(record).credentialIds, holder.credentialIds)) beyond.push('credentialIds');
  if (!addressesWithin(record.allowedIps, holder.allowedIps)) beyond.push('allowedIps');
  if (!originsWithin(record.allowedOrigins ?? [], holder.allowedOrigins)) beyond.push('allowedOrigins');
  // An operator's environment is where it stands, not a bound.
  if (!holder.operator && holder.environment !== null && holder.environment !== record.environment)
    beyond.push(`environment ${record.environment}`);
  if (!endsWithin(record.expiresAt, holder.expiresAtMs)) beyond.push('expiresAt');
  // People are not bound by the instance's limit, and what an organization sends in all is for its entitlements to bound.
  const limit = holder.kind === 'user' ? null : defaultLimit;
  if (!holder.operator && !rateWithin(record.rateLimit, holder.rateLimit, limit)) beyond.push('rateLimit');
  return beyond;
}

function reaches(holder: Principal, { organizationId }: KeyRecord): boolean {
  return holder.operator || holder.organizationId === organizationId;
}

/** `null` is everything. */
function isSubset(inner: readonly string[] | null, outer: readonly string[] | null): boolean {
  return outer === null || (inner?.every((id) => outer.includes(id)) ?? false);
}

/** An empty list is every address. */
function addressesWithin(inner: readonly string[], outer: readonly string[]): boolean {
  if (outer.length === 0) return true;
  const networks = outer.map(parseNetwork);
  return (
    inner.length > 0 &&
    inner.map(parseNetwork).every((network) => networks.some((wider) => networkCovers(wider, network)))
  );
}

/** An empty list is every origin, and none. */
function originsWithin(inner: readonly string[], outer: readonly string[]): boolean {
  return outer.length === 0 || (inner.length > 0 && inner.every((origin) => outer.includes(origin)));
}

function endsWithin(expiresAt: string | null, holderEndsMs: number | null): boolean {
  return holderEndsMs === null || (expiresAt !== null && Date.parse(expiresAt) <= holderEndsMs);
}

/**
 * No more requests, in a window that is no shorter. Whoever has no limit of their own is bound by the instance's, and
 * may hand that on; whoever has one may not hand on none.
 */
function rateWithin(inner: RateLimit | null, outer: RateLimit | null, defaultLimit: RateLimit | null): boolean {
  if (inner === null) return outer === null;
  const bound = outer ?? defaultLimit;
  return bound === null || (inner.requests <= bound.requests && inner.windowSeconds >= bound.windowSeconds);
}

/** Whether a record may be seen: in the caller's organization, and in its workspaces where it is bound to some. */
export function isVisible(holder: Principal, record: KeyRecord): boolean {
  return reaches(holder, record) && isSubset(record.workspaceIds, holder.workspaceIds);
}

/** Whether a record is of this family and may be seen by this caller. */
export function isOurs(family: KeyFamily, holder: Principal, record: KeyRecord): boolean {
  return family.types.includes(record.type) && isVisible(holder, record);
}
