import type { Audit } from '../audit/audit.js';
import type { Egress } from '../egress/egress.js';
import type { Clock } from '../kernel/clock.js';
import { GatehouseError } from '../kernel/errors.js';
import type { Actor } from '../kernel/principal.js';
import type { CredentialStore } from './credential-store.js';
import { authOf, secretsOf } from './credential-types/auth.js';
import type { CredentialTypes } from './credential-types/catalogue.js';
import { allowsHost, baseUrlOf, hostsOf } from './credential-types/hosts.js';
import type { CredentialType, Exchange } from './credential-types/schema.js';
import type { FieldValues } from './credential-types/template.js';
import { type EgressCall, egressCall } from './egress-call.js';
import { type ExchangeResult, exchangeHost, exchangeOf, exchangeToken } from './exchange.js';
import type { GivenCredential } from './given.js';
import { type CredentialRecord, openCredential } from './record.js';
import type { CredentialSource, OpenedCredential, Opening } from './source.js';
import type { TokenCache } from './token-cache.js';
import type { Uses } from './view.js';
import { unreadable, type WorkspaceKeys } from './workspace-keys.js';

export interface SourceOptions {
  readonly store: CredentialStore;
  readonly types: CredentialTypes;
  readonly keys: WorkspaceKeys;
  readonly tokens: TokenCache;
  readonly egress: Egress;
  readonly audit: Audit;
  readonly uses: Uses;
  readonly clock: Clock;
}

/** What a test needs of a credential: all but how others are to send it, and the exchange by itself. */
export interface OpenForTest extends Omit<OpenedCredential, 'auth'> {
  /** The exchange that applies, done anew; `null`: none does. */
  readonly exchange: Exchange | null;
  exchangeNow(call?: EgressCall): Promise<ExchangeResult>;
}

/** As the audit names it; `id` is that of the workspace while a credential is not kept. */
type Named = Pick<CredentialRecord, 'id' | 'name' | 'workspaceId'>;

/** The only place where the secrets of credentials are opened. */
export class Source implements CredentialSource {
  readonly #o: SourceOptions;

  constructor(options: SourceOptions) {
    this.#o = options;
  }

  find(workspaceId: string, idOrName: string): string | null {
    return this.#o.store.find(workspaceId, idOrName);
  }

  open(by: Actor, credentialId: string, opening: Opening): Promise<OpenedCredential> {
    const workspaceId = this.#o.store.workspaceOf(credentialId);
    // An id that is nowhere is refused by the same check, in the same words, as one the caller may not use.
    by.bounds.require({ credentialId });
    const record = this.#o.store.requireRecord(by.bounds, workspaceId ?? '', credentialId);
    return this.openRecord(by, record, opening);
  }

  /** Opens a record that was checked against the caller's bounds. @throws GatehouseError as `open` */
  async openRecord(
    by: Actor,
    seen: CredentialRecord,
    { purpose, host }: Opening,
  ): Promise<OpenForTest & OpenedCredential> {
    this.#requireHost(seen, host);
    await this.#record(by, 'credential.open', seen, seen.type, purpose, host);
    // While the line was written the record may have been sealed anew, replaced or deleted: what counts is what it is now.
    const record = this.#o.store.get(seen.id);
    if (record === null)
      throw new GatehouseError('NOT_FOUND', 'The credential is gone: somebody deleted it meanwhile.');
    const { type, hosts } = this.#requireHost(record, host);
    const { id } = record;
    const fields = { ...record.fields, ...openCredential(this.#o.keys, record) };
    this.#o.uses.touch(id, this.#o.clock.nowMs(), by.address);
    const opened = this.#opened(by, record, type, hosts, fields, purpose);
    const { exchange, exchangeNow } = opened;
    return {
      ...opened,
      auth: ({ refresh = false } = {}) =>
        this.#auth({ type, fields, id, version: record.sealed.token, refresh, exchange, exchangeNow }),
    };
  }

  /**
   * What a caller gave, as if it were kept, for one test: audited first, and kept nowhere.
   * @throws GatehouseError `FORBIDDEN` for a host that would not be its own; `AUDIT_UNAVAILABLE`
   */
  async openGiven(by: Actor, named: Named, given: GivenCredential, host: string | null): Promise<OpenForTest> {
    const { type, hosts } = given;
    requireHost(named.name, hosts, host);
    await this.#record(by, 'credential.try', named, type.id, 'try', host);
    return this.#opened(by, named, type, hosts, { ...given.open.fields, ...given.secrets }, 'try');
  }

  #opened(
    by: Actor,
    { id, name, workspaceId }: Named,
    type: CredentialType,
    hosts: readonly string[],
    fields: FieldValues,
    purpose: string,
  ): OpenForTest {
    const exchange = exchangeOf(type, fields);
    const exchangeNow = async (call = egressCall(this.#o.egress, workspaceId)): Promise<ExchangeResult> => {
      if (exchange === null) throw new Error('this type has no exchange');
      const host = exchangeHost(exchange, fields);
      await this.#record(by, 'credential.exchange', { id, name, workspaceId }, type.id, purpose, host);
      return exchangeToken(exchange, fields, call, this.#o.clock);
    };
    const baseUrl = baseUrlOf(type, fields);
    return {
      id,
      name,
      workspaceId,
      type,
      hosts,
      baseUrl,
      fields,
      secrets: secretsOf(type, fields),
      exchange,
      exchangeNow,
    };
  }

  /** @throws GatehouseError `FORBIDDEN` for a host that is not this credential's */
  #requireHost(record: CredentialRecord, host: string | null): { type: CredentialType; hosts: readonly string[] } {
    const type = this.#o.types.get(record.type);
    if (type === undefined) throw unreadable();
    const hosts = hostsOf(type, record.fields, record.optionalHosts);
    requireHost(record.name, hosts, host);
    return { type, hosts };
  }

  async #auth(of: {
    readonly type: CredentialType;
    readonly fields: FieldValues;
    readonly id: string;
    readonly version: string;
    readonly refresh: boolean;
    readonly exchange: Exchange | null;
    readonly exchangeNow: () => Promise<ExchangeResult>;
  }) {
    if (of.exchange === null) return authOf(of.type, of.fields);
    const result = await this.#o.tokens.get(of.id, of.version, of.refresh, of.exchangeNow);
    if (result.kind === 'token') return authOf(of.type, of.fields, { access_token: result.token.token });
    throw new GatehouseError(
      'UPSTREAM_BAD_ANSWER',
      result.kind === 'refused'
        ? `${result.host} gave no token for this credential (${result.status}). Test it to see why.`
        : `No token can be asked for with this credential: ${result.reason}. Replace it.`,
    );
  }

  /** On disk before anything is opened or sent. @throws GatehouseError `AUDIT_UNAVAILABLE` */
  #record(by: Actor, action: string, named: Named, type: string, purpose: string, host: string | null) {
    const { id, name, workspaceId } = named;
    return this.#o.audit.record({
      action,
      actor: by.bounds.principal.id,
      target: id,
      address: by.address,
      requestId: by.requestId,
      detail: { workspaceId, name, type, purpose, host },
    });
  }
}

function requireHost(name: string, hosts: readonly string[], host: string | null): void {
  if (host === null || allowsHost(hosts, host)) return;
  throw new GatehouseError(
    'FORBIDDEN',
    `The credential ${name} may not be sent to ${host}. It is for ${hosts.join(', ') || 'no host'}.`,
  );
}
