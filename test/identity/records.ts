import type { KeyRecord, KeySecret } from '../../src/identity/keys/record.js';
import { sha256 } from '../../src/kernel/digest.js';

export const NOW = Date.parse('2026-11-22T12:00:00.000Z');
export const at = (ms: number) => new Date(NOW + ms).toISOString();

export function secretFor(value: string, over: Partial<KeySecret> = {}): KeySecret {
  return {
    digest: `sha256:${sha256(value)}`,
    start: 'gate_sdk_test_abcd',
    last4: 'wxyz',
    createdAt: at(0),
    expiresAt: null,
    ...over,
  };
}

/** A record of one secret, `value`; ids end in `tail`. */
export function keyRecord(over: Partial<KeyRecord> = {}, tail = 'A'): KeyRecord {
  return {
    id: `key_${tail.padStart(22, '0')}`,
    name: 'test',
    type: 'sdk',
    environment: 'development',
    organizationId: 'org_default',
    workspaceIds: null,
    credentialIds: null,
    scopes: [],
    allowedIps: [],
    rateLimit: null,
    note: '',
    createdAt: at(0),
    createdBy: 'local',
    expiresAt: null,
    revokedAt: null,
    revokedBy: null,
    revokeReason: null,
    origin: 'issued',
    secrets: [secretFor('value')],
    ...over,
  };
}
