import type { Egress } from '../egress/egress.js';
import { Scrubber } from '../egress/scrubber.js';
import { GatehouseError } from '../kernel/errors.js';
import type { Actor, Bounds } from '../kernel/principal.js';
import type { CredentialStore } from './credential-store.js';
import { applyAuth } from './credential-types/auth.js';
import type { CredentialTypes } from './credential-types/catalogue.js';
import { baseUrlOf } from './credential-types/hosts.js';
import { hostOf } from './credential-types/template.js';
import { egressCall } from './egress-call.js';
import type { CredentialSource } from './source.js';

/** A credential as rooms see it that ask its vendor something. */
export interface CallableCredential {
  readonly id: string;
  readonly name: string;
  readonly type: string;
  readonly workspaceId: string;
  /** Another one after every change of what is sent, and where. */
  readonly version: string;
  readonly host: string;
}

/** Small questions to vendors, each with the credential in its slot, and answers without it. */
export class VendorCalls {
  readonly #store: CredentialStore;
  readonly #types: CredentialTypes;
  readonly #source: CredentialSource;
  readonly #egress: Egress;

  constructor(parts: {
    readonly store: CredentialStore;
    readonly types: CredentialTypes;
    readonly source: CredentialSource;
    readonly egress: Egress;
  }) {
    this.#store = parts.store;
    this.#types = parts.types;
    this.#source = parts.source;
    this.#egress = parts.egress;
  }

  /** Those of some types that a caller sees; damaged ones are not among them. */
  list(by: Bounds, typeIds: readonly string[]): CallableCredential[] {
    return [...this.#store.readable()].flatMap((record) => {
      const { id, name, workspaceId, sealed } = record;
      const type = typeIds.includes(record.type) ? this.#types.get(record.type) : undefined;
      if (type === undefined || !by.seesCredential(id)) return [];
      const baseUrl = baseUrlOf(type, record.fields);
      if (baseUrl === null) return [];
      return [{ id, name, type: type.id, workspaceId, version: sealed.token, host: hostOf(baseUrl) }];
    });
  }

  /**
   * Asks for a path below the credential's base URL.
   * @param purpose - as the audit keeps it
   * @throws GatehouseError of opening and of egress
   */
  async get(by: Actor, { id, workspaceId, host }: CallableCredential, purpose: string, path: string) {
    const opened = await this.#source.open(by, id, { purpose, host });
    const { baseUrl } = opened;
    if (baseUrl === null) throw new GatehouseError('BAD_REQUEST', 'This credential is not called over HTTP.');
    const auth = await opened.auth();
    const request = applyAuth(auth, { url: new URL(`${baseUrl}${path}`), headers: new Map() }, baseUrl);
    const headers = new Map([['accept', 'application/json'], ['user-agent', 'Gatehouse/1.0'], ...request.headers]);
    const call = egressCall(this.#egress, workspaceId);
    const { status, text } = await call({ method: 'GET', url: request.url.href, headers });
    return { status, text: new Scrubber([...new Set([...opened.secrets, ...auth.secrets])]).text(text) };
  }
}
