import type { IndexView } from '../contract/workspaces.js';
import type { Api } from './api.js';
import type { Terminal } from './terminal.js';

const POLL_MS = 250;
/** An index that nobody begins is not waited for. */
const IDLE_POLLS = 20;
/** Lines for a log: often enough to see that it goes on. */
const LINE_EVERY_MS = 5000;

/** Waits until an index is built, with a bar for a person and lines for a log. @returns what became of it */
export async function watchIndex(
  api: Api,
  terminal: Terminal,
  workspaceId: string,
  lines: boolean,
): Promise<IndexView> {
  let saidAt = performance.now();
  let idle = 0;
  for (;;) {
    const { index } = (await api.call('showWorkspace', { params: { workspaceId } })).workspace;
    idle = index.state === 'pending' ? idle + 1 : 0;
    if ((index.state !== 'building' && index.state !== 'pending') || idle > IDLE_POLLS) {
      terminal.endProgress();
      return index;
    }
    if (terminal.showsProgress) {
      terminal.progress(index.filesDone, index.filesTotal, `Indexing ${workspaceId}`);
    } else if (lines && performance.now() - saidAt >= LINE_EVERY_MS) {
      saidAt = performance.now();
      terminal.say(`Indexing ${workspaceId}: ${index.filesDone} of ${index.filesTotal} files`);
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

/** One line for a list. */
export function describeIndex({ state, filesDone, filesTotal, passages }: IndexView): string {
  if (state === 'ready') return `ready, ${filesDone} files, ${passages} passages`;
  return state === 'full' ? 'does not fit into ASK_MEMORY_MB' : `${state}, ${filesDone} of ${filesTotal} files`;
}

/** All there is to say, line by line. */
export function explainIndex(index: IndexView): string[] {
  const kept = index.storedBytes === null ? 'not on disk' : `${size(index.storedBytes)} on disk`;
  const skipped = Object.entries(index.skipped)
    .sort(([, a], [, b]) => b - a)
    .map(([reason, count]) => `${count} ${reason}`);
  return [
    `index: ${describeIndex(index)}`,
    `text: ${size(index.bytesDone)} of ${size(index.bytesTotal)}`,
    `takes: ${size(index.memoryBytes)} of memory, ${kept}`,
    `left out: ${skipped.length === 0 ? 'nothing' : skipped.join(', ')}`,
    ...(index.builtAt === null ? [] : [`built: ${index.builtAt}`]),
    ...(index.detail === null ? [] : [index.detail]),
  ];
}

function size(bytes: number): string {
  return bytes < 1_000_000 ? `${Math.ceil(bytes / 1000)} KB` : `${(bytes / 1_000_000).toFixed(1)} MB`;
}
