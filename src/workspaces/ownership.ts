import * as z from 'zod';
import type { Audit } from '../audit/audit.js';
import { audited } from '../audit/audited.js';
import { changesOf } from '../audit/changes.js';
import { OrganizationId, WorkspaceId } from '../contract/fields.js';
import { DefaultProvider, IndexRules } from '../contract/workspaces.js';
import type { Clock } from '../kernel/clock.js';
import { type EntitlementLimits, requireRoomFor } from '../kernel/entitlements.js';
import { GatehouseError } from '../kernel/errors.js';
import { type Announce, UNHEARD } from '../kernel/happening.js';
import type { Logger } from '../kernel/logger.js';
import type { Actor } from '../kernel/principal.js';
import { type Collection, openCollection } from '../store/collection.js';
import type { DataFolder } from '../store/data-folder.js';

/** One line of `.gatehouse/workspaces.json`. */
const Assignment = z.strictObject({
  /** The workspace. */
  id: WorkspaceId,
  organizationId: OrganizationId,
  /** Who answers questions that name nobody; `null`: the files alone. */
  defaultProvider: DefaultProvider.nullable().default(null),
  /** Which files are indexed. */
  include: IndexRules.shape.include.default([]),
  exclude: IndexRules.shape.exclude.default([]),
});
type Assignment = z.infer<typeof Assignment>;

/** What is asked about organizations; `identity` fits it. */
export interface OrganizationSource extends EntitlementLimits {
  has(organizationId: string): boolean;
  /** The organization that is the only one; `null`: there are several. */
  only(): string | null;
}

/**
 * Which organization a workspace belongs to: the one `workspaces.json` says. While there is one organization, it owns
 * what is not listed, too; once there are more, that is of none, and operators alone see it.
 */
export class Ownership {
  readonly #assignments: Collection<Assignment>;
  readonly #organizations: OrganizationSource;
  readonly #audit: Audit;
  #owners: ReadonlySet<string> = new Set();

  constructor(assignments: Collection<Assignment>, organizations: OrganizationSource, audit: Audit) {
    this.#assignments = assignments;
    this.#organizations = organizations;
    this.#audit = audit;
    const learn = () => {
      this.#owners = new Set([...assignments.values()].map(({ organizationId }) => organizationId));
    };
    learn();
    assignments.subscribe(learn);
  }

  /** `null`: of none. Whether there is such a folder is not asked here. */
  ownerOf(workspaceId: string): string | null {
    const listed = this.#assignments.get(workspaceId);
    if (listed !== undefined) return listed.organizationId;
    const only = this.#organizations.only();
    if (only === null) return null;
    // A folder that belongs to an organization nobody knows means that the list of organizations was lost, not that
    // there is one: what others had must not fall to the one that is left.
    return this.#owners.size === 0 || (this.#owners.size === 1 && this.#owners.has(only)) ? only : null;
  }

  defaultProviderOf(workspaceId: string): DefaultProvider | null {
    return this.#assignments.get(workspaceId)?.defaultProvider ?? null;
  }

  /** Which of its files are indexed. */
  rulesOf(workspaceId: string): IndexRules {
    const { include = [], exclude = [] } = this.#assignments.get(workspaceId) ?? {};
    return { include, exclude };
  }

  /**
   * Sets which files are indexed; a list that is left out stays.
   * @throws GatehouseError `NOT_FOUND` for a workspace out of the caller's bounds; `CONFLICT` for one of no organization
   */
  async setRules(
    by: Actor,
    workspaceId: string,
    rules: { readonly [L in keyof IndexRules]?: IndexRules[L] | undefined },
  ): Promise<void> {
    const organizationId = this.#requireOwner(by, workspaceId);
    const now = this.rulesOf(workspaceId);
    const { include = now.include, exclude = now.exclude } = rules;
    const event = {
      action: 'workspace.index_rules',
      target: workspaceId,
      organizationId,
      detail: { include: include.join(' '), exclude: exclude.join(' ') },
      changes: changesOf(now, { include, exclude }),
    };
    await audited(this.#audit, by, event, () =>
      this.#assignments.change((draft) =>
        draft.put({ ...fresh(workspaceId, organizationId), ...draft.get(workspaceId), include, exclude }),
      ),
    );
  }

  /** The workspaces whose default provider a credential is. */
  defaultsOn(credentialId: string): string[] {
    const all = [...this.#assignments.values()];
    return all.filter((one) => one.defaultProvider?.credentialId === credentialId).map(({ id }) => id);
  }

  /**
   * Sets who answers questions that name nobody.
   * @throws GatehouseError `NOT_FOUND` for a workspace out of the caller's bounds; `CONFLICT` for one of no organization
   */
  async setDefaultProvider(by: Actor, workspaceId: string, defaultProvider: DefaultProvider | null): Promise<void> {
    const organizationId = this.#requireOwner(by, workspaceId);
    const event = {
      action: 'workspace.default_provider',
      target: workspaceId,
      organizationId,
      detail: { credentialId: defaultProvider?.credentialId ?? null, model: defaultProvider?.model ?? null },
      changes: changesOf(this.#assignments.get(workspaceId)?.defaultProvider ?? null, defaultProvider ?? {}),
    };
    await audited(this.#audit, by, event, () =>
      this.#assignments.change((draft) =>
        draft.put({ ...fresh(workspaceId, organizationId), ...draft.get(workspaceId), defaultProvider }),
      ),
    );
  }

  #requireOwner(by: Actor, workspaceId: string): string {
    by.bounds.require({ workspaceId });
    const organizationId = this.ownerOf(workspaceId);
    if (organizationId === null)
      throw new GatehouseError('CONFLICT', 'This workspace is of no organization yet. Give it to one first.');
    return organizationId;
  }

  /** Before there is a second organization: the first one keeps every folder there is, in one change. */
  async settle(workspaceIds: readonly string[]): Promise<void> {
    const organizationId = this.#organizations.only();
    if (organizationId === null) return;
    await this.#assignments.change((draft) => {
      for (const id of workspaceIds) if (draft.get(id) === undefined) draft.put(fresh(id, organizationId));
    });
  }

  /**
   * Gives a workspace to an organization.
   * @param isThere - whether a listed workspace is a folder still: those that are gone take no room
   * @throws GatehouseError `FORBIDDEN` for an organization that does not exist; `ENTITLEMENT_REACHED`
   */
  async assign(
    by: Actor,
    workspaceId: string,
    organizationId: string,
    isThere: (workspaceId: string) => boolean,
  ): Promise<void> {
    by.bounds.require({ organizationId });
    const from = this.ownerOf(workspaceId);
    if (from === organizationId) return;
    const requireRoom = (all: { values(): Iterable<Assignment> }) =>
      requireRoomFor(this.#organizations, organizationId, 'workspaces', () => {
        const others = [...all.values()].filter(({ id }) => id !== workspaceId && isThere(id));
        return others.filter((other) => other.organizationId === organizationId).length;
      });
    requireRoom(this.#assignments);
    // A line of the instance: neither organization is told of the other.
    const event = {
      action: 'workspace.assign',
      target: workspaceId,
      organizationId: null,
      detail: { from, to: organizationId },
      changes: changesOf({ organizationId: from }, { organizationId }),
    };
    await audited(this.#audit, by, event, () =>
      this.#assignments.change((draft) => {
        requireRoom(draft);
        // Its new owners decide whose account answers.
        draft.put({ ...fresh(workspaceId, organizationId), ...this.rulesOf(workspaceId) });
      }),
    );
  }

  /** Whether `workspaces.json` says whose it is. */
  isListed(workspaceId: string): boolean {
    return this.#assignments.get(workspaceId) !== undefined;
  }

  /** @param held - how many it has @throws GatehouseError `ENTITLEMENT_REACHED` */
  requireRoom(organizationId: string, held: number): void {
    requireRoomFor(this.#organizations, organizationId, 'workspaces', () => held);
  }

  /** Writes down whose a new workspace is. What was set for an earlier one of that name is not its own. */
  async list(workspaceId: string, organizationId: string): Promise<void> {
    await this.#assignments.change((draft) => draft.put(fresh(workspaceId, organizationId)));
  }

  /** A workspace that is gone. */
  async forget(workspaceId: string): Promise<void> {
    if (this.isListed(workspaceId)) await this.#assignments.change((draft) => draft.remove(workspaceId));
  }

  /** Why changes are refused now, or `null`. */
  get fault(): string | null {
    return this.#assignments.fault;
  }

  close(): Promise<void> {
    return this.#assignments.close();
  }
}

/** A workspace that nothing was set for yet. */
function fresh(id: string, organizationId: string): Assignment {
  return { id, organizationId, defaultProvider: null, include: [], exclude: [] };
}

/** @throws GatehouseError `STORE_UNAVAILABLE` when `.gatehouse/workspaces.json` is damaged */
export async function openOwnership(options: {
  readonly folder: DataFolder;
  readonly organizations: OrganizationSource;
  readonly audit: Audit;
  readonly clock: Clock;
  readonly log: Logger;
  /** Left out: nobody is told. */
  readonly announce?: Announce;
}): Promise<Ownership> {
  const { folder, organizations, audit, clock, log, announce = UNHEARD } = options;
  const assignments = await openCollection<Assignment>({
    folder,
    clock,
    log,
    file: '.gatehouse/workspaces.json',
    member: 'workspaces',
    schemaVersion: 1,
    parse: (record) => Assignment.parse(record),
  });
  assignments.subscribe((changes) => {
    for (const { id, before, after } of changes) {
      const owners = new Set([before?.organizationId ?? null, after?.organizationId ?? null]);
      for (const organizationId of owners)
        announce({ event: { type: 'workspace.changed', id, organizationId }, workspaceId: id });
    }
  });
  return new Ownership(assignments, organizations, audit);
}
