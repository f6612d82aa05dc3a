import type { RateLimit } from '../../contract/fields.js';
import type { Entitlements } from '../../contract/organizations.js';
import { type Clock, toIso } from '../../kernel/clock.js';
import type { Entitlement } from '../../kernel/entitlements.js';
import { type Announce, UNHEARD } from '../../kernel/happening.js';
import type { Logger } from '../../kernel/logger.js';
import { DEFAULT_ORGANIZATION } from '../../kernel/principal.js';
import { type Collection, type Draft, openCollection } from '../../store/collection.js';
import type { DataFolder } from '../../store/data-folder.js';
import { OrganizationRecord } from './record.js';

export const UNLIMITED: Entitlements = { keys: null, workspaces: null, members: null, requestsPerHour: null };

const HOUR_SECONDS = 3600;

/**
 * Which organizations there are and what they may have. `org_default` is one whatever the file says: where it is lost,
 * the keys and members of the instance must not be without an organization.
 */
export class Directory {
  readonly records: Collection<OrganizationRecord>;
  readonly #fallback: OrganizationRecord;
  /** By organization id, made once for a record: every counted request asks. */
  readonly #requestLimits = new Map<string, RateLimit>();

  constructor(records: Collection<OrganizationRecord>, clock: Clock) {
    this.records = records;
    this.#fallback = {
      id: DEFAULT_ORGANIZATION,
      name: 'Default',
      entitlements: UNLIMITED,
      createdAt: toIso(clock.nowMs()),
      createdBy: 'gatehouse',
    };
    for (const record of records.values()) this.#learn(record);
    records.subscribe((changes) => {
      for (const { id, after } of changes) {
        this.#requestLimits.delete(id);
        if (after !== undefined) this.#learn(after);
      }
    });
  }

  has(organizationId: string): boolean {
    return organizationId === DEFAULT_ORGANIZATION || this.records.get(organizationId) !== undefined;
  }

  get(organizationId: string, from: Pick<Draft<OrganizationRecord>, 'get'> = this.records) {
    return from.get(organizationId) ?? (organizationId === DEFAULT_ORGANIZATION ? this.#fallback : undefined);
  }

  /** `null`: there is no such organization. */
  nameOf(organizationId: string): string | null {
    return this.get(organizationId)?.name ?? null;
  }

  /** `org_default` first, then in the order they were made. */
  all(): OrganizationRecord[] {
    const others = [...this.records.values()].filter(({ id }) => id !== DEFAULT_ORGANIZATION);
    return [this.records.get(DEFAULT_ORGANIZATION) ?? this.#fallback, ...others];
  }

  /** The organization that is the only one; `null`: there are several. */
  only(): string | null {
    const others = this.records.size - (this.records.get(DEFAULT_ORGANIZATION) === undefined ? 0 : 1);
    return others === 0 ? DEFAULT_ORGANIZATION : null;
  }

  requestLimit(organizationId: string): RateLimit | null {
    return this.#requestLimits.get(organizationId) ?? null;
  }

  limitOf(organizationId: string, what: Entitlement): number | null {
    return this.records.get(organizationId)?.entitlements[what] ?? null;
  }

  close(): Promise<void> {
    return this.records.close();
  }

  #learn({ id, entitlements: { requestsPerHour } }: OrganizationRecord): void {
    if (requestsPerHour !== null)
      this.#requestLimits.set(id, { requests: requestsPerHour, windowSeconds: HOUR_SECONDS });
  }
}

/**
 * Opens `.gatehouse/organizations.json`; at first run it is made, with `org_default` in it.
 * @throws GatehouseError `STORE_UNAVAILABLE` when it is damaged or cannot be made
 */
export async function openDirectory(options: {
  readonly folder: DataFolder;
  readonly clock: Clock;
  readonly log: Logger;
  /** Left out: nobody is told. */
  readonly announce?: Announce;
}): Promise<Directory> {
  const { announce = UNHEARD } = options;
  const records = await openCollection<OrganizationRecord>({
    ...options,
    file: '.gatehouse/organizations.json',
    member: 'organizations',
    schemaVersion: 1,
    parse: (record) => OrganizationRecord.parse(record),
  });
  const directory = new Directory(records, options.clock);
  records.subscribe((changes) => {
    for (const { id } of changes) announce({ event: { type: 'organization.changed', id, organizationId: id } });
  });
  try {
    if (records.get(DEFAULT_ORGANIZATION) === undefined) {
      await records.change((draft) => {
        const record = directory.get(DEFAULT_ORGANIZATION, draft);
        if (record !== undefined) draft.put(record);
      });
    }
    return directory;
  } catch (error) {
    await directory.close();
    throw error;
  }
}
