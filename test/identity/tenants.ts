import type { AuditEvent } from '../../src/audit/audit.js';
import type { Role } from '../../src/contract/roles.js';
import { boundsFor } from '../../src/guard/bounds.js';
import type { KeyRecord } from '../../src/identity/keys/record.js';
import type { Letter } from '../../src/identity/mailer.js';
import { type Directory, openDirectory } from '../../src/identity/organizations/directory.js';
import { Invitations } from '../../src/identity/organizations/invitations.js';
import { Members } from '../../src/identity/organizations/members.js';
import { Organizations } from '../../src/identity/organizations/organizations.js';
import { newUser } from '../../src/identity/users/new-user.js';
import { UserRecord } from '../../src/identity/users/record.js';
import { principalOfUser } from '../../src/identity/users/user-principal.js';
import { parseEmail } from '../../src/kernel/email.js';
import { GatehouseError } from '../../src/kernel/errors.js';
import { type Actor, LOCAL, type Principal } from '../../src/kernel/principal.js';
import { type Collection, openCollection } from '../../src/store/collection.js';
import { TestClock } from '../support/clock.js';
import { claim, quietLog, temporaryFolder } from '../support/store-kit.js';

export type Roles = Readonly<Record<string, Role>>;

/** The rooms of organizations on a real folder, without doors. */
export interface Tenants {
  readonly folder: string;
  readonly clock: TestClock;
  readonly directory: Directory;
  readonly users: Collection<UserRecord>;
  readonly organizations: Organizations;
  readonly members: Members;
  readonly invitations: Invitations;
  readonly audited: AuditEvent[];
  readonly letters: Letter[];
  /** How often every folder was given to the first organization. */
  settled: number;
  /** Somebody with an account and these roles. @returns the user id */
  add(name: string, roles: Roles, over?: Partial<UserRecord>): Promise<string>;
  /** A user as they are now, acting in an organization. */
  as(userId: string, organizationId?: string): Actor;
  by(principal: Principal): Actor;
  /** `ok`, or the code of the refusal. */
  outcome(act: Promise<unknown>): Promise<string>;
  /** Everybody's role in an organization, by user id. */
  rolesIn(organizationId?: string): Record<string, Role>;
}

export async function openTenants({
  mail = false,
  publicUrl = null,
}: {
  mail?: boolean;
  publicUrl?: string | null;
} = {}): Promise<Tenants> {
  const path = await temporaryFolder();
  const folder = await claim(path);
  const clock = new TestClock();
  const shared = { folder, clock, log: quietLog };
  const directory = await openDirectory(shared);
  const users = await openCollection<UserRecord>({
    ...shared,
    file: '.gatehouse/users.json',
    member: 'users',
    schemaVersion: 1,
    parse: (record) => UserRecord.parse(record),
  });
  const keys = await openCollection<KeyRecord>({
    ...shared,
    file: 'api-keys.json',
    member: 'keys',
    schemaVersion: 1,
    parse: (record) => record as KeyRecord,
  });
  const audited: AuditEvent[] = [];
  const letters: Letter[] = [];
  const audit = {
    record: async (event: AuditEvent) => void audited.push(event),
    refuse: () => {},
    writable: true,
    waiting: 0,
    list: () => Promise.reject(new Error('not here')),
    verify: () => Promise.reject(new Error('not here')),
    summary: () => Promise.reject(new Error('not here')),
    close: async () => {},
  };
  const by = (principal: Principal): Actor => ({
    bounds: boundsFor(principal, {
      organizations: directory,
      workspaces: { ownerOf: () => undefined },
      credentials: { workspaceOf: () => null },
    }),
    address: '192.0.2.1',
    requestId: 'req_test',
  });
  const tenants: Tenants = {
    folder: path,
    clock,
    directory,
    users,
    organizations: new Organizations({
      directory,
      users,
      keys,
      folders: {
        async settle() {
          tenants.settled += 1;
        },
        countOf: () => 0,
      },
      audit,
      clock,
    }),
    members: new Members({ users, audit }),
    invitations: new Invitations({
      users,
      directory,
      mailer: { available: mail, send: (letter) => void letters.push(letter) },
      publicUrl,
      audit,
      clock,
    }),
    audited,
    letters,
    settled: 0,
    async add(name, roles, over = {}) {
      const since = new Date(clock.nowMs()).toISOString();
      const memberships = Object.entries(roles).map(([organizationId, role]) => ({ organizationId, role, since }));
      const email = parseEmail(`${name}@example.com`);
      const record = newUser(email, clock.nowMs(), 'local', { name, status: 'active', memberships, ...over });
      await users.change((draft) => draft.put(record));
      return record.id;
    },
    as(userId, organizationId = 'org_default') {
      const record = users.get(userId);
      if (record === undefined) throw new Error('no such user');
      const unplaced = principalOfUser(record, 'ses_test');
      return by(unplaced.person?.memberships.get(organizationId) ?? unplaced);
    },
    by,
    outcome: (act) =>
      act.then(
        () => 'ok',
        (error) => {
          if (error instanceof GatehouseError) return error.code;
          throw error;
        },
      ),
    rolesIn(organizationId = 'org_default') {
      const all = [...users.values()].flatMap(({ id, memberships }) =>
        memberships.flatMap((one) => (one.organizationId === organizationId ? [[id, one.role] as const] : [])),
      );
      return Object.fromEntries(all);
    },
  };
  return tenants;
}

export const OPERATOR = LOCAL;

/** A key of `org_default` that may change members, unless told otherwise. */
export function keyPrincipal(over: Partial<Principal> = {}): Principal {
  return {
    kind: 'service_key',
    id: 'key_0000000000000000000001',
    organizationId: 'org_default',
    operator: false,
    role: null,
    person: null,
    scopes: new Set(['*']),
    workspaceIds: null,
    credentialIds: null,
    allowedIps: [],
    allowedOrigins: [],
    environment: 'development',
    expiresAtMs: null,
    rateLimit: null,
    keyId: 'key_0000000000000000000001',
    traded: false,
    ...over,
  };
}
