import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Role } from '../../src/contract/roles.js';
import { newUser } from '../../src/identity/users/new-user.js';
import type { UserRecord } from '../../src/identity/users/record.js';
import { parseEmail } from '../../src/kernel/email.js';

/** Somebody with an account and these roles, as `users.json` keeps them. */
export function userRecord(
  email: string,
  roles: Readonly<Record<string, Role>>,
  over: Partial<UserRecord> = {},
): UserRecord {
  const nowMs = Date.parse('2026-11-22T12:00:00.000Z');
  const since = new Date(nowMs).toISOString();
  const memberships = Object.entries(roles).map(([organizationId, role]) => ({ organizationId, role, since }));
  return newUser(parseEmail(email), nowMs, 'local', { status: 'active', memberships, ...over });
}

/** Writes `users.json` of a folder that nobody has open. */
export async function seedUsers(folder: string, users: readonly UserRecord[]): Promise<void> {
  await mkdir(join(folder, '.gatehouse'), { recursive: true, mode: 0o700 });
  const file = join(folder, '.gatehouse', 'users.json');
  await writeFile(file, JSON.stringify({ schemaVersion: 1, users }), { mode: 0o600 });
}
