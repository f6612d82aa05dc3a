import { createHash, randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { KeyRecord } from '../../src/identity/keys/record.js';
import { newToken, visibleStart } from '../../src/identity/keys/token.js';
import { newId } from '../../src/kernel/ids.js';

/** Writes an `api-keys.json` of `count` ordinary keys. @returns the tokens of the first 100 */
export async function writeKeyFile(path: string, count: number): Promise<string[]> {
  const tokens: string[] = [];
  const lines: string[] = [];
  for (let index = 0; index < count; index += 1) {
    const known = index < 100;
    const token = known ? newToken('gate', 'sdk', 'production') : '';
    if (known) tokens.push(token);
    lines.push(
      JSON.stringify(
        recordOf(
          index,
          known ? createHash('sha256').update(token).digest() : randomBytes(32),
          known ? visibleStart(token) : 'gate_sdk_live_Ab3d',
        ),
      ),
    );
  }
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, `{"schemaVersion":1,"keys":[\n${lines.join(',\n')}\n]}\n`, { mode: 0o600 });
  return tokens;
}

function recordOf(index: number, digest: Buffer, start: string): KeyRecord {
  const createdAt = new Date(Date.UTC(2026, 0, 1) + index * 1000).toISOString();
  return {
    id: newId('key'),
    name: `service ${index}`,
    type: 'sdk',
    environment: 'production',
    organizationId: 'org_default',
    workspaceIds: null,
    credentialIds: null,
    scopes: ['ask:run', 'jobs:read', 'projects:read', 'endpoints:run'],
    allowedIps: [],
    rateLimit: null,
    note: '',
    createdAt,
    createdBy: 'local',
    expiresAt: null,
    revokedAt: null,
    revokedBy: null,
    revokeReason: null,
    origin: 'issued',
    secrets: [{ digest: `sha256:${digest.toString('base64url')}`, start, last4: 'x9Zk', createdAt, expiresAt: null }],
  };
}
