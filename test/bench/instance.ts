import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readConfig } from '../../src/config/config.js';
import { type Gatehouse, openGatehouse } from '../../src/gatehouse.js';
import { createLogger } from '../../src/kernel/logger.js';
import { writeKeyFile } from './key-file.js';

const BEHIND_PROXY = { TRUST_PROXY: 'loopback', PUBLIC_URL: 'https://app.example.com' };

/** A Gatehouse in a folder of its own, behind a proxy on this machine, with so many keys; the tokens of the first 100. */
export interface Instance {
  readonly gatehouse: Gatehouse;
  readonly tokens: string[];
  close(): Promise<void>;
}

export async function instance(keys: number, settings: Record<string, string> = {}): Promise<Instance> {
  const folder = await mkdtemp(join(tmpdir(), 'gatehouse-bench-'));
  const tokens = await writeKeyFile(join(folder, 'api-keys.json'), keys);
  const result = readConfig(
    { WORKSPACES_DIR: folder, API_RATE_LIMIT: '999999999', SOCKET: 'off', PORT: '0', ...BEHIND_PROXY, ...settings },
    folder,
  );
  if (!result.ok) throw new Error(result.faults.join('\n'));
  const gatehouse = await openGatehouse(result.config, { log: createLogger('error') });
  return {
    gatehouse,
    tokens,
    async close() {
      await gatehouse.close();
      await rm(folder, { recursive: true });
    },
  };
}
