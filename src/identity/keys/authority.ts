import { networkCovers, parseNetwork } from '../../kernel/addresses.js';
import { GatehouseError } from '../../kernel/errors.js';
import { isOperator, type Principal } from '../../kernel/principal.js';
import { missingScopes } from '../../kernel/scopes.js';
import { principalOf } from './key-index.js';
import type { KeyRecord } from './record.js';

/**
 * Nobody hands out more than they hold (K11): checked on the record as it would be saved, in every bound.
 * @throws GatehouseError `FORBIDDEN` naming each bound that the holder does not cover
 */
export function requireCovers(holder: Principal, record: KeyRecord): void {
  const beyond = exceeded(holder, record);
  if (beyond.length > 0) {
    throw new GatehouseError(
      'FORBIDDEN',
      `A key can only be given what its maker holds. Beyond that: ${beyond.join('; ')}.`,
    );
  }
}

/** The bounds of `record` that reach further than `holder`, in words; empty: covered. */
export function exceeded(holder: Principal, record: KeyRecord): string[] {
  // Operators hold everything, and their environment is where they stand, not a bound.
  if (isOperator(holder)) return [];
  const beyond: string[] = [];
  if (holder.organizationId !== null && holder.organizationId !== record.organizationId) beyond.push('organizationId');
  const scopes = missingScopes(holder.scopes, record.scopes);
  if (scopes.length > 0) beyond.push(`scopes ${scopes.join(', ')}`);
  if (!isSubset(record.workspaceIds, holder.workspaceIds)) beyond.push('workspaceIds');
  if (!isSubset(principalOf(record).credentialIds, holder.credentialIds)) beyond.push('credentialIds');
  if (!addressesWithin(record.allowedIps, holder.allowedIps)) beyond.push('allowedIps');
  if (holder.environment !== null && holder.environment !== record.environment)
    beyond.push(`environment ${record.environment}`);
  if (!endsWithin(record.expiresAt, holder.expiresAtMs)) beyond.push('expiresAt');
  if (!rateWithin(record, holder)) beyond.push('rateLimit');
  return beyond;
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

function endsWithin(expiresAt: string | null, holderEndsMs: number | null): boolean {
  return holderEndsMs === null || (expiresAt !== null && Date.parse(expiresAt) <= holderEndsMs);
}

/** Within the holder's limit: no more requests, in a window that is no shorter. */
function rateWithin({ rateLimit }: KeyRecord, holder: Principal): boolean {
  if (holder.rateLimit === null) return true;
  if (rateLimit === null) return false;
  return rateLimit.requests <= holder.rateLimit.requests && rateLimit.windowSeconds >= holder.rateLimit.windowSeconds;
}

/** Whether a record may be seen: in the caller's organization, and in its workspaces where it is bound to some. */
export function isVisible(holder: Principal, record: KeyRecord): boolean {
  if (holder.organizationId !== null && holder.organizationId !== record.organizationId) return false;
  return isSubset(record.workspaceIds, holder.workspaceIds);
}
