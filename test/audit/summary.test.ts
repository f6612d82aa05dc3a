import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { AuditSummary } from '../../src/contract/audit.ts';
import { TestAudit } from './log.ts';

const DAY_MS = 86_400_000;

/** The days on which something happened. */
async function daysOf(log: TestAudit, organizationId?: string, days = 30) {
  const summary = await log.audit.summary({ days, ...(organizationId === undefined ? {} : { organizationId }) });
  expect(AuditSummary.parse(summary)).toEqual(summary);
  expect(summary.days).toHaveLength(days);
  return summary.days.filter(({ ok, refused, failed }) => ok + refused + failed > 0);
}

/** Two days of two organizations. */
async function filled(): Promise<TestAudit> {
  const log = await TestAudit.open();
  const record = (outcome: 'ok' | 'refused' | 'failed', organizationId: string | null) =>
    log.audit.record({ action: 'a.b', actor: 'local', outcome, organizationId });
  await record('ok', 'org_a');
  await record('failed', 'org_a');
  await record('ok', 'org_b');
  log.clock.ms += DAY_MS;
  await record('ok', null);
  await record('refused', 'org_b');
  return log;
}

const ALL = [
  { day: '2026-11-22', ok: 2, refused: 0, failed: 1 },
  { day: '2026-11-23', ok: 1, refused: 1, failed: 0 },
];

describe('events of days', () => {
  it('R4: are counted by outcome, with none of another organization', async () => {
    const log = await filled();
    expect(await daysOf(log)).toEqual(ALL);
    expect(await daysOf(log, 'org_a')).toEqual([{ day: '2026-11-22', ok: 1, refused: 0, failed: 1 }]);
    expect(await daysOf(log, 'org_b')).toEqual([
      { day: '2026-11-22', ok: 1, refused: 0, failed: 0 },
      { day: '2026-11-23', ok: 0, refused: 1, failed: 0 },
    ]);
    expect(await daysOf(log, 'org_none')).toEqual([]);
    expect(await daysOf(log, undefined, 1)).toEqual(ALL.slice(1));
    expect((await log.audit.summary({ days: 90 })).countedSince).toBeNull();
  });

  it('are the same after a restart, a crash, and with days.json lost, damaged or of another log', async () => {
    const log = await filled();
    const path = join(log.path, 'days.json');
    await log.restart();
    expect(await daysOf(log)).toEqual(ALL);
    const saved = await readFile(path, 'utf8');
    await log.audit.record({ action: 'a.b', actor: 'local' });
    const more = [ALL[0], { ...ALL[1], ok: 2 }];
    await log.audit.close();
    // As a crash leaves it: from before the last line.
    await writeFile(path, saved);
    await log.start();
    expect(await daysOf(log)).toEqual(more);
    for (const harm of ['{', '{"schemaVersion":1,"seq":9999,"since":null,"counts":[]}', null]) {
      await log.audit.close();
      await (harm === null ? rm(path) : writeFile(path, harm));
      await log.start();
      expect(await daysOf(log), String(harm)).toEqual(more);
    }
    expect(await log.audit.verify()).toMatchObject({ ok: true });
  });

  it('count every refusal of a flood, of which few are lines', async () => {
    const log = await TestAudit.open();
    const who = { actor: 'anonymous', address: '192.0.2.1', requestId: 'req_1', method: 'GET', route: 'listKeys' };
    for (let at = 0; at < 300; at += 1) log.audit.refuse({ code: 'UNAUTHORIZED', reason: 'unknown key', ...who });
    await log.restart();
    expect((await log.lines()).length).toBeLessThan(20);
    expect(await daysOf(log)).toMatchObject([{ refused: 300 }]);
  });

  it('say since when lines are kept and days counted, once old ones were removed', async () => {
    const log = await TestAudit.open(20_000);
    await log.fill(60);
    log.clock.ms += DAY_MS;
    await log.fill(60);
    const summary = await log.audit.summary({ days: 30 });
    const [oldest] = await log.lines();
    expect(oldest?.seq).toBeGreaterThan(1);
    expect(summary.keptSince).toBe(oldest?.at);
    expect(summary.log).toMatchObject({ firstSeq: oldest?.seq, maxBytes: 20_000, broken: null, lastCheck: null });
    // What was counted stays counted.
    expect(summary.days.at(-2)).toMatchObject({ day: '2026-11-22', ok: 60 });
    expect(summary.countedSince).toBeNull();
    await log.audit.close();
    await rm(join(log.path, 'days.json'));
    await log.start();
    expect((await log.audit.summary({ days: 30 })).countedSince).toMatch(/^2026-11-2[34]$/);
  });

  it('R4: tell operators of a gap that was found at the start, and of the last check', async () => {
    const log = await TestAudit.open();
    await log.fill(5);
    await log.audit.close();
    const [part = ''] = await log.parts();
    const text = await log.text();
    await writeFile(
      join(log.path, part),
      text
        .split('\n')
        .filter((line) => !line.includes('"seq":4,'))
        .join('\n'),
    );
    await log.start();
    const before = await log.audit.summary({ days: 1 });
    expect(before.log?.broken).toMatch(/does not follow/);
    expect(before.log?.lastCheck).toBeNull();
    await log.audit.verify();
    const after = await log.audit.summary({ days: 1 });
    expect(after.log?.lastCheck).toMatchObject({ ok: false, fault: { line: 4 } });
    expect((await log.audit.summary({ days: 1 }, false)).log).toBeNull();
  });
});

describe('filters', () => {
  it('find lines by who, outcome and time, and look no further back than asked', async () => {
    const log = await filled();
    const times = (await log.lines()).map(({ at }) => at);
    const seen = async (query: object) => (await log.audit.list({ limit: 50, ...query })).data.map(({ seq }) => seq);
    expect(await seen({ outcome: 'failed' })).toEqual([2]);
    expect(await seen({ actor: 'local' })).toEqual([5, 4, 3, 2, 1]);
    expect(await seen({ actor: 'loc' })).toEqual([]);
    expect(await seen({ from: times[3] })).toEqual([5, 4]);
    expect(await seen({ to: times[3] })).toEqual([3, 2, 1]);
    expect(await seen({ from: times[0], to: times[3], outcome: 'ok' })).toEqual([3, 1]);
    // Other ways to write the same moment.
    expect(await seen({ from: '2026-11-23T11:00:00+01:00' })).toEqual([5, 4]);
    expect(await seen({ from: '2026-11-23T10:00:00Z' })).toEqual([5, 4]);
    expect((await log.audit.list({ limit: 1, from: '2027-01-01T00:00:00Z' })).nextCursor).toBeNull();
  });
});
