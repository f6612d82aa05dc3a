import type { CreateCredential, CredentialTried, ReplaceCredential } from '../../contract/credentials.js';
import type { Egress } from '../../egress/egress.js';
import { type Clock, toIso } from '../../kernel/clock.js';
import type { Actor } from '../../kernel/principal.js';
import type { Source } from '../credential-source.js';
import type { CredentialStore } from '../credential-store.js';
import type { CredentialTypes } from '../credential-types/catalogue.js';
import { type GivenCredential, readGiven, readReplacement } from '../given.js';
import type { CredentialRecord } from '../record.js';
import { asksSomebody, askVendor, testedHost, toldOf } from './ask-vendor.js';
import { found } from './outcome.js';
import { Pace } from './pace.js';

/** Somebody sits before a form and waits. */
const WITHIN_MS = 5000;

export interface TrialsOptions {
  readonly store: CredentialStore;
  readonly types: CredentialTypes;
  readonly source: Source;
  readonly egress: Egress;
  readonly clock: Clock;
}

/** Tries fields on their vendor before they are kept: they live as long as the call, and nothing of them is written. */
export class Trials {
  readonly #o: TrialsOptions;
  readonly #pace: Pace;

  constructor(options: TrialsOptions) {
    this.#o = options;
    this.#pace = new Pace(options.clock, 'Something was tried in this workspace a moment ago.');
  }

  /** @throws GatehouseError `BAD_REQUEST` as `create` does; `RATE_LIMITED`; `AUDIT_UNAVAILABLE`, with nobody asked */
  async create(by: Actor, workspaceId: string, request: CreateCredential): Promise<CredentialTried> {
    by.bounds.require({ workspaceId });
    const given = readGiven(this.#o.types, request);
    return this.#try(by, { id: workspaceId, name: request.name, workspaceId }, given);
  }

  /** @throws GatehouseError as `create`; `BAD_REQUEST` as `replace` does */
  async replace(
    by: Actor,
    workspaceId: string,
    idOrName: string,
    request: ReplaceCredential,
  ): Promise<CredentialTried> {
    const record = this.#o.store.requireRecord(by.bounds, workspaceId, idOrName);
    return this.#try(by, record, readReplacement(this.#o.types, record, request));
  }

  async #try(
    by: Actor,
    named: Pick<CredentialRecord, 'id' | 'name' | 'workspaceId'>,
    given: GivenCredential,
  ): Promise<CredentialTried> {
    const { source, egress, clock } = this.#o;
    const { type, open, warnings } = given;
    // By workspace and not by what is tried: keys that somebody found are not to be tried here one after another.
    if (asksSomebody(type)) this.#pace.require(named.workspaceId);
    const opened = await source.openGiven(by, named, given, testedHost(type, open));
    const begunMs = performance.now();
    const asked = await askVendor(opened, egress, WITHIN_MS);
    const tookMs = performance.now() - begunMs;
    const words = `Nobody was asked. ${type.testReason?.replace(/\.$/, '')}`;
    const at = toIso(clock.nowMs());
    const test = toldOf(asked ?? found('unknown', words), { at, tookMs, withReply: true });
    return { test, warnings: [...warnings] };
  }
}
