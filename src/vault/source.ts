import type { Actor } from '../kernel/principal.js';
import type { AuthChanges } from './credential-types/auth.js';
import type { CredentialType } from './credential-types/schema.js';
import type { FieldValues } from './credential-types/template.js';

/** Why a credential is opened, and where it will be sent. */
export interface Opening {
  /** A short word that the audit keeps: `proxy`, `test`, `endpoint`, `ask`, `webhook`. */
  readonly purpose: string;
  /** As `hostOf` writes it, among the credential's hosts; `null`: it is sent nowhere (webhook secrets). */
  readonly host: string | null;
}

/** A credential that is open. It lives as long as one use, and nothing of it is stored, logged or answered. */
export interface OpenedCredential {
  readonly id: string;
  readonly name: string;
  readonly workspaceId: string;
  readonly type: CredentialType;
  /** Every host it may be sent to, see `allowsHost`. */
  readonly hosts: readonly string[];
  /** Without a slash at the end; `null`: not for HTTP. */
  readonly baseUrl: string | null;
  /** Every field, the secret ones too. */
  readonly fields: FieldValues;
  /** What must not come back or be logged. */
  readonly secrets: readonly string[];
  /**
   * How a request carries it. Where the type asks for a token exchange, the token is fetched first and kept in memory
   * until shortly before its end.
   * @param options.refresh - the vendor answered 401 to the token that was kept: fetch another one, once
   * @throws GatehouseError of the exchange: `EGRESS_REFUSED` and `UPSTREAM_…`
   */
  auth(options?: { readonly refresh?: boolean }): Promise<AuthChanges>;
}

/** Opens credentials for rooms and doors that use them. */
export interface CredentialSource {
  /**
   * Writes the audit line first, then opens. Ids outside the caller's bounds are unknown to it.
   * @throws GatehouseError `NOT_FOUND`; `FORBIDDEN` for a host that is not the credential's; `AUDIT_UNAVAILABLE`, with
   *   nothing opened; `VAULT_LOCKED` and `CREDENTIAL_UNREADABLE` for a key that is missing and a record that was changed
   */
  open(by: Actor, credentialId: string, opening: Opening): Promise<OpenedCredential>;
  /** The id behind an id or a name in a workspace; `null`: there is none. It says nothing of the caller's bounds. */
  find(workspaceId: string, idOrName: string): string | null;
}
