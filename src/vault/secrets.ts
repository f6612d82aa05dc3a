import { isDeepStrictEqual } from 'node:util';
import * as z from 'zod';
import type { Audit } from '../audit/audit.js';
import { audited } from '../audit/audited.js';
import { changesOf } from '../audit/changes.js';
import { HostPattern } from '../contract/credentials.js';
import { type PageOf, Timestamp } from '../contract/fields.js';
import { type ListValues, type SecretView, type SetSecret, ValueName } from '../contract/secrets.js';
import { type Clock, toIso } from '../kernel/clock.js';
import { GatehouseError } from '../kernel/errors.js';
import type { Actor, Bounds } from '../kernel/principal.js';
import type { Collection } from '../store/collection.js';
import { allowsHost } from './credential-types/hosts.js';
import { pageOf } from './page.js';
import { recordReader, type Stored } from './record.js';
import type { Opening } from './source.js';
import type { Uses } from './view.js';
import { SealedValue, unreadable, type WorkspaceKeys } from './workspace-keys.js';

/** One line of `.gatehouse/secrets.json`. */
export const SecretRecord = z.strictObject({
  /** `<workspace>/<name>` */
  id: z.string(),
  workspaceId: z.string(),
  name: ValueName,
  hosts: z.array(HostPattern),
  note: z.string(),
  sealed: SealedValue,
  createdAt: Timestamp,
  createdBy: z.string(),
  updatedAt: Timestamp,
});
export type SecretRecord = z.infer<typeof SecretRecord>;

export interface SecretsOptions {
  readonly records: Collection<Stored>;
  readonly keys: WorkspaceKeys;
  readonly audit: Audit;
  readonly uses: Uses;
  readonly clock: Clock;
}

/** Secrets of workspaces by name: kept, named, sent where they may go, never shown. */
export class Secrets {
  readonly #o: SecretsOptions;
  readonly read = recordReader(SecretRecord);

  constructor(options: SecretsOptions) {
    this.#o = options;
  }

  list(by: Bounds, workspaceId: string, query: ListValues): PageOf<SecretView> {
    by.require({ workspaceId });
    const seen = [...this.#o.records.values()].filter((stored) => stored['workspaceId'] === workspaceId);
    return pageOf(
      seen.map((stored) => this.#view(stored)),
      ({ name }) => name,
      query,
    );
  }

  show(by: Bounds, workspaceId: string, name: string): SecretView {
    return this.#view(this.#require(by, workspaceId, name));
  }

  /** Makes it or replaces all of it. */
  async set(by: Actor, workspaceId: string, name: string, request: SetSecret): Promise<SecretView> {
    by.bounds.require({ workspaceId });
    requireName(name);
    const { value } = request;
    const hosts = [...new Set(request.hosts)];
    const id = idOf(workspaceId, name);
    await this.#o.keys.ensure(workspaceId);
    const detail = { workspaceId, name, hosts };
    const known = this.#o.records.get(id);
    const seen = known === undefined ? null : this.read(known);
    const note = request.note ?? seen?.note ?? '';
    const changes = changesOf(seen === null ? {} : { hosts: seen.hosts, note: seen.note }, { hosts, note }, ['value']);
    const made = await audited(this.#o.audit, by, { action: 'secret.set', target: id, detail, changes }, () =>
      this.#o.records.change((draft) => {
        const stored = draft.get(id);
        const before = stored === undefined ? null : this.read(stored);
        const nowIso = toIso(this.#o.clock.nowMs());
        const record: SecretRecord = {
          id,
          workspaceId,
          name,
          hosts,
          note: request.note ?? before?.note ?? '',
          sealed: sealSecret(this.#o.keys, { workspaceId, name, hosts }, value),
          createdAt: before?.createdAt ?? nowIso,
          createdBy: before?.createdBy ?? by.bounds.principal.id,
          updatedAt: nowIso,
        };
        draft.put(record);
        return record;
      }),
    );
    return this.#view(made);
  }

  async remove(by: Actor, workspaceId: string, name: string): Promise<SecretView> {
    const view = this.#view(this.#require(by.bounds, workspaceId, name));
    const id = idOf(workspaceId, name);
    await audited(this.#o.audit, by, { action: 'secret.delete', target: id, detail: { workspaceId, name } }, () =>
      this.#o.records.change((draft) => draft.remove(id)),
    );
    this.#o.uses.forget([useName(id)]);
    return view;
  }

  /** Names that templates may use. */
  names(workspaceId: string): string[] {
    return [...this.#o.records.values()].flatMap((stored) => {
      const record = this.read(stored);
      return record?.workspaceId === workspaceId ? [record.name] : [];
    });
  }

  /**
   * Writes the audit line first, then opens.
   * @throws GatehouseError as `CredentialSource.open`
   */
  async open(by: Actor, workspaceId: string, name: string, { purpose, host }: Opening): Promise<string> {
    const { id } = this.#requireHost(by.bounds, workspaceId, name, host);
    await this.#o.audit.record({
      action: 'secret.open',
      actor: by.bounds.principal.id,
      target: id,
      address: by.address,
      requestId: by.requestId,
      detail: { workspaceId, name, purpose, host },
    });
    // While the line was written it may have been sealed anew, replaced or deleted: what counts is what it is now.
    const record = this.#requireHost(by.bounds, workspaceId, name, host);
    const value = openSecret(this.#o.keys, record);
    this.#o.uses.touch(useName(record.id), this.#o.clock.nowMs(), by.address);
    return value;
  }

  #requireHost(by: Bounds, workspaceId: string, name: string, host: string | null): SecretRecord {
    const record = this.read(this.#require(by, workspaceId, name));
    if (record === null) throw unreadable();
    if (host !== null && !allowsHost(record.hosts, host))
      throw new GatehouseError('FORBIDDEN', `The secret ${name} may not be sent to ${host}.`);
    return record;
  }

  #require(by: Bounds, workspaceId: string, name: string): Stored {
    by.require({ workspaceId });
    const stored = this.#o.records.get(idOf(workspaceId, name));
    if (stored === undefined)
      throw new GatehouseError(
        'NOT_FOUND',
        `There is no such secret in this workspace. GET /api/workspaces/${workspaceId}/secrets lists those.`,
      );
    return stored;
  }

  #view(stored: Stored): SecretView {
    const record = this.read(stored);
    if (record === null) return damagedView(stored);
    const { name, workspaceId, hosts, note, createdAt, createdBy, updatedAt, sealed } = record;
    const use = this.#o.uses.lastUse(useName(record.id));
    return {
      ...{ name, workspaceId, hosts, note, createdAt, createdBy, updatedAt },
      lastUsedAt: use === undefined ? null : toIso(use.atMs),
      keyId: sealed.keyId,
      ...this.#o.keys.stateOf(workspaceId, sealed.keyId),
    };
  }
}

type Bound = Pick<SecretRecord, 'workspaceId' | 'name' | 'hosts'>;

export function sealSecret(keys: WorkspaceKeys, { workspaceId, name, hosts }: Bound, value: string): SealedValue {
  return keys.seal(workspaceId, { kind: 'secret', workspaceId, name, hosts, value });
}

/** @throws GatehouseError as `openCredential` */
export function openSecret(keys: WorkspaceKeys, { workspaceId, name, hosts, sealed }: SecretRecord): string {
  const document = keys.open(workspaceId, sealed) as { value?: unknown };
  const { value } = document;
  if (typeof value !== 'string' || !isDeepStrictEqual(document, { kind: 'secret', workspaceId, name, hosts, value }))
    throw unreadable();
  return value;
}

export function requireName(name: string): void {
  const { error } = ValueName.safeParse(name);
  if (error !== undefined) throw new GatehouseError('BAD_REQUEST', `${error.issues[0]?.message}.`);
}

/** A workspace id holds no slash, so no two pairs share an id. */
export function idOf(workspaceId: string, name: string): string {
  return `${workspaceId}/${name}`;
}

function useName(id: string): string {
  return `secret:${id}`;
}

function damagedView(stored: Stored): SecretView {
  return {
    name: typeof stored['name'] === 'string' ? stored['name'] : stored.id.slice(stored.id.indexOf('/') + 1),
    workspaceId: String(stored['workspaceId']),
    hosts: [],
    note: '',
    createdAt: null,
    createdBy: 'unknown',
    updatedAt: null,
    lastUsedAt: null,
    keyId: 'unknown',
    state: 'damaged',
    wants: null,
  };
}
