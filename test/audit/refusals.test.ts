import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Refusal } from '../../src/audit/audit.ts';
import type { AuditLine } from '../../src/contract/audit.ts';
import { memoryHeld } from '../support/garbage.js';
import { TestAudit } from './log.ts';

const refusal = (over: Partial<Refusal> = {}): Refusal => ({
  code: 'UNAUTHORIZED',
  reason: 'unknown key',
  actor: 'anonymous',
  address: '192.0.2.1',
  requestId: 'req_1',
  method: 'GET',
  route: '/api/keys',
  ...over,
});

/** What is in the log after everything pending was written. */
async function written(log: TestAudit): Promise<{ single: AuditLine[]; summaries: AuditLine[] }> {
  await log.audit.close();
  const lines = await log.lines();
  return {
    single: lines.filter(({ action }) => action === 'request.refused'),
    summaries: lines.filter(({ action }) => action === 'request.refusals'),
  };
}

afterEach(() => {
  vi.useRealTimers();
});

describe('refusals', () => {
  it('R4: a refusal is a line with its address, code, reason and route', async () => {
    const log = await TestAudit.open();
    log.audit.refuse(refusal());
    const { single, summaries } = await written(log);
    expect(single).toMatchObject([
      {
        outcome: 'refused',
        actor: 'anonymous',
        address: '192.0.2.1',
        requestId: 'req_1',
        detail: {
          code: 'UNAUTHORIZED',
          reason: 'unknown key',
          method: 'GET',
          route: '/api/keys',
        },
      },
    ]);
    expect(summaries).toEqual([]);
  });

  it('R4: the first 10 a minute of an address and reason are lines, the rest one line with a count', async () => {
    const log = await TestAudit.open();
    for (let count = 0; count < 37; count += 1) log.audit.refuse(refusal());
    for (let count = 0; count < 12; count += 1) log.audit.refuse(refusal({ reason: 'expired' }));
    log.audit.refuse(refusal({ address: '192.0.2.2' }));
    log.clock.ms += 60_000;
    log.audit.refuse(refusal());
    const { single, summaries } = await written(log);
    expect(single).toHaveLength(10 + 10 + 1 + 1);
    expect(
      summaries.map(({ address, detail }) => [address, detail['reason'], detail['count'], detail['from']]),
    ).toEqual([
      ['192.0.2.1', 'unknown key', 27, '2026-11-22T10:00:00.000Z'],
      ['192.0.2.1', 'expired', 2, '2026-11-22T10:00:00.000Z'],
    ]);
  });

  it('R4: the count appears when the minute ends, also when nobody is refused any more', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const log = await TestAudit.open();
    for (let count = 0; count < 15; count += 1) log.audit.refuse(refusal());
    vi.advanceTimersByTime(59_999);
    await log.audit.record({ action: 'x', actor: 'a' });
    expect((await log.lines()).some(({ action }) => action === 'request.refusals')).toBe(false);
    vi.advanceTimersByTime(1);
    await log.audit.record({ action: 'x', actor: 'a' });
    expect((await log.lines()).filter(({ action }) => action === 'request.refusals')).toMatchObject([
      { detail: { count: 5 } },
    ]);
    vi.useRealTimers();
    await log.audit.close();
  });

  it('R4: an attack from many addresses makes few lines, holds little memory, and every refusal is counted', async () => {
    const log = await TestAudit.open(10_000_000);
    const attempts = 200_000;
    const before = memoryHeld().heapUsed;
    for (let count = 0; count < attempts; count += 1) {
      log.audit.refuse(refusal({ address: `2001:db8::${count.toString(16)}` }));
    }
    expect(memoryHeld().heapUsed - before).toBeLessThan(20_000_000);
    const { single, summaries } = await written(log);
    expect(single.length).toBeLessThanOrEqual(500);
    expect(summaries.length).toBeLessThanOrEqual(51);
    const counted = summaries.reduce((sum, { detail }) => sum + Number(detail['count']), 0);
    expect(single.length + counted).toBe(attempts);
    expect(summaries.at(-1)).toMatchObject({ address: null, detail: { reason: 'many addresses' } });
  });

  it('R4: refusing never waits: 1,000 refusals return before any reaches the disk', async () => {
    const log = await TestAudit.open();
    for (let count = 0; count < 1000; count += 1) log.audit.refuse(refusal({ address: `192.0.2.${count % 100}` }));
    expect(await log.text()).toBe('');
    const { single } = await written(log);
    expect(single.length).toBe(500);
  });

  it('the head is saved within seconds of a line, and not for each', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const log = await TestAudit.open();
    const saved = async () => {
      const { readFile } = await import('node:fs/promises');
      return JSON.parse(await readFile(`${log.path}/head.json`, 'utf8')).current.seq;
    };
    await log.fill(3);
    expect(await saved()).toBe(0);
    vi.advanceTimersByTime(2_000);
    // The save goes through the same queue as the next line, before it.
    await log.fill(1);
    expect(await saved()).toBe(3);
    vi.useRealTimers();
    await log.audit.close();
    expect(await saved()).toBe(4);
  });
});
