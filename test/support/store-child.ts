import { once } from 'node:events';
import { systemClock } from '../../src/kernel/clock.js';
import type { Logger } from '../../src/kernel/logger.js';
import { openCollection } from '../../src/store/collection.js';
import { claimDataFolder } from '../../src/store/data-folder.js';

/**
 * A process of its own for tests of the store.
 * `hold <folder> [staleAfterMs]`: claims it and stays, saying `at <folder>` and `owner <id>`, or `refused <code>`.
 * `write <folder> <prefix> [wait]`: adds notes as fast as it can, saying `saved <id>` for each that is on disk; told to
 *   wait it starts up, and begins at the first line on standard input.
 */
const [task = '', path = '', extra = '', wait = ''] = process.argv.slice(2);
const log: Logger = { debug() {}, info() {}, warn() {}, error() {} };
const say = (line: string) => process.stdout.write(`${line}\n`);

async function run(): Promise<void> {
  if (wait === 'wait') await once(process.stdin, 'data');
  const staleAfterMs = task === 'hold' && extra !== '' ? Number(extra) : 15_000;
  const folder = await claimDataFolder({
    path,
    socket: 'off',
    clock: systemClock,
    log,
    staleAfterMs,
    heartbeatMs: 200,
  });
  say(`at ${folder.path}`);
  say(`owner ${folder.ownerId}`);
  setInterval(() => {}, 1000);
  if (task === 'hold') return;
  const notes = await openCollection<{ id: string; text: string }>({
    folder,
    file: 'notes.json',
    member: 'notes',
    schemaVersion: 1,
    parse: (record) => record as { id: string; text: string },
    clock: systemClock,
    log,
  });
  const save = async (id: string) => {
    await notes.change((draft) => draft.put({ id, text: 'x'.repeat(300) }));
    say(`saved ${id}`);
  };
  for (let round = 0; ; round += 1) await Promise.all([0, 1, 2].map((lane) => save(`${extra}-${round}-${lane}`)));
}

run().catch((error: { code?: string; message: string }) => {
  say(`refused ${error.code ?? error.message}`);
  process.exit(1);
});
