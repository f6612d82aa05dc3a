import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { boundChanges, changesOf, NOT_KEPT } from '../../src/audit/changes.ts';
import { AuditLine } from '../../src/contract/audit.ts';
import { TestAudit } from './log.ts';

const told = (before: object | null, after: object) => boundChanges(changesOf(before, after)).kept;

describe('what a change made of a thing', () => {
  it('is told field by field, also of fields in fields, and not at all where nothing differs', () => {
    expect(told({ a: 1, b: 'x', c: { d: null } }, { a: 1, b: 'x', c: { d: null } })).toEqual([]);
    expect(
      told({ name: 'a', limit: { requests: 1, per: 'h' } }, { name: 'b', limit: { requests: 2, per: 'h' } }),
    ).toEqual([
      { field: 'name', before: 'a', after: 'b' },
      { field: 'limit.requests', before: '1', after: '2' },
    ]);
    expect(told({ limit: null }, { limit: { requests: 2 } })).toEqual([
      { field: 'limit', before: null, after: '{"requests":2}' },
    ]);
    expect(told(null, { on: true })).toEqual([{ field: 'on', before: null, after: 'true' }]);
    expect(told({ gone: 'x' }, {})).toEqual([{ field: 'gone', before: 'x', after: null }]);
  });

  it('shows short lists whole, of long ones what came and went, of lists of things each thing', () => {
    expect(told({ scopes: ['a', 'b'] }, { scopes: ['b', 'c'] })).toEqual([
      { field: 'scopes', before: 'a, b', after: 'b, c' },
    ]);
    const many = Array.from({ length: 100 }, (_, index) => `10.0.0.${index}`);
    expect(told({ ips: many }, { ips: [...many.slice(1), '::1'] })).toEqual([
      { field: 'ips', before: '10.0.0.0', after: '::1' },
    ]);
    const [one, two] = [{ path: '/a' }, { path: '/b' }];
    expect(told({ routes: [one] }, { routes: [two, one] })).toEqual([
      { field: 'routes', before: null, after: '{"path":"/b"}' },
    ]);
    // Where the order counts, another order is a change.
    expect(told({ routes: [one, two] }, { routes: [two, one] })).toHaveLength(1);
  });

  it('clips long texts around the place where they differ', () => {
    const long = 'word '.repeat(500);
    const [change] = told({ text: `${long}old end` }, { text: `${long}new end` });
    expect(change?.before).toMatch(/^…(ord |word )+old end$/);
    expect(change?.after).toMatch(/^…(ord |word )+new end$/);
    const [filled] = told({ text: null }, { text: long });
    expect(filled?.after).toHaveLength(201);
  });

  it('names what is not kept, without a value', () => {
    expect(changesOf({}, {}, ['fields.apiKey'])).toEqual([
      { field: 'fields.apiKey', before: NOT_KEPT, after: NOT_KEPT },
    ]);
  });

  it('R4: no two views make a line that is too long, or one that cannot be read again', async () => {
    const log = await TestAudit.open(20_000_000);
    await fc.assert(
      fc.asyncProperty(fc.object({ maxKeys: 100, maxDepth: 3 }), fc.object({ maxKeys: 100 }), async (before, after) => {
        await log.audit.record({ action: 'a', actor: 'b', changes: changesOf(before, after) });
      }),
      { numRuns: 200 },
    );
    const nasty = '\u0000\u001b[2J\u2028\ud83d'.repeat(3000);
    const wide = Object.fromEntries(Array.from({ length: 300 }, (_, index) => [`f${index}`, nasty]));
    await log.audit.record({ action: 'a', actor: 'b', changes: changesOf(null, wide) });
    const lines = await log.lines();
    expect(lines.map((line) => AuditLine.parse(line))).toEqual(lines);
    const last = lines.at(-1);
    expect(last?.detail['changesLeftOut']).toBe(300 - (last?.changes?.length ?? 0));
    for (const line of (await log.text()).split('\n')) expect(line.length).toBeLessThan(16_000);
    expect(await log.audit.verify()).toMatchObject({ ok: true, lines: 201 });
  });
});

describe('a line with changes', () => {
  it('R4: is covered by the chain: another value before or after is found; lines without any stay as they were', async () => {
    const log = await TestAudit.open();
    await log.fill(1);
    await log.audit.record({
      action: 'key.update',
      actor: 'local',
      changes: changesOf({ name: 'old' }, { name: 'new' }),
    });
    await log.fill(1);
    const [first, second] = await log.lines();
    expect(first).not.toHaveProperty('changes');
    expect(second?.changes).toEqual([{ field: 'name', before: 'old', after: 'new' }]);
    expect(await log.audit.verify()).toMatchObject({ ok: true, lines: 3 });
    const { readFile, writeFile } = await import('node:fs/promises');
    const [part = ''] = await log.parts();
    const path = `${log.path}/${part}`;
    await writeFile(path, (await readFile(path, 'utf8')).replace('"before":"old"', '"before":"odd"'));
    expect(await log.audit.verify()).toMatchObject({ ok: false, fault: { line: 2 } });
  });
});
