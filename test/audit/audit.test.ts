import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { AuditLine, AuditVerification } from '../../src/contract/audit.ts';
import { outcome, TestAudit } from './log.ts';

describe('a line', () => {
  it('R4: holds who, what, when and with which outcome, chained by HMAC, in a file of mode 0600', async () => {
    const log = await TestAudit.open();
    await log.audit.record({
      action: 'key.create',
      actor: 'env:1',
      target: 'key_1',
      detail: { name: 'a', n: 1, l: ['x'] },
    });
    await log.audit.record({
      action: 'key.revoke',
      outcome: 'failed',
      actor: 'local',
      address: '::1',
      requestId: 'req_1',
    });
    const lines = await log.lines();
    expect(lines.map((line) => AuditLine.parse(line))).toEqual(lines);
    expect(lines).toMatchObject([
      { seq: 1, at: '2026-11-22T10:00:00.000Z', action: 'key.create', outcome: 'ok', actor: 'env:1', target: 'key_1' },
      { seq: 2, outcome: 'failed', target: null, address: '::1', requestId: 'req_1', detail: {}, chain: 'hmac' },
    ]);
    expect(lines[0]).toMatchObject({ address: null, requestId: null, detail: { name: 'a', n: 1, l: ['x'] } });
    expect(await log.parts()).toEqual(['2026-11.jsonl']);
    expect((await stat(join(log.path, '2026-11.jsonl'))).mode & 0o777).toBe(0o600);
    expect((await stat(log.path)).mode & 0o777).toBe(0o700);
  });

  it('A7: is of the organization it says, of none where it says none, and a list of one holds no other', async () => {
    const log = await TestAudit.open();
    const record = (actor: string, organizationId?: string | null) =>
      log.audit.record({ action: 'key.create', actor, ...(organizationId === undefined ? {} : { organizationId }) });
    await record('mine', 'org_a');
    await record('theirs', 'org_b');
    await record('nobody', null);
    await record('old');
    await log.audit.record({ action: 'key.create', actor: 'forged', detail: { n: 1, organizationId: 'org_a' } });
    await log.audit.record({ action: 'key.create', actor: ',"organizationId":"org_a"', organizationId: 'org_b' });
    const lines = await log.lines();
    expect(lines.map((line) => AuditLine.parse(line))).toEqual(lines);
    expect(lines[2]).not.toHaveProperty('organizationId');
    const seen = async (organizationId?: string) =>
      (await log.audit.list({ limit: 50, action: 'key.*', organizationId })).data.map(({ actor }) => actor);
    expect(await seen('org_a')).toEqual(['mine']);
    expect(await seen('org_b')).toEqual([',"organizationId":"org_a"', 'theirs']);
    expect(await seen('org_none')).toEqual([]);
    expect(await seen()).toHaveLength(6);
    expect(await log.audit.verify()).toMatchObject({ ok: true, lines: 6 });
  });

  it('R4: no text of a caller can make a second line, steer a terminal or fill the log', async () => {
    const log = await TestAudit.open();
    const nasty = 'a\nb\r\u001b[2J\u0000\u0085\u009b\u2028\ud800"\\';
    await log.audit.record({ action: nasty, actor: nasty, detail: { [nasty]: nasty, long: 'x'.repeat(1e6) } });
    const many = Object.fromEntries(Array.from({ length: 1000 }, (_, i) => [`n${i}`, 'y'.repeat(400)]));
    await log.audit.record({ action: 'b', actor: 'c', detail: many });
    await log.audit.record({ action: 'b', actor: 'c', detail: { list: Array(9999).fill('z') } });
    const text = await log.text();
    expect(text.split('\n')).toHaveLength(4);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: none of them may be there
    expect(text.replaceAll('\n', '')).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/);
    for (const line of text.split('\n')) expect(line.length).toBeLessThan(16_000);
    const [first, second] = await log.lines();
    expect(first?.actor).toBe(nasty);
    expect(String(first?.detail['long'])).toHaveLength(501);
    expect(second?.detail).toMatchObject({ truncated: true });
    expect(await log.audit.verify()).toMatchObject({ ok: true, lines: 3 });
  });

  it('R4: 1,000 lines recorded at once are all there, in the order they were recorded', async () => {
    const log = await TestAudit.open();
    const numbers = Array.from({ length: 1000 }, (_, number) => number);
    await Promise.all(numbers.map((number) => log.audit.record({ action: 'x', actor: 'a', detail: { number } })));
    const lines = await log.lines();
    expect(lines.map((line) => line.detail['number'])).toEqual(numbers);
    expect(lines.map((line) => line.seq)).toEqual(numbers.map((number) => number + 1));
    expect(await log.audit.verify()).toMatchObject({ ok: true, lines: 1000, fault: null });
  });

  it('R4: a line is on disk when record resolves', async () => {
    const log = await TestAudit.open();
    for (let number = 1; number <= 20; number += 1) {
      await log.audit.record({ action: 'x', actor: 'a' });
      expect((await log.text()).split('\n')).toHaveLength(number + 1);
    }
  });

  it('after close a line is refused and nothing is written', async () => {
    const log = await TestAudit.open();
    await log.audit.close();
    expect(await outcome(log.audit.record({ action: 'x', actor: 'a' }))).toBe('AUDIT_UNAVAILABLE');
    log.audit.refuse({ code: 'a', reason: 'b', actor: 'c', address: 'd', requestId: 'e', method: 'f', route: 'g' });
    expect(await log.text()).toBe('');
  });
});

describe('parts', () => {
  it('R4: a new month begins a new part, and the chain goes through', async () => {
    const log = await TestAudit.open();
    await log.fill(2);
    log.clock.ms = Date.parse('2026-12-01T00:00:00Z');
    await log.fill(2);
    expect(await log.parts()).toEqual(['2026-11.jsonl', '2026-12.jsonl']);
    const verification = await log.audit.verify();
    expect(AuditVerification.parse(verification)).toEqual(verification);
    expect(verification).toMatchObject({ ok: true, lines: 4, firstAt: '2026-11-22T10:00:01.000Z' });
    expect((await log.restart().then((audit) => audit.verify())).ok).toBe(true);
  });

  it('R4: a clock that goes back does not go back to an older part', async () => {
    const log = await TestAudit.open();
    await log.fill(1);
    log.clock.ms = Date.parse('2026-08-01T00:00:00Z');
    await log.fill(1);
    expect(await log.parts()).toEqual(['2026-11.jsonl']);
    expect((await log.audit.verify()).ok).toBe(true);
  });

  it('R4: the log stays within its bound; what was removed is a line and is no fault', async () => {
    const log = await TestAudit.open(40_000);
    for (let round = 0; round < 6; round += 1) {
      await log.fill(60);
      const sizes = await Promise.all((await log.parts()).map(async (name) => (await stat(join(log.path, name))).size));
      expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThanOrEqual(40_000 + 600);
      if (round === 3) await log.restart();
    }
    const names = await log.parts();
    expect(names[0]).toMatch(/^2026-11\.part\d{4}\.jsonl$/);
    const lines = await log.lines();
    const first = lines[0]?.seq ?? 0;
    expect(first).toBeGreaterThan(100);
    expect(lines.map(({ seq }) => seq)).toEqual(lines.map((_, index) => first + index));
    const trims = lines.filter(({ action }) => action === 'audit.trimmed');
    expect(trims.at(-1)?.detail).toMatchObject({ throughSeq: first - 1 });
    const verification = await log.audit.verify();
    expect(verification).toMatchObject({ ok: true, lines: lines.length });
    expect(verification.limits.join()).toContain(`before line ${first} were removed`);
    expect(await log.restart().then((audit) => audit.verify())).toMatchObject({ ok: true });
  });

  it('plain sorting gives the order written', async () => {
    const log = await TestAudit.open(8_000);
    await log.fill(12);
    log.clock.ms = Date.parse('2026-12-01T00:00:00Z');
    await log.fill(8);
    const seqs = (await log.lines()).map(({ seq }) => seq);
    expect(seqs).toEqual([...seqs].sort((a, b) => a - b));
    expect((await log.parts()).length).toBeGreaterThan(4);
  });
});

describe('list', () => {
  async function pages(log: TestAudit, query: { limit: number; action?: string }) {
    const seqs: number[] = [];
    let cursor: string | null | undefined;
    let count = 0;
    do {
      const page = await log.audit.list({ ...query, cursor: cursor ?? undefined });
      seqs.push(...page.data.map(({ seq }) => seq));
      cursor = page.nextCursor;
      count += 1;
    } while (cursor !== null);
    return { seqs, count };
  }

  it('gives every line once, newest first, page by page and over all parts', async () => {
    const log = await TestAudit.open(200_000);
    await Promise.all(Array.from({ length: 500 }, () => log.audit.record({ action: 'x', actor: 'a' })));
    expect((await log.parts()).length).toBeGreaterThan(1);
    const all = Array.from({ length: 500 }, (_, index) => 500 - index);
    expect(await pages(log, { limit: 7 })).toEqual({ seqs: all, count: 72 });
    expect(await pages(log, { limit: 500 })).toEqual({ seqs: all, count: 1 });
    expect(await pages(log, { limit: 100 })).toEqual({ seqs: all, count: 5 });
  });

  it('finds one action, or all that begin alike, and nothing that only mentions it', async () => {
    const log = await TestAudit.open();
    for (const action of ['key.create', 'key.createx', 'key.revoke', 'keys.create', 'x']) {
      await log.audit.record({ action, actor: '","action":"key.create"', detail: { a: 1, action: 'key.create' } });
    }
    expect((await pages(log, { limit: 10, action: 'key.create' })).seqs).toEqual([1]);
    expect((await pages(log, { limit: 10, action: 'key.*' })).seqs).toEqual([3, 2, 1]);
    expect((await pages(log, { limit: 10, action: 'none' })).seqs).toEqual([]);
  });

  it('lines recorded meanwhile do not move a page', async () => {
    const log = await TestAudit.open();
    await log.fill(10);
    const first = await log.audit.list({ limit: 4 });
    await log.fill(10);
    const second = await log.audit.list({ limit: 4, cursor: first.nextCursor ?? undefined });
    expect(second.data.map(({ seq }) => seq)).toEqual([6, 5, 4, 3]);
  });

  it.each(['x', '../../etc/passwd:5', '2026-11.jsonl', '2026-11.jsonl:-1', '2026-11.jsonl:1e9', '2026-13:1'])(
    'R3: a foreign cursor is a bad request: %s',
    async (cursor) => {
      const log = await TestAudit.open();
      await log.fill(1);
      expect(await outcome(log.audit.list({ limit: 5, cursor }))).toBe('BAD_REQUEST');
    },
  );

  it('a cursor into a part that is gone, or beyond the end, gives no error', async () => {
    const log = await TestAudit.open();
    await log.fill(3);
    expect(await log.audit.list({ limit: 5, cursor: '2020-01.jsonl:100' })).toEqual({ data: [], nextCursor: null });
    const beyond = await log.audit.list({ limit: 5, cursor: '2026-11.jsonl:999999999' });
    expect(beyond.data.map(({ seq }) => seq)).toEqual([3, 2, 1]);
    const within = await log.audit.list({ limit: 5, cursor: '2026-11.jsonl:300' });
    expect(within.data.every(({ seq }) => seq <= 3)).toBe(true);
  });
});
