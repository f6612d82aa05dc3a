import type { Gatehouse } from '../../src/gatehouse.js';
import { POLICIES } from '../../src/guard/policy.js';
import { type Line, median } from './statistics.js';

const ROUNDS = 41;
const DECISIONS = 20_000;

/** A whole decision with few and with many keys stored, the same hundred callers: work must not grow with the keys. */
export function lookUp(
  few: { gatehouse: Gatehouse; tokens: string[] },
  many: { gatehouse: Gatehouse; tokens: string[] },
): Line {
  const times = { few: [] as number[], many: [] as number[] };
  for (let round = -10; round < ROUNDS; round += 1) {
    const order = round % 2 === 0 ? (['few', 'many'] as const) : (['many', 'few'] as const);
    for (const name of order) {
      const microseconds = decide(name === 'few' ? few : many);
      if (round >= 0) times[name].push(microseconds);
    }
  }
  const ratio = median(times.many.map((value, index) => value / (times.few[index] ?? Number.NaN)));
  const notes = `${median(times.many).toFixed(2)} µs against ${median(times.few).toFixed(2)} µs a decision`;
  return { what: 'decision with 100,000 keys ÷ with 100', measured: ratio, unit: '×', hold: 1.05, notes };
}

function decide({ gatehouse, tokens }: { gatehouse: Gatehouse; tokens: string[] }): number {
  const facts = tokens.map((token) => ({
    door: 'tcp' as const,
    peerAddress: '127.0.0.1',
    rawHeaders: ['Host', 'localhost', 'Accept', '*/*', 'x-api-key', token],
    method: 'GET',
    requestId: 'req_bench',
    named: null,
  }));
  const startedMs = performance.now();
  for (let index = 0; index < DECISIONS; index += 1) {
    const verdict = gatehouse.guard.decide(facts[index % facts.length] as (typeof facts)[number], POLICIES.whoami);
    if (!verdict.allow) throw verdict.error;
  }
  return ((performance.now() - startedMs) * 1000) / DECISIONS;
}
