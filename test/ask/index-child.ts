import { pathToFileURL } from 'node:url';
import { openAsk } from '../../src/ask/ask.js';
import { LOCAL } from '../../src/kernel/principal.js';
import { openWorkspaces } from '../../src/workspaces/workspaces.js';

// Indexes a folder and asks about it, in a process that a test kills.

const [root = '', folder = '', worker = ''] = process.argv.slice(2);
const log = { debug() {}, info() {}, warn() {}, error() {} };
const workspaces = await openWorkspaces({ root, log, ownership: { ownerOf: () => 'org_default' } });
const room = openAsk({ workspaces, clock: { nowMs: () => Date.now() }, log, folder, worker: pathToFileURL(worker) });
const bounds = {
  principal: LOCAL,
  seesWorkspace: () => true,
  seesCredential: () => false,
  require: () => ({ organizationId: 'org_default' }),
};
console.log('started');
const found = [];
for (const question of ['penguin 77', 'word1234', 'penguin']) {
  found.push((await room.ask(bounds, { workspaceId: 'w', question })).citations);
}
await room.close();
console.log(JSON.stringify(found));
