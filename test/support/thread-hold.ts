import { closeSync, openSync, readSync } from 'node:fs';

/**
 * The longest that the main thread could run nothing else, in milliseconds, while `work` goes on. Of each turn of the
 * event loop the lesser of wall time and the thread's own CPU time counts: on a busy machine the wall clock also shows
 * when the whole process had to wait, and the process's CPU time also what its other threads did.
 */
export async function longestHold(work: () => Promise<unknown>): Promise<number> {
  let longest = 0;
  let done = false;
  const cpu = openThreadCpu();
  const watch = (async () => {
    while (!done) {
      const startedAt = performance.now();
      const cpuBefore = cpu.ms();
      await new Promise((resolve) => setTimeout(resolve, 1));
      longest = Math.max(longest, Math.min(performance.now() - startedAt, cpu.ms() - cpuBefore));
    }
  })();
  try {
    await work();
  } finally {
    done = true;
    await watch;
    cpu.close();
  }
  return longest;
}

/** CPU time of this process's main thread alone, which Node 20 does not tell and Linux does. */
function openThreadCpu(): { ms(): number; close(): void } {
  let file: number;
  try {
    file = openSync(`/proc/self/task/${process.pid}/schedstat`, 'r');
  } catch {
    const whole = () => {
      const { user, system } = process.cpuUsage();
      return (user + system) / 1000;
    };
    return { ms: whole, close() {} };
  }
  const buffer = Buffer.alloc(64);
  return {
    ms: () => Number.parseInt(buffer.toString('latin1', 0, readSync(file, buffer, 0, 64, 0)), 10) / 1e6,
    close: () => closeSync(file),
  };
}
