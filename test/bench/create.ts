import { monitorEventLoopDelay, performance } from 'node:perf_hooks';
import { CreateKey } from '../../src/contract/keys.js';
import type { Gatehouse } from '../../src/gatehouse.js';
import type { Actor } from '../../src/kernel/principal.js';
import { LOCAL } from '../../src/kernel/principal.js';
import { type Line, median } from './statistics.js';

const CREATES = 40;

/** Makes keys one after the other: how long the event loop is held, and until the answer, on disk. */
export async function create(
  gatehouse: Gatehouse,
  stored: number,
  hold: { loopMs: number; answerMs: number },
): Promise<Line[]> {
  const by: Actor = { bounds: gatehouse.guard.boundsFor(LOCAL), address: 'socket', requestId: 'req_bench' };
  const answers: number[] = [];
  const held: number[] = [];
  for (let index = -5; index < CREATES; index += 1) {
    const delay = monitorEventLoopDelay({ resolution: 1 });
    delay.enable();
    const startedMs = performance.now();
    await gatehouse.keys.create(by, CreateKey.parse({ name: `bench ${index}` }));
    const tookMs = performance.now() - startedMs;
    await new Promise((resolve) => setTimeout(resolve, 5));
    delay.disable();
    if (index < 0) continue;
    answers.push(tookMs);
    // The monitor's own tick is 1 ms.
    held.push(Math.max(0, delay.max / 1e6 - 1));
  }
  const keys = stored.toLocaleString('en');
  return [
    {
      what: `create a key, ${keys} stored: event loop held`,
      measured: median(held),
      unit: 'ms',
      hold: hold.loopMs,
      notes: `worst ${Math.max(...held).toFixed(1)} ms of ${CREATES}`,
    },
    {
      what: `create a key, ${keys} stored: answer p50, on disk`,
      measured: median(answers),
      unit: 'ms',
      hold: hold.answerMs,
      notes: `worst ${Math.max(...answers).toFixed(1)} ms`,
    },
  ];
}
