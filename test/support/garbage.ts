import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** What is really held in memory: measured when nothing waits to be collected. */
export function memoryHeld(): NodeJS.MemoryUsage {
  collect();
  // The first one leaves buffers to be freed beside it; the second waits for that.
  collect();
  return process.memoryUsage();
}
