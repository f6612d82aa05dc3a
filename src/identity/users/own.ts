import { GatehouseError } from '../../kernel/errors.js';
import type { Actor } from '../../kernel/principal.js';
import type { People } from './people.js';
import type { UserRecord } from './record.js';

/** The record of whoever is signed in. */
export function own({ index }: Pick<People, 'index'>, by: Actor): UserRecord {
  const record = index.get(by.bounds.principal.id);
  // Deleted since the guard let them in.
  if (record === undefined) throw new GatehouseError('UNAUTHORIZED', 'This account is gone.');
  return record;
}

/** @throws GatehouseError `FORBIDDEN` and not 401, which would say that the session is over */
export async function requirePassword(
  { passwords }: Pick<People, 'passwords'>,
  user: UserRecord,
  field: string,
  password: string,
): Promise<void> {
  if (!(await passwords.matches(password, user.passwordHash)))
    throw new GatehouseError('FORBIDDEN', `${field}: is not your password.`);
}

/** The session that a request came with. */
export function sessionOf({ bounds }: Actor): string | undefined {
  return bounds.principal.person?.sessionId;
}
