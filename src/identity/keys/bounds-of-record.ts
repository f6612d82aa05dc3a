import type { CreateKey } from '../../contract/keys.js';
import { GRANTABLE } from '../../contract/scopes.js';
import { parseNetwork } from '../../kernel/addresses.js';
import { toIso } from '../../kernel/clock.js';
import { GatehouseError } from '../../kernel/errors.js';
import { parseOrigin } from '../../kernel/origins.js';
import type { Bounds } from '../../kernel/principal.js';
import type { KeyRecord } from './record.js';

/** Turns what a request calls a credential (id, name, `workspace/name`) into its id. The vault fits it. */
export interface CredentialNames {
  resolve(name: string, workspaceIds: readonly string[] | null): string | null;
}

/** Which scopes mean something; `settings` fits it. */
export interface KnownScopes {
  isKnown(scope: string): boolean;
}

/** What the words of a request mean. */
export interface Names {
  readonly credentials: CredentialNames;
  readonly knownScopes: KnownScopes;
}

/** The fields that bound a key, as requests name them; a field left out keeps what `current` has. */
export type AskedBounds = Pick<
  CreateKey,
  'scopes' | 'expiresAt' | 'workspaceIds' | 'credentialIds' | 'allowedIps' | 'allowedOrigins' | 'rateLimit' | 'note'
>;

export type KeptBounds = Pick<
  KeyRecord,
  'scopes' | 'expiresAt' | 'workspaceIds' | 'credentialIds' | 'allowedIps' | 'allowedOrigins' | 'rateLimit' | 'note'
>;

/**
 * Checks the asked bounds and completes them from `current`.
 * @param organizationId - of the key: its workspaces must be of the same one
 * @throws GatehouseError `BAD_REQUEST` naming the field, `NOT_FOUND` for a workspace the caller cannot see
 */
export function checkedBounds(
  asked: AskedBounds,
  current: KeptBounds,
  by: Bounds,
  organizationId: string,
  { credentials, knownScopes }: Names,
  nowMs: number,
): KeptBounds {
  for (const [index, scope] of (asked.scopes ?? []).entries()) {
    if (!knownScopes.isKnown(scope))
      throw new GatehouseError(
        'BAD_REQUEST',
        `scopes[${index}]: unknown scope ${JSON.stringify(scope)}; known: ${GRANTABLE}, resource:*, *, and what operators declared for their apps.`,
      );
  }
  for (const workspaceId of asked.workspaceIds ?? []) by.require({ organizationId, workspaceId });
  const allowedOrigins = asked.allowedOrigins === undefined ? current.allowedOrigins : origins(asked.allowedOrigins);
  const workspaceIds = asked.workspaceIds === undefined ? current.workspaceIds : asked.workspaceIds;
  return {
    scopes: asked.scopes ?? current.scopes,
    expiresAt: asked.expiresAt === undefined ? current.expiresAt : futureTime(asked.expiresAt, nowMs),
    workspaceIds,
    credentialIds:
      asked.credentialIds === undefined
        ? current.credentialIds
        : resolved(asked.credentialIds, workspaceIds, by, credentials),
    allowedIps: asked.allowedIps === undefined ? current.allowedIps : networks(asked.allowedIps),
    allowedOrigins,
    rateLimit: asked.rateLimit === undefined ? current.rateLimit : asked.rateLimit,
    note: asked.note ?? current.note,
  };
}

/** Later times have five-digit years, which are written otherwise. */
const LATEST_MS = Date.parse('9999-12-31T23:59:59.999Z');

function futureTime(expiresAt: string | null, nowMs: number): string | null {
  if (expiresAt === null) return null;
  const atMs = Date.parse(expiresAt);
  if (atMs > LATEST_MS)
    throw new GatehouseError(
      'BAD_REQUEST',
      'expiresAt: is after the year 9999. Leave it out for a key without an end.',
    );
  if (atMs <= nowMs) throw new GatehouseError('BAD_REQUEST', 'expiresAt: is in the past. Revoke a key to end it now.');
  return toIso(atMs);
}

function networks(entries: readonly string[]): string[] {
  return entries.map((entry, index) => {
    try {
      const { address, prefix, family } = parseNetwork(entry.trim());
      return prefix === (family === 4 ? 32 : 128) ? address : `${address}/${prefix}`;
    } catch (error) {
      throw new GatehouseError(
        'BAD_REQUEST',
        `allowedIps[${index}]: ${JSON.stringify(entry)} ${(error as Error).message}.`,
      );
    }
  });
}

/** `undefined`: no list, which a record leaves out. */
function origins(entries: readonly string[]): string[] | undefined {
  if (entries.length === 0) return undefined;
  return entries.map((entry, index) => {
    try {
      return parseOrigin(entry);
    } catch (error) {
      throw new GatehouseError(
        'BAD_REQUEST',
        `allowedOrigins[${index}]: ${JSON.stringify(entry)} ${(error as Error).message}.`,
      );
    }
  });
}

function resolved(
  names: readonly string[] | null,
  workspaceIds: readonly string[] | null,
  by: Bounds,
  credentials: CredentialNames,
): string[] | null {
  if (names === null) return null;
  return names.map((name, index) => {
    const id = credentials.resolve(name, workspaceIds);
    // One that the caller may not see and one that does not exist are refused in the same words.
    if (id === null || !by.seesCredential(id))
      throw new GatehouseError(
        'BAD_REQUEST',
        `credentialIds[${index}]: there is no credential ${JSON.stringify(name)}. Write its id or workspace/name; a bare name only for a key of one workspace.`,
      );
    return id;
  });
}
