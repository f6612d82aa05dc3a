import { toIso } from '../../kernel/clock.js';
import type { EmailAddress } from '../../kernel/email.js';
import { GatehouseError } from '../../kernel/errors.js';
import { newId } from '../../kernel/ids.js';
import type { Draft } from '../../store/collection.js';
import type { UserRecord } from './record.js';

/** The record of somebody new, with what is given laid over an account that belongs nowhere and has no password. */
export function newUser(
  { email, key }: EmailAddress,
  nowMs: number,
  createdBy: string,
  given: Partial<UserRecord>,
): UserRecord {
  return {
    id: newId('usr'),
    email,
    emailKey: key,
    name: '',
    status: 'invited',
    passwordHash: null,
    memberships: [],
    invites: [],
    links: [],
    instanceOperator: false,
    totp: null,
    createdAt: toIso(nowMs),
    createdBy,
    ...given,
  };
}

/** Whoever has this address in the draft: two that come at once must find each other there, not in an index. */
export function findByEmail(draft: Pick<Draft<UserRecord>, 'values'>, emailKey: string): UserRecord | undefined {
  for (const record of draft.values()) if (record.emailKey === emailKey) return record;
  return undefined;
}

/**
 * Adds somebody to the draft.
 * @throws GatehouseError `CONFLICT` when the address has an account
 */
export function addUser(draft: Draft<UserRecord>, record: UserRecord): void {
  if (findByEmail(draft, record.emailKey) !== undefined)
    throw new GatehouseError('CONFLICT', 'email: there is an account with this address already.');
  draft.put(record);
}
