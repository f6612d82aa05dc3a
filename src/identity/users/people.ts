import type { Audit } from '../../audit/audit.js';
import type { Membership, Profile } from '../../contract/auth.js';
import type { Clock } from '../../kernel/clock.js';
import type { EntitlementLimits } from '../../kernel/entitlements.js';
import type { Logger } from '../../kernel/logger.js';
import type { Actor } from '../../kernel/principal.js';
import type { Collection } from '../../store/collection.js';
import type { Mailer } from '../mailer.js';
import type { Sessions } from '../sessions/sessions.js';
import type { Passwords } from './passwords.js';
import type { UserRecord } from './record.js';
import type { UsersIndex } from './users-index.js';

/** The organizations there are, as the rooms of people see them. */
export interface OrganizationNames extends EntitlementLimits {
  /** `null`: there is no such organization. */
  nameOf(organizationId: string): string | null;
}

/** What every room that changes people works with. */
export interface People {
  readonly records: Collection<UserRecord>;
  readonly index: UsersIndex;
  readonly sessions: Sessions;
  readonly passwords: Passwords;
  readonly organizations: OrganizationNames;
  readonly audit: Audit;
  readonly mailer: Mailer;
  /** Where links in letters and answers lead; `null`: nobody said. Never taken from a request. */
  readonly publicUrl: string | null;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Somebody at the door, signed in or not. */
export interface Visitor extends Actor {
  /** The name that their browser or program gives itself; empty: none. */
  readonly userAgent: string;
}

/**
 * Whether somebody may be signed in. Where no mail goes out nobody can prove an address, so an unproved one will do:
 * it gives a guest's rights and no others.
 */
export function maySignIn({ status }: UserRecord, mailer: Pick<Mailer, 'available'>): boolean {
  return status === 'active' || (status === 'unconfirmed' && !mailer.available);
}

/** The organizations of a user; one that is gone is left out. */
export function membershipsOf(record: UserRecord, organizations: OrganizationNames): Membership[] {
  return record.memberships.flatMap(({ organizationId, role }) => {
    const organizationName = organizations.nameOf(organizationId);
    return organizationName === null ? [] : [{ organizationId, organizationName, role }];
  });
}

/** A user as they see themselves. */
export function profileOf(record: UserRecord, organizations: OrganizationNames): Profile {
  return {
    id: record.id,
    email: record.email,
    name: record.name,
    instanceOperator: record.instanceOperator,
    totp: record.totp !== null && record.totp.confirmedAt !== null,
    createdAt: record.createdAt,
    memberships: membershipsOf(record, organizations),
  };
}
