import { describe, expect, test } from 'vitest';
import type { AuthMode } from '../../src/contract/routes.js';
import { PRINCIPAL_KINDS, type PrincipalKind } from '../../src/contract/whoami.js';
import type { GatehouseError } from '../../src/kernel/errors.js';
import { ANONYMOUS, LOCAL, type NamedIds, type Principal } from '../../src/kernel/principal.js';
import { addressSet, facts, Gate, KEY, keyMatch, policy, principal, shown } from './gate.js';

function gateFor(over: Partial<Principal>, options: ConstructorParameters<typeof Gate>[0] = {}): Gate {
  return new Gate({ keys: { [KEY]: keyMatch({ principal: principal(over) }) }, ...options });
}

/** `ok org_x`, or the code and the words of the refusal. */
function asked(who: Principal, named: NamedIds): string {
  try {
    return `ok ${new Gate().guard.boundsFor(who).require(named).organizationId}`;
  } catch (error) {
    const { code, detail } = error as GatehouseError;
    return `${code} ${detail}`;
  }
}

describe('G7: environment isolation', () => {
  test.each([
    ['production', 'production', 'allow key_one'],
    ['production', 'staging', 'bounds FORBIDDEN'],
    ['production', 'development', 'bounds FORBIDDEN'],
    ['staging', 'production', 'bounds FORBIDDEN'],
    ['development', 'staging', 'bounds FORBIDDEN'],
    [null, 'development', 'allow key_one'],
    [null, 'production', 'allow key_one'],
    // Env keys are of the instance's environment, or of none.
    ['production', null, 'allow key_one'],
  ] as const)('an instance of %s and a key of %s: %s', (environment, of, expected) => {
    expect(shown(gateFor({ environment: of }, { over: { environment } }).decide())).toBe(expected);
  });

  test('the refusal names both', () => {
    const verdict = gateFor({ environment: 'staging' }, { over: { environment: 'production' } }).decide();
    expect(verdict.allow ? '' : verdict.error.detail).toMatch(/staging.*production/);
  });
});

describe('the addresses of a key', () => {
  const own = { keys: { [KEY]: keyMatch({ addresses: addressSet('203.0.113.0/24', '2001:db8::/32') }) } };

  test.each([
    ['203.0.113.9', 'allow key_one'],
    ['::ffff:203.0.113.9', 'allow key_one'],
    ['2001:db8:1::1', 'allow key_one'],
    ['203.0.114.9', 'bounds FORBIDDEN'],
    ['2001:db9::1', 'bounds FORBIDDEN'],
    ['::1', 'bounds FORBIDDEN'],
  ])('from %s: %s', (peerAddress, expected) => {
    const gate = new Gate(own);
    expect(shown(gate.decide(facts({ key: KEY, peerAddress })))).toBe(expected);
  });

  test('the refusal is audited with the key that was used', () => {
    const gate = new Gate(own);
    gate.decide();
    expect(gate.refused).toMatchObject([{ code: 'FORBIDDEN', reason: 'key-address', actor: 'key_one' }]);
  });
});

describe('organization, workspace and credential that a request names', () => {
  const bound = principal({ workspaceIds: ['mine', 'gone'], credentialIds: ['cred_mine'] });

  test.each<[string, Principal, NamedIds, string]>([
    ['nothing: its only organization', principal(), {}, 'ok org_default'],
    ['its own organization', principal(), { organizationId: 'org_default' }, 'ok org_default'],
    ['no organization of its own', LOCAL, {}, 'ok org_default'],
    ['every organization', LOCAL, { organizationId: 'org_other' }, 'ok org_other'],
    ['a workspace of its organization', principal(), { workspaceId: 'second' }, 'ok org_default'],
    ['one of its workspaces', bound, { workspaceId: 'mine' }, 'ok org_default'],
    ['one of its credentials', bound, { credentialId: 'cred_mine' }, 'ok org_default'],
  ])('%s', (_what, who, named, expected) => {
    expect(asked(who, named)).toBe(expected);
  });

  test.each<[string, Principal]>([
    ['a key', principal()],
    ['a key with workspaces of its own', bound],
  ])('foreign and unknown organizations are refused to %s in the same words', (_what, who) => {
    const foreign = asked(who, { organizationId: 'org_other' });
    expect(foreign).toMatch(/^FORBIDDEN/);
    expect(asked(who, { organizationId: 'org_none' })).toBe(foreign);
    expect(foreign).not.toContain('org_');
  });

  test('an unknown organization is refused to those who reach all', () => {
    expect(asked(LOCAL, { organizationId: 'org_none' })).toMatch(/^FORBIDDEN/);
  });

  test('Q4: foreign, unknown, gone and unbound workspaces are refused in the same words', () => {
    const unknown = asked(bound, { workspaceId: 'nowhere' });
    expect(unknown).toMatch(/^NOT_FOUND/);
    for (const workspaceId of ['theirs', 'second', 'gone', '', '..', '__proto__', 'constructor', 'MINE']) {
      expect(asked(bound, { workspaceId }), workspaceId).toBe(unknown);
    }
  });

  test('foreign, unknown and unbound credentials are refused in the same words', () => {
    const unknown = asked(bound, { credentialId: 'cred_none' });
    expect(unknown).toMatch(/^NOT_FOUND/);
    expect(asked(bound, { credentialId: 'cred_theirs' })).toBe(unknown);
    expect(asked(principal(), { credentialId: 'cred_mine' }), 'no list means none').toBe(unknown);
  });

  test('anonymous reaches no workspace and no credential', () => {
    expect(asked(ANONYMOUS, { workspaceId: 'mine' })).toMatch(/^NOT_FOUND/);
    expect(asked(ANONYMOUS, { credentialId: 'cred_mine' })).toMatch(/^NOT_FOUND/);
  });

  test('lists show what require would let through, and nothing else', () => {
    for (const who of [principal(), bound, LOCAL, ANONYMOUS]) {
      const bounds = new Gate().guard.boundsFor(who);
      for (const workspaceId of ['mine', 'second', 'theirs', 'gone', 'nowhere']) {
        expect(bounds.seesWorkspace(workspaceId)).toBe(asked(who, { workspaceId }).startsWith('ok'));
      }
    }
  });

  test('the guard checks what path and query name', () => {
    const decide = (named: NamedIds) => shown(gateFor({ workspaceIds: ['mine'] }).decide(facts({ key: KEY, named })));
    expect(decide({ workspaceId: 'mine', organizationId: 'org_default' })).toBe('allow key_one');
    expect(decide({ workspaceId: 'second' })).toBe('bounds NOT_FOUND');
    expect(decide({ workspaceId: 'mine', organizationId: 'org_other' })).toBe('bounds FORBIDDEN');
    expect(decide({ organizationId: 'org_default,org_default' })).toBe('bounds FORBIDDEN');
  });
});

describe('the mode follows the principal', () => {
  const ACCEPTED: Record<PrincipalKind, readonly AuthMode[]> = {
    user: ['public', 'jwt'],
    api_key: ['public', 'api_key'],
    service_key: ['public', 'api_key', 'service_role'],
    mcp_token: ['public', 'mcp'],
    env_admin: ['public', 'api_key', 'service_role'],
    env_client: ['public', 'api_key'],
    local: ['public', 'api_key', 'service_role'],
    anonymous: ['public'],
  };
  const modes: AuthMode[] = ['public', 'jwt', 'api_key', 'service_role', 'mcp'];

  test.each(PRINCIPAL_KINDS.flatMap((kind) => modes.map((mode) => ({ kind, mode }))))(
    '$kind on a route for $mode',
    ({ kind, mode }) => {
      const verdict = gateFor({ kind }).decide(facts({ key: KEY }), policy({ authModes: [mode] }));
      expect(shown(verdict)).toBe(ACCEPTED[kind].includes(mode) ? 'allow key_one' : 'mode FORBIDDEN');
      if (!verdict.allow) expect(verdict.error.detail).toContain(mode);
    },
  );

  test.each(PRINCIPAL_KINDS)('operators only: %s', (kind) => {
    const verdict = gateFor({ kind }).decide(facts({ key: KEY }), policy({ authModes: modes, operatorOnly: true }));
    expect(verdict.allow).toBe(kind === 'local' || kind === 'env_admin');
  });
});

describe('scopes', () => {
  test('G1: all that are missing are named, in the answer and in its challenge', () => {
    const verdict = gateFor({ scopes: new Set(['keys:read']) }).decide(
      facts({ key: KEY }),
      policy({ scopes: ['keys:write', 'keys:read', 'audit:read'] }),
    );
    expect(verdict).toMatchObject({ allow: false, step: 'scopes', error: { code: 'FORBIDDEN' } });
    if (verdict.allow) return;
    expect(verdict.error.detail).toContain('keys:write, audit:read');
    expect(verdict.error.headers['WWW-Authenticate']).toBe(
      'Bearer realm="gatehouse", error="insufficient_scope", scope="keys:write keys:read audit:read"',
    );
  });
});
