import type { CredentialTested, LastTest } from '../../contract/credentials.js';
import type { Egress } from '../../egress/egress.js';
import { type Clock, toIso } from '../../kernel/clock.js';
import { GatehouseError } from '../../kernel/errors.js';
import type { Actor } from '../../kernel/principal.js';
import type { Source } from '../credential-source.js';
import type { CredentialStore } from '../credential-store.js';
import type { CredentialTypes } from '../credential-types/catalogue.js';
import { baseUrlOf, hostsOf } from '../credential-types/hosts.js';
import type { CredentialType } from '../credential-types/schema.js';
import { hostOf } from '../credential-types/template.js';
import type { Credentials } from '../credentials.js';
import { egressCall } from '../egress-call.js';
import type { CredentialRecord } from '../record.js';
import { testOverHttp } from './http-test.js';
import { testMail } from './mail-test.js';
import { type Found, found } from './outcome.js';

/** One credential is tested at most so often: a vendor counts failed logins, and this is no tool to make some. */
const EVERY_MS = 5000;

export interface TesterOptions {
  readonly store: CredentialStore;
  readonly types: CredentialTypes;
  readonly credentials: Credentials;
  readonly source: Source;
  readonly egress: Egress;
  readonly clock: Clock;
}

/** Tries credentials on their vendors, and keeps what came of it. */
export class Tester {
  readonly #o: TesterOptions;
  readonly #startedMs = new Map<string, number>();

  constructor(options: TesterOptions) {
    this.#o = options;
  }

  /** @throws GatehouseError `RATE_LIMITED`; what opening throws. What the vendor says is a value. */
  async test(by: Actor, workspaceId: string, idOrName: string): Promise<CredentialTested> {
    const record = this.#o.store.requireRecord(by.bounds, workspaceId, idOrName);
    this.#throttle(record.id);
    return this.run(by, record);
  }

  async run(by: Actor, record: CredentialRecord): Promise<CredentialTested> {
    const type = this.#o.types.get(record.type);
    const { outcome, detail } = await this.#ask(by, record, type);
    const test: LastTest = { at: toIso(this.#o.clock.nowMs()), outcome, detail };
    return { credential: await this.#o.credentials.noteTest(record, test), test };
  }

  /** Whether anybody would be asked. */
  asks({ type }: CredentialRecord): boolean {
    const found = this.#o.types.get(type);
    return found !== undefined && (found.test !== null || found.testProtocol !== undefined);
  }

  async #ask(by: Actor, record: CredentialRecord, type: CredentialType | undefined): Promise<Found> {
    const { source, egress } = this.#o;
    const host = type === undefined ? null : testedHost(type, record);
    const opened = await source.openRecord(by, record, { purpose: 'test', host });
    const { test, testProtocol, testReason } = opened.type;
    if (testProtocol !== undefined) return testMail(opened, egress, testProtocol.timeoutMs);
    if (test !== null) return testOverHttp(opened, test, egressCall(egress, record.workspaceId));
    return found('unknown', `It opens. ${testReason?.replace(/\.$/, '')}`);
  }

  #throttle(id: string): void {
    const nowMs = this.#o.clock.nowMs();
    for (const [other, startedMs] of this.#startedMs) if (nowMs - startedMs >= EVERY_MS) this.#startedMs.delete(other);
    const startedMs = this.#startedMs.get(id);
    if (startedMs !== undefined)
      throw new GatehouseError('RATE_LIMITED', 'This credential was tested a moment ago.', {
        retryAfterSeconds: Math.ceil((startedMs + EVERY_MS - nowMs) / 1000),
      });
    this.#startedMs.set(id, nowMs);
  }
}

/** The host that the test sends the credential to; `null`: none. Made of fields that are no secret. */
function testedHost(type: CredentialType, { fields, optionalHosts }: CredentialRecord): string | null {
  if (type.testProtocol !== undefined) return hostsOf(type, fields, optionalHosts)[0] ?? null;
  if (type.test === null) return null;
  const url = baseUrlOf(type, fields);
  return url === null ? null : hostOf(url);
}
