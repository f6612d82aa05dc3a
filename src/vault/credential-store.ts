import { GatehouseError } from '../kernel/errors.js';
import type { Bounds } from '../kernel/principal.js';
import type { Collection } from '../store/collection.js';
import { CredentialRecord, recordReader, type Stored } from './record.js';

/** The credentials on disk, found by id and by name; damaged lines are kept apart and keep nobody from the others. */
export class CredentialStore {
  readonly records: Collection<Stored>;
  readonly read = recordReader(CredentialRecord);

  constructor(records: Collection<Stored>) {
    this.records = records;
  }

  get(id: string): CredentialRecord | null {
    const stored = this.records.get(id);
    return stored === undefined ? null : this.read(stored);
  }

  /** The workspace a line says it is in, damaged or not. */
  workspaceOf(id: string): string | null {
    const workspaceId = this.records.get(id)?.['workspaceId'];
    return typeof workspaceId === 'string' ? workspaceId : null;
  }

  /** The lines of one workspace, damaged ones too. */
  in(workspaceId: string): Stored[] {
    return [...this.records.values()].filter((stored) => stored['workspaceId'] === workspaceId);
  }

  /** Every line that can be read. */
  *readable(): Iterable<CredentialRecord> {
    for (const stored of this.records.values()) {
      const record = this.read(stored);
      if (record !== null) yield record;
    }
  }

  /** The id behind an id or a name in a workspace. */
  find(workspaceId: string, idOrName: string): string | null {
    if (this.workspaceOf(idOrName) === workspaceId) return idOrName;
    for (const record of this.readable())
      if (record.workspaceId === workspaceId && record.name === idOrName) return record.id;
    return null;
  }

  /**
   * The line that a caller names, checked against their bounds.
   * @throws GatehouseError `NOT_FOUND` for a foreign and an unknown one alike
   */
  require(by: Bounds, workspaceId: string, idOrName: string): Stored {
    by.require({ workspaceId });
    const id = this.find(workspaceId, idOrName);
    const stored = id === null || !by.seesCredential(id) ? undefined : this.records.get(id);
    if (stored === undefined)
      throw new GatehouseError(
        'NOT_FOUND',
        `There is no such credential in this workspace, or none that this caller may use. GET /api/workspaces/${workspaceId}/credentials lists those.`,
      );
    return stored;
  }

  /** @throws GatehouseError as `require`; `CREDENTIAL_UNREADABLE` for a damaged line */
  requireRecord(by: Bounds, workspaceId: string, idOrName: string): CredentialRecord {
    const record = this.read(this.require(by, workspaceId, idOrName));
    if (record === null)
      throw new GatehouseError(
        'CREDENTIAL_UNREADABLE',
        'The line of this credential in credentials.json is damaged. Mend it by hand, or delete the credential and make it again.',
      );
    return record;
  }
}
