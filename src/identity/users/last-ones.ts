import { GatehouseError } from '../../kernel/errors.js';
import type { Draft } from '../../store/collection.js';
import type { UserRecord } from './record.js';

/**
 * Keeps what somebody has to be left for: an operator of the instance, and an owner in each organization. Asked with
 * the draft as it is before the change.
 * @param after - the record as it would be; `undefined`: gone
 * @throws GatehouseError `CONFLICT`
 */
export function requireSuccessors(
  draft: Pick<Draft<UserRecord>, 'values'>,
  before: UserRecord,
  after: UserRecord | undefined,
): void {
  const others = [...draft.values()].filter(({ id, status }) => id !== before.id && status === 'active');
  const loses = (holds: (record: UserRecord) => boolean) =>
    before.status === 'active' && holds(before) && !(after?.status === 'active' && holds(after)) && !others.some(holds);
  if (loses(({ instanceOperator }) => instanceOperator))
    throw new GatehouseError('CONFLICT', 'This is the last operator of the instance. Make another one first.');
  for (const { organizationId } of before.memberships) {
    if (loses((record) => owns(record, organizationId)))
      throw new GatehouseError(
        'CONFLICT',
        `This is the last owner of ${organizationId}. Make another member its owner first.`,
      );
  }
}

function owns({ memberships }: UserRecord, organizationId: string): boolean {
  return memberships.some((membership) => membership.organizationId === organizationId && membership.role === 'owner');
}
