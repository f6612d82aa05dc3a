import type { CredentialTested, LastTest } from '../../contract/credentials.js';
import type { Egress } from '../../egress/egress.js';
import { type Clock, toIso } from '../../kernel/clock.js';
import type { Actor } from '../../kernel/principal.js';
import type { Source } from '../credential-source.js';
import type { CredentialStore } from '../credential-store.js';
import type { CredentialTypes } from '../credential-types/catalogue.js';
import type { Credentials } from '../credentials.js';
import type { CredentialRecord } from '../record.js';
import { asksSomebody, askVendor, testedHost, toldOf } from './ask-vendor.js';
import { type Found, found } from './outcome.js';
import { Pace } from './pace.js';

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
  readonly #pace: Pace;

  constructor(options: TesterOptions) {
    this.#o = options;
    this.#pace = new Pace(options.clock, 'This credential was tested a moment ago.');
  }

  /** @throws GatehouseError `RATE_LIMITED`; what opening throws. What the vendor says is a value. */
  async test(by: Actor, workspaceId: string, idOrName: string): Promise<CredentialTested> {
    const record = this.#o.store.requireRecord(by.bounds, workspaceId, idOrName);
    this.#pace.require(record.id);
    return this.run(by, record);
  }

  async run(by: Actor, record: CredentialRecord): Promise<CredentialTested> {
    const begunMs = performance.now();
    const asked = await this.#ask(by, record);
    const tookMs = performance.now() - begunMs;
    const at = toIso(this.#o.clock.nowMs());
    const lastTest: LastTest = { at, outcome: asked.outcome, detail: asked.detail };
    // Whoever tests does not hold what is sealed: what a vendor tells a good key is for those who may use it.
    const withReply = asked.outcome === 'invalid' || (asked.status ?? 0) >= 400;
    const test = toldOf(asked, { at, tookMs, withReply });
    return { credential: await this.#o.credentials.noteTest(record, lastTest), test };
  }

  /** Whether anybody would be asked. */
  asks({ type }: CredentialRecord): boolean {
    const found = this.#o.types.get(type);
    return found !== undefined && asksSomebody(found);
  }

  async #ask(by: Actor, record: CredentialRecord): Promise<Found> {
    const { source, egress, types } = this.#o;
    const type = types.get(record.type);
    const host = type === undefined ? null : testedHost(type, record);
    const opened = await source.openRecord(by, record, { purpose: 'test', host });
    const asked = await askVendor(opened, egress);
    return asked ?? found('unknown', `It opens. ${opened.type.testReason?.replace(/\.$/, '')}`);
  }
}
