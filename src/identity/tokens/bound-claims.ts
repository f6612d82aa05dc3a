import type { Principal } from '../../kernel/principal.js';

/** A caller's bounds beside its scopes, for whoever checks our tokens elsewhere; Gatehouse asks the live key instead. */
export function boundClaims(principal: Principal): Record<string, unknown> {
  return {
    kind: principal.kind,
    organization_id: principal.organizationId,
    workspace_ids: principal.workspaceIds,
    credential_ids: principal.credentialIds,
    ...(principal.environment === null ? {} : { environment: principal.environment }),
    ...(principal.allowedIps.length === 0 ? {} : { allowed_ips: principal.allowedIps }),
    ...(principal.allowedOrigins.length === 0 ? {} : { allowed_origins: principal.allowedOrigins }),
  };
}
