import type { Audit } from '../audit/audit.js';
import { audited } from '../audit/audited.js';
import { changesOf } from '../audit/changes.js';
import type {
  CreateCredential,
  CredentialSaved,
  CredentialShown,
  CredentialUser,
  CredentialView,
  LastTest,
  ListCredentials,
  ReplaceCredential,
  UpdateCredential,
} from '../contract/credentials.js';
import type { PageOf } from '../contract/fields.js';
import { type Clock, toIso } from '../kernel/clock.js';
import { GatehouseError } from '../kernel/errors.js';
import { newId } from '../kernel/ids.js';
import type { Actor, Bounds } from '../kernel/principal.js';
import type { CredentialStore } from './credential-store.js';
import type { CredentialTypes } from './credential-types/catalogue.js';
import { readGiven, readReplacement } from './given.js';
import { pageOf } from './page.js';
import { type CredentialRecord, type Stored, sealCredential } from './record.js';
import { damagedView, type ViewFacts, viewOf } from './view.js';

/** Who would fail without a credential; each room that names credentials fits it. */
export type CredentialUsers = (credentialId: string) => readonly CredentialUser[];

export interface CredentialsOptions extends ViewFacts {
  readonly store: CredentialStore;
  readonly types: CredentialTypes;
  readonly usedBy: CredentialUsers;
  readonly audit: Audit;
  readonly clock: Clock;
}

/** The credentials of workspaces: kept, shown without their secrets, replaced, forgotten. */
export class Credentials {
  readonly #o: CredentialsOptions;

  constructor(options: CredentialsOptions) {
    this.#o = options;
  }

  /** By name. The cursor is the name and id that the page before ended with. Damaged lines are listed as such. */
  list(by: Bounds, workspaceId: string, query: ListCredentials): PageOf<CredentialView> {
    by.require({ workspaceId });
    const seen = this.#o.store
      .in(workspaceId)
      .filter(({ id }) => by.seesCredential(id))
      .map((stored) => this.#view(stored))
      .filter(({ type }) => query.type === undefined || type === query.type)
      .filter(({ lastTest }) => query.health === undefined || (lastTest?.outcome ?? 'untested') === query.health);
    return pageOf(seen, ({ name, id }) => `${name} ${id}`, query);
  }

  show(by: Bounds, workspaceId: string, idOrName: string): CredentialShown {
    const stored = this.#o.store.require(by, workspaceId, idOrName);
    return { credential: this.#view(stored), usedBy: [...this.#o.usedBy(stored.id)] };
  }

  /** @throws GatehouseError `BAD_REQUEST` naming the fields at fault, `CONFLICT` for a name that is taken, `VAULT_LOCKED` */
  async create(by: Actor, workspaceId: string, request: CreateCredential): Promise<CredentialSaved> {
    by.bounds.require({ workspaceId });
    const { type, open, secrets, hosts, warnings } = readGiven(this.#o.types, request);
    const nowIso = toIso(this.#o.clock.nowMs());
    const own = { id: newId('cred'), name: request.name, type: type.id, workspaceId };
    const made = await this.#write(by, 'create', own, hosts, (_, free) => {
      free(request.name);
      const rules = { readOnly: request.readOnly ?? false, rateLimit: request.rateLimit ?? null };
      const facts = { ...own, note: request.note ?? '', ...rules, ...open };
      const life = { createdAt: nowIso, createdBy: by.bounds.principal.id, updatedAt: nowIso, lastTest: null };
      return { ...facts, sealed: sealCredential(this.#o.keys, facts, secrets), ...life };
    });
    return { credential: this.#view(made), warnings: [...warnings] };
  }

  /**
   * Gives all fields anew. Nothing of the sealed ones is kept: whoever changes where a secret goes has to know it.
   * @throws GatehouseError `BAD_REQUEST` also for a secret field that is set and not given again
   */
  async replace(
    by: Actor,
    workspaceId: string,
    idOrName: string,
    request: ReplaceCredential,
  ): Promise<CredentialSaved> {
    const seen = this.#o.store.requireRecord(by.bounds, workspaceId, idOrName);
    const { open, secrets, hosts, warnings } = readReplacement(this.#o.types, seen, request);
    const updatedAt = toIso(this.#o.clock.nowMs());
    const made = await this.#write(by, 'replace', seen, hosts, (current) => {
      const facts = { ...present(current), ...open };
      return { ...facts, sealed: sealCredential(this.#o.keys, facts, secrets), updatedAt, lastTest: null };
    });
    return { credential: this.#view(made), warnings: [...warnings] };
  }

  async update(by: Actor, workspaceId: string, idOrName: string, patch: UpdateCredential): Promise<CredentialView> {
    const seen = this.#o.store.requireRecord(by.bounds, workspaceId, idOrName);
    const made = await this.#write(by, 'update', { ...seen, name: patch.name ?? seen.name }, null, (current, free) => {
      const { name, note, readOnly, rateLimit, ...rest } = present(current);
      if (patch.name !== undefined) free(patch.name);
      const updatedAt = toIso(this.#o.clock.nowMs());
      const rules = {
        readOnly: patch.readOnly ?? readOnly,
        rateLimit: patch.rateLimit === undefined ? rateLimit : patch.rateLimit,
      };
      return { ...rest, name: patch.name ?? name, note: patch.note ?? note, ...rules, updatedAt };
    });
    return this.#view(made);
  }

  /** @throws GatehouseError `CONFLICT` naming who uses it, unless forced */
  async remove(by: Actor, workspaceId: string, idOrName: string, force: boolean): Promise<CredentialView> {
    const stored = this.#o.store.require(by.bounds, workspaceId, idOrName);
    const view = this.#view(stored);
    const users = this.#o.usedBy(stored.id);
    if (users.length > 0 && !force) {
      const names = users.slice(0, 10).map(({ kind, name, id }) => `${kind} ${name} (${id})`);
      throw new GatehouseError(
        'CONFLICT',
        `It is used by ${names.join(', ')}${users.length > 10 ? ` and ${users.length - 10} more` : ''}. Take it away there first, or add force=true.`,
      );
    }
    const detail = { name: view.name, type: view.type, workspaceId, usedBy: users.map(({ id }) => id) };
    await audited(this.#o.audit, by, { action: 'credential.delete', target: stored.id, detail }, () =>
      this.#o.store.records.change((draft) => draft.remove(stored.id)),
    );
    this.#o.uses.forget([stored.id]);
    return view;
  }

  /** Keeps what a test found; a credential that was replaced meanwhile keeps nothing of it. */
  async noteTest(tested: CredentialRecord, lastTest: LastTest): Promise<CredentialView> {
    await this.#o.store.records.change((draft) => {
      const stored = draft.get(tested.id);
      const current = stored === undefined ? null : this.#o.store.read(stored);
      if (current !== null && current.sealed.token === tested.sealed.token) draft.put({ ...current, lastTest });
    });
    return this.#view(this.#o.store.records.get(tested.id) ?? { ...tested, lastTest });
  }

  /**
   * Saves what `plan` makes of the line as it is. The workspace's key is made before, the sealing happens in the change:
   * so no rotation of keys can come between the two. `plan` runs twice, first so that a refusal leaves no audit line.
   */
  async #write(
    by: Actor,
    act: 'create' | 'replace' | 'update',
    own: Pick<CredentialRecord, 'id' | 'name' | 'type' | 'workspaceId'>,
    hosts: readonly string[] | null,
    plan: (current: CredentialRecord | null, requireFree: (name: string) => void) => CredentialRecord,
  ): Promise<CredentialRecord> {
    const { keys, store, audit } = this.#o;
    const planOn = (lines: { get(id: string): Stored | undefined; values(): Iterable<Stored> }) => {
      const stored = lines.get(own.id);
      const requireFree = (name: string) => {
        for (const other of lines.values())
          if (other.id !== own.id && other['workspaceId'] === own.workspaceId && other['name'] === name)
            throw new GatehouseError('CONFLICT', `name: ${name} is taken in this workspace.`);
      };
      return plan(stored === undefined ? null : store.read(stored), requireFree);
    };
    if (hosts !== null) await keys.ensure(own.workspaceId);
    const stored = store.records.get(own.id);
    const before = stored === undefined ? null : store.read(stored);
    const planned = planOn(store.records);
    const given = act === 'replace' ? planned.secretFields.map((field) => `fields.${field}`) : [];
    const changes = before === null ? [] : changesOf(factsOf(before), factsOf(planned), given);
    const { name, type, workspaceId } = own;
    const detail = { name, type, workspaceId, ...(hosts === null ? {} : { hosts: [...hosts] }) };
    return audited(audit, by, { action: `credential.${act}`, target: own.id, detail, changes }, () =>
      store.records.change((draft) => {
        const record = planOn(draft);
        draft.put(record);
        return record;
      }),
    );
  }

  #view(stored: Stored): CredentialView {
    const record = this.#o.store.read(stored);
    if (record === null) return damagedView(stored, String(stored['workspaceId']), this.#o);
    return viewOf(record, this.#o.types.get(record.type), this.#o);
  }
}

/** What may be known of it and can be changed. */
function factsOf({ name, note, fields, secretFields, optionalHosts, readOnly, rateLimit }: CredentialRecord): object {
  return { name, note, fields, secretFields, optionalHosts, readOnly, rateLimit };
}

/** @throws GatehouseError `NOT_FOUND` when the line is gone, or cannot be read any more, since it was looked at */
function present(record: CredentialRecord | null): CredentialRecord {
  if (record === null) throw new GatehouseError('NOT_FOUND', 'The credential is gone: somebody deleted it meanwhile.');
  return record;
}
