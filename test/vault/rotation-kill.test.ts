import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readConfig } from '../../src/config/config.js';
import { openGatehouse } from '../../src/gatehouse.js';
import { LOCAL } from '../../src/kernel/principal.js';
import { capturingLogger } from '../support/logs.js';
import { startScript } from '../support/store-kit.js';
import { temporaryWorkspaces } from '../support/workspace.js';

const ROUNDS = 15;

test(`V3, R1: kill -9 in the middle of rotations, ${ROUNDS} times: everything opens, and the next run finishes`, async () => {
  await using folder = await temporaryWorkspaces();
  const result = readConfig({ PORT: '0', WORKSPACES_DIR: folder.path, SOCKET: 'off' }, '/nonexistent');
  if (!result.ok) throw new Error(result.faults.join('\n'));
  const { config } = result;
  const saved = new Set<string>();
  const fingerprints = new Set<string>();
  const start = (round: number) =>
    startScript(join(import.meta.dirname, 'rotating-child.ts'), folder.path, `r${round}`);
  const ahead = [start(0), start(1)];
  for (let round = 0; round < ROUNDS; round += 1) {
    const child = ahead.shift() ?? start(round);
    if (round + 2 < ROUNDS) ahead.push(start(round + 2));
    await child.line('up');
    child.go();
    await child.line('saved ');
    await new Promise((resolve) => setTimeout(resolve, Math.random() * 200));
    child.kill('SIGKILL');
    await child.ended;
    for (const line of child.lines) if (line.startsWith('saved ')) saved.add(line.slice(6));

    const { log, text } = capturingLogger();
    const gatehouse = await openGatehouse(config, { log });
    try {
      const { seal, vault, guard, signingKeys, audit } = gatehouse;
      expect(seal.locked).toBeNull();
      fingerprints.add(seal.fingerprint ?? '');
      const by = { bounds: guard.boundsFor(LOCAL), address: 'test', requestId: 'req_test' };
      for (const id of saved) {
        const opened = await vault.source.open(by, id, { purpose: 'proxy', host: null });
        expect(opened.secrets).toEqual([`value of ${opened.name}`]);
      }
      expect(vault.secretKeys.show()).toMatchObject({ wanted: [], instance: { old: [], staged: null } });
      await vault.secretKeys.rotate(by, { workspaceId: 'example' });
      expect(vault.secretKeys.show().workspaces).toMatchObject([{ keys: [{ state: 'seals' }] }]);
      await signingKeys.signer();
      expect(await audit.verify()).toMatchObject({ ok: true });
      expect(text()).not.toMatch(/"level":"error"/);
    } finally {
      await gatehouse.close();
    }
  }
  expect(saved.size).toBeGreaterThanOrEqual(ROUNDS);
  expect(fingerprints.size).toBeGreaterThan(2);
}, 180_000);
