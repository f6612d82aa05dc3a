import { describe, expect, test } from 'vitest';
import { CHANGE_TYPES } from '../../src/contract/live.js';
import { SCOPES } from '../../src/contract/scopes.js';
import type { Happening, HappeningEvent } from '../../src/kernel/happening.js';
import { ANONYMOUS, type Bounds, type Principal } from '../../src/kernel/principal.js';
import { hears } from '../../src/live/audience.js';

const OWN = 'org_own';
const FOREIGN = 'org_foreign';

function user(fields: Partial<Principal>): Bounds {
  const principal: Principal = {
    ...ANONYMOUS,
    kind: 'user',
    id: 'usr_1',
    organizationId: OWN,
    workspaceIds: null,
    credentialIds: null,
    ...fields,
  };
  return {
    principal,
    require: () => ({ organizationId: OWN }),
    seesWorkspace: (id) => id === 'own-workspace',
    seesCredential: () => true,
  };
}

const DATA: Partial<Record<HappeningEvent['type'], unknown>> = {
  'job.changed': { kind: 'ask', status: 'queued', workspaceId: null },
};

function happening(type: HappeningEvent['type'], organizationId: string | null): Happening {
  const event = { type, id: 'x', organizationId, ...(type in DATA ? { data: DATA[type] } : {}) } as HappeningEvent;
  const isOwn = organizationId === OWN;
  return {
    event,
    key: { kind: 'api_key', id: 'key_1', organizationId, workspaceIds: null },
    workspaceId: isOwn ? 'own-workspace' : 'foreign-workspace',
    userId: 'usr_2',
    startedBy: 'usr_2',
  };
}

/** By hand: the scope of the route that reads what each is about; `null`: of nobody but operators and whom it is about. */
const READ_BY: Readonly<Record<HappeningEvent['type'], readonly string[] | null>> = {
  'key.changed': ['keys:read'],
  'key.first-used': ['keys:read'],
  request: ['keys:read'],
  'workspace.changed': ['projects:read'],
  'index.progress': ['projects:read'],
  'variable.changed': ['projects:read'],
  'credential.changed': ['secrets:read'],
  'secret.changed': ['secrets:read'],
  'job.changed': ['jobs:read', 'jobs:read_all'],
  'organization.changed': [],
  'member.changed': ['members:read'],
  'invite.changed': ['members:read'],
  'audit.appended': ['audit:read'],
  'settings.changed': null,
  'user.changed': null,
  'session.changed': null,
};

describe.each(Object.entries(READ_BY) as [HappeningEvent['type'], readonly string[] | null][])('%s', (type, scopes) => {
  const own = happening(type, OWN);

  test('is heard with exactly the scopes that read it', () => {
    expect(hears(user({ scopes: new Set(['*']) }), OWN, own)).toBe(scopes !== null);
    if (scopes === null) return;
    expect(hears(user({ scopes: new Set(scopes) }), OWN, own)).toBe(true);
    for (const scope of scopes) {
      const others = new Set(SCOPES.filter((one) => one !== scope));
      expect(hears(user({ scopes: others }), OWN, own), `without ${scope}`).toBe(false);
    }
  });

  test('is not heard from another organization, nor by somebody without one', () => {
    const all = new Set(['*']);
    expect(hears(user({ scopes: all }), OWN, happening(type, FOREIGN))).toBe(false);
    expect(hears(user({ scopes: all, organizationId: null }), null, happening(type, FOREIGN))).toBe(false);
    expect(hears(user({ scopes: all, organizationId: null }), null, happening(type, null))).toBe(false);
  });

  test('is heard by operators, unless they look at another organization', () => {
    const operator = user({ operator: true, organizationId: null, scopes: new Set(['*']) });
    expect(hears(operator, null, own)).toBe(true);
    expect(hears(operator, FOREIGN, own)).toBe(false);
    expect(hears(operator, FOREIGN, happening(type, null))).toBe(true);
  });
});

test('everybody hears of themselves and of the jobs they started', () => {
  const nobody = user({ id: 'usr_2', scopes: new Set() });
  for (const type of ['user.changed', 'session.changed'] as const)
    expect(hears(nobody, OWN, happening(type, null))).toBe(true);
  expect(hears(user({ id: 'usr_2', scopes: new Set(['jobs:read']) }), OWN, happening('job.changed', OWN))).toBe(true);
});

test('every type is asked about here', () => {
  for (const type of CHANGE_TYPES) expect(Object.keys(READ_BY)).toContain(type);
});
