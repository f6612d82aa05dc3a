import type { Audit } from '../../audit/audit.js';
import { audited } from '../../audit/audited.js';
import { changesOf } from '../../audit/changes.js';
import type { PageOf } from '../../contract/fields.js';
import type {
  Entitlements,
  EntitlementsView,
  ListInOrganization,
  OrganizationView,
} from '../../contract/organizations.js';
import { type Clock, toIso } from '../../kernel/clock.js';
import { GatehouseError } from '../../kernel/errors.js';
import { newId } from '../../kernel/ids.js';
import type { Actor, Bounds, Principal } from '../../kernel/principal.js';
import type { Collection } from '../../store/collection.js';
import { countKeys, type KeyRecord } from '../keys/record.js';
import type { UserRecord } from '../users/record.js';
import { type Directory, UNLIMITED } from './directory.js';
import { pageFrom } from './page.js';
import type { OrganizationRecord } from './record.js';
import { countSeats } from './seats.js';

/** The workspaces of organizations; the room `workspaces` fits it. */
export interface OrganizationFolders {
  /** Before there is a second organization: the first one keeps every folder there is. */
  settle(): Promise<void>;
  countOf(organizationId: string): number;
}

export interface OrganizationsOptions {
  readonly directory: Directory;
  readonly users: Collection<UserRecord>;
  readonly keys: Collection<KeyRecord>;
  readonly folders: OrganizationFolders;
  readonly audit: Audit;
  readonly clock: Clock;
}

/** Tenants, as every door sees them. */
export class Organizations {
  readonly #o: OrganizationsOptions;

  constructor(options: OrganizationsOptions) {
    this.#o = options;
  }

  /** Those the caller belongs to, for operators all. */
  list({ principal }: Bounds, query: ListInOrganization): PageOf<OrganizationView> {
    const all = this.#o.directory.all().filter(({ id }) => belongs(principal, id));
    return pageFrom(all.map(viewOf), query, ({ id }) => id, 'organization');
  }

  show(by: Bounds, id: string): OrganizationView {
    return viewOf(this.#require(by, id));
  }

  /** A user who makes one becomes its owner; others invite one. */
  async create(by: Actor, name: string): Promise<OrganizationView> {
    const { directory, folders, audit, clock } = this.#o;
    const { principal } = by.bounds;
    const record: OrganizationRecord = {
      id: newId('org'),
      name,
      entitlements: UNLIMITED,
      createdAt: toIso(clock.nowMs()),
      createdBy: principal.id,
    };
    const event = { action: 'organization.create', target: record.id, organizationId: record.id, detail: { name } };
    await audited(audit, by, event, async () => {
      await folders.settle();
      await directory.records.change((draft) => draft.put(record));
      if (principal.kind !== 'user') return;
      await this.#addOwner(principal.id, record).catch(async (error) => {
        // Nobody could do anything with an organization that failed halfway.
        await directory.records.change((draft) => draft.remove(record.id));
        throw error;
      });
    });
    return viewOf(record);
  }

  async rename(by: Actor, id: string, name: string): Promise<OrganizationView> {
    const { name: from } = this.#require(by.bounds, id);
    const event = {
      action: 'organization.rename',
      target: id,
      organizationId: id,
      detail: { from, to: name },
      changes: changesOf({ name: from }, { name }),
    };
    return viewOf(await this.#change(by, event, id, (record) => ({ ...record, name })));
  }

  entitlements(by: Bounds, id: string): EntitlementsView {
    return this.#entitlementsOf(this.#require(by, id));
  }

  /** What is there already stays, also where it is more than the new limit. */
  async setEntitlements(by: Actor, id: string, entitlements: Entitlements): Promise<EntitlementsView> {
    const changes = changesOf(this.#require(by.bounds, id).entitlements, entitlements);
    const detail = { ...entitlements };
    const event = { action: 'organization.limits', target: id, organizationId: id, detail, changes };
    return this.#entitlementsOf(await this.#change(by, event, id, (record) => ({ ...record, entitlements })));
  }

  #entitlementsOf({ id, entitlements }: OrganizationRecord): EntitlementsView {
    const { keys, users, folders, clock } = this.#o;
    return {
      entitlements,
      used: {
        keys: countKeys(keys.values(), id),
        workspaces: folders.countOf(id),
        members: countSeats(users.values(), id, clock.nowMs()),
      },
    };
  }

  #change(
    by: Actor,
    event: Parameters<typeof audited>[2],
    id: string,
    next: (record: OrganizationRecord) => OrganizationRecord,
  ): Promise<OrganizationRecord> {
    const { audit, directory } = this.#o;
    return audited(audit, by, event, () =>
      directory.records.change((draft) => {
        const changed = next(found(directory.get(id, draft)));
        draft.put(changed);
        return changed;
      }),
    );
  }

  async #addOwner(userId: string, { id: organizationId, createdAt: since }: OrganizationRecord): Promise<void> {
    await this.#o.users.change((draft) => {
      const user = draft.get(userId);
      if (user === undefined) throw new GatehouseError('CONFLICT', 'Your account has ended meanwhile.');
      draft.put({ ...user, memberships: [...user.memberships, { organizationId, role: 'owner', since }] });
    });
  }

  #require(by: Bounds, id: string): OrganizationRecord {
    by.require({ organizationId: id });
    return found(this.#o.directory.get(id));
  }
}

/** The bounds have asked; it may have been taken out of the file since. */
function found(record: OrganizationRecord | undefined): OrganizationRecord {
  if (record === undefined) throw new GatehouseError('NOT_FOUND', 'There is no such organization.');
  return record;
}

function belongs({ operator, organizationId, person }: Principal, id: string): boolean {
  if (operator || person?.instance != null) return true;
  return person === null ? organizationId === id : person.memberships.has(id);
}

function viewOf({ id, name, createdAt, createdBy }: OrganizationRecord): OrganizationView {
  return { id, name, createdAt, createdBy };
}
