import type { Environment } from '../../contract/fields.js';
import type { CreateMcpToken, KeyType } from '../../contract/keys.js';
import { toIso } from '../../kernel/clock.js';
import { sha256 } from '../../kernel/digest.js';
import { newId } from '../../kernel/ids.js';
import type { Actor } from '../../kernel/principal.js';
import { type CredentialNames, checkedBounds } from './bounds-of-record.js';
import type { KeyFamily } from './family.js';
import type { KeyRecord, KeySecret } from './record.js';
import { visibleStart } from './token.js';

/** What any family's keys may be made with; what is not theirs is refused by their schema. */
export type NewKey = CreateMcpToken & { readonly type: KeyType };

/** The same, with the environment settled. */
export type Requested = Omit<NewKey, 'environment' | 'organizationId'> & { readonly environment: Environment };

export interface NewRecordFacts {
  readonly by: Actor;
  readonly request: Requested;
  readonly organizationId: string;
  readonly origin: KeyRecord['origin'];
  readonly secret: KeySecret;
  readonly family: KeyFamily;
  readonly credentials: CredentialNames;
  readonly nowMs: number;
}

/**
 * The record of a key that is about to be made; every bound is written out, so that a later default changes no key.
 * @throws GatehouseError `BAD_REQUEST` naming the field, `NOT_FOUND` for a workspace the caller cannot see
 */
export function newRecord({
  by,
  request,
  organizationId,
  origin,
  secret,
  family,
  credentials,
  nowMs,
}: NewRecordFacts): KeyRecord {
  const empty = {
    scopes: [...family.defaultScopes],
    expiresAt: null,
    workspaceIds: null,
    credentialIds: null,
    allowedIps: [],
    rateLimit: null,
    note: '',
  };
  return {
    id: newId('key'),
    name: request.name,
    type: request.type,
    environment: request.environment,
    organizationId,
    ...checkedBounds(request, empty, by.bounds, organizationId, credentials, nowMs),
    createdAt: secret.createdAt,
    createdBy: by.bounds.principal.id,
    revokedAt: null,
    revokedBy: null,
    revokeReason: null,
    origin,
    secrets: [secret],
    ...(request.type === 'mcp' ? mcpBounds({ tools: null, readOnly: false }, request) : {}),
  };
}

/** The bounds that only MCP tokens have, changed where the request names them. */
export function mcpBounds(
  current: KeyRecord['mcp'],
  asked: Pick<NewKey, 'tools' | 'readOnly'>,
): Pick<KeyRecord, 'mcp'> {
  if (current === undefined) return {};
  const tools = asked.tools === undefined ? current.tools : asked.tools;
  return { mcp: { tools, readOnly: asked.readOnly ?? current.readOnly } };
}

export function secretOf(token: string, nowMs: number): KeySecret {
  return {
    digest: `sha256:${sha256(token)}`,
    start: visibleStart(token),
    last4: token.slice(-4),
    createdAt: toIso(nowMs),
    expiresAt: null,
  };
}
