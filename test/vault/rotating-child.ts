import { once } from 'node:events';
import { readConfig } from '../../src/config/config.js';
import { openGatehouse } from '../../src/gatehouse.js';
import { LOCAL } from '../../src/kernel/principal.js';

/**
 * A process that rotates both levels of keys and makes credentials without an end, in the folder that it is given:
 * `saved <id>` for each credential that is on disk, `rotated` after each round. It begins at the first line on standard
 * input.
 */
const [path = '', prefix = ''] = process.argv.slice(2);
const say = (line: string) => process.stdout.write(`${line}\n`);
const log = { debug() {}, info() {}, warn() {}, error() {} };

const config = readConfig({ PORT: '0', WORKSPACES_DIR: path, SOCKET: 'off' }, '/nonexistent');
if (!config.ok) throw new Error(config.faults.join('\n'));
say('up');
await once(process.stdin, 'data');
const gatehouse = await openGatehouse(config.config, { log });
const { credentials, secretKeys } = gatehouse.vault;
const by = { bounds: gatehouse.guard.boundsFor(LOCAL), address: 'test', requestId: 'req_test' };
for (let round = 0; ; round += 1) {
  const made = await credentials.create(by, 'example', {
    name: `${prefix}-${round}`,
    type: 'custom',
    fields: { values: { A: `value of ${prefix}-${round}` } },
  });
  say(`saved ${made.credential.id}`);
  await secretKeys.rotate(by, round % 2 === 0 ? {} : { workspaceId: 'example' });
  say('rotated');
}
