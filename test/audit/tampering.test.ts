import { createHash } from 'node:crypto';
import { copyFile, readFile, rename, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { TestAudit } from './log.ts';

const PART = '2026-11.jsonl';
const NEXT = '2026-12.jsonl';
const LAST = '2027-01.jsonl';

/** Three parts, four lines each. */
async function threeParts(): Promise<TestAudit> {
  const log = await TestAudit.open();
  await log.fill(4);
  log.clock.ms = Date.parse('2026-12-05T00:00:00Z');
  await log.fill(4);
  log.clock.ms = Date.parse('2027-01-05T00:00:00Z');
  await log.fill(4);
  return log;
}

type Edit = (lines: string[]) => string[];

/** Rewrites one part line by line, as an editor would. */
const edit =
  (part: string, change: Edit) =>
  async (log: TestAudit): Promise<void> => {
    const path = join(log.path, part);
    const lines = (await readFile(path, 'utf8')).split('\n').slice(0, -1);
    await writeFile(
      path,
      change(lines)
        .map((line) => `${line}\n`)
        .join(''),
    );
  };
const swap =
  (from: string | RegExp, to: string, at: number): Edit =>
  (lines) =>
    lines.map((line, index) => (index === at ? line.replace(from, to) : line));

/** A line that follows the last one by plain SHA-256, as anybody can write it. */
function unkeyedAfter(line: string, action: string): string {
  const { hash, ...last } = JSON.parse(line);
  const body = JSON.stringify({ ...last, seq: last.seq + 1, action, chain: 'sha256' });
  const next = createHash('sha256').update(`${hash}\n${body}`).digest('base64url');
  return `${body.slice(0, -1)},"hash":"${next}"}`;
}

const harms: [string, (log: TestAudit) => Promise<void>, { file: string; line: number }][] = [
  ['a changed value', edit(NEXT, swap('test.line', 'test.lime', 1)), { file: NEXT, line: 2 }],
  ['a changed time', edit(PART, swap('T10:00:0', 'T11:00:0', 2)), { file: PART, line: 3 }],
  ['one blank more', edit(NEXT, swap('","actor', '", "actor', 0)), { file: NEXT, line: 1 }],
  ['members in another order', edit(NEXT, swap(/^\{("seq":\d+),("at":"[^"]+")/, '{$2,$1', 3)), { file: NEXT, line: 4 }],
  ['a member put in', edit(NEXT, swap('"chain"', '"x":1,"chain"', 2)), { file: NEXT, line: 3 }],
  ['a changed hash', edit(PART, swap(/"hash":"./, '"hash":"!', 1)), { file: PART, line: 2 }],
  ['a hash taken away', edit(PART, swap(/,"hash":"[^"]+"/, '', 1)), { file: PART, line: 2 }],
  ['a keyed line marked as unkeyed', edit(PART, swap('"hmac"', '"sha256"', 1)), { file: PART, line: 2 }],
  ['a removed line', edit(NEXT, (lines) => lines.toSpliced(1, 1)), { file: NEXT, line: 2 }],
  ['a repeated line', edit(NEXT, (lines) => lines.toSpliced(1, 0, lines[1]!)), { file: NEXT, line: 3 }],
  ['an inserted line', edit(NEXT, (l) => l.toSpliced(2, 0, unkeyedAfter(l[1]!, 'x'))), { file: NEXT, line: 4 }],
  ['two lines swapped', edit(NEXT, ([a, b, ...rest]) => [b!, a!, ...rest]), { file: NEXT, line: 1 }],
  ['an empty line', edit(NEXT, (lines) => lines.toSpliced(2, 0, '')), { file: NEXT, line: 3 }],
  ['junk in the middle', edit(NEXT, (lines) => lines.with(2, '\u0000'.repeat(300))), { file: NEXT, line: 3 }],
  ['a giant line', edit(NEXT, (lines) => lines.with(2, 'x'.repeat(3_000_000))), { file: NEXT, line: 3 }],
  ['a whole part removed in the middle', (log) => rm(join(log.path, NEXT)), { file: NEXT, line: 1 }],
  ['the first part removed', (log) => rm(join(log.path, PART)), { file: PART, line: 1 }],
  ['the last part removed', (log) => rm(join(log.path, LAST)), { file: LAST, line: 1 }],
  [
    'a part renamed',
    (log) => rename(join(log.path, NEXT), join(log.path, '2026-10.jsonl')),
    { file: '2026-10.jsonl', line: 1 },
  ],
  [
    'a part put in',
    (log) => copyFile(join(log.path, NEXT), join(log.path, '2026-12.part0002.jsonl')),
    { file: '2026-12.part0002.jsonl', line: 1 },
  ],
  ['an emptied part', (log) => truncate(join(log.path, NEXT), 0), { file: LAST, line: 1 }],
  ['the last line cut off', edit(LAST, (lines) => lines.slice(0, -1)), { file: LAST, line: 4 }],
  [
    'the end cut within a line',
    async (log) => truncate(join(log.path, LAST), (await log.text(LAST)).length - 9),
    { file: LAST, line: 4 },
  ],
  ['an unkeyed line put behind the end', edit(LAST, (l) => [...l, unkeyedAfter(l[3]!, 'x')]), { file: LAST, line: 5 }],
];

describe('while Gatehouse runs', () => {
  it('R4: an untouched log verifies', async () => {
    const log = await threeParts();
    expect(await log.audit.verify()).toMatchObject({ ok: true, lines: 12, uncovered: 0, fault: null });
  });

  it.each(harms)('R4: verify names file and line of %s', async (_name, harm, place) => {
    const log = await threeParts();
    await harm(log);
    const { ok, fault } = await log.audit.verify();
    expect({ ok, fault }).toMatchObject({ ok: false, fault: place });
    expect(fault?.reason).not.toBe('');
  });
});

/** After a stop there is nobody who remembers the end but `head.json`; a missing part shows in the one behind it. */
const placesAfterStop: Record<string, { file: string; line: number } | 'unseen'> = {
  'a whole part removed in the middle': { file: LAST, line: 1 },
  'the first part removed': { file: NEXT, line: 1 },
  // The line that says so stands where the removed one stood.
  'the last part removed': { file: LAST, line: 1 },
  // It puts the log over its bound, so its part is removed, with a line that tells.
  'a giant line': { file: LAST, line: 6 },
  'the last line cut off': { file: LAST, line: 4 },
  'an unkeyed line put behind the end': 'unseen',
};

describe('while Gatehouse was stopped', () => {
  it.each(harms)('R4: %s is found after the next start, and after the one behind it', async (name, harm, place) => {
    const log = await threeParts();
    await log.audit.close();
    await harm(log);
    const after = placesAfterStop[name] ?? place;
    for (let start = 1; start <= 3; start += 1) {
      await log.start();
      await log.fill(2, `start${start}`);
      const verification = await log.audit.verify();
      if (after === 'unseen') {
        // Exactly what the limits say: behind the last head the owner of the files can write unkeyed lines.
        expect(verification.limits.join()).toContain('1 lines were chained without the key');
      } else {
        expect(verification).toMatchObject({ ok: false, fault: after });
      }
      await log.audit.close();
    }
  });

  it('R4: nothing that stands in a harmed log is rewritten', async () => {
    const log = await threeParts();
    await log.audit.close();
    await edit(LAST, swap('test.line', 'test.lime', 3))(log);
    const before = await log.text();
    await log.start();
    await log.fill(1);
    expect((await log.text()).startsWith(before)).toBe(true);
    expect((await log.lines()).map(({ action }) => action).slice(12)).toEqual(['audit.broken', 'test.line']);
    expect(log.log.entries.find(({ level }) => level === 'error')?.message).toContain('audit verify');
  });

  it('R4: a cut before the last saved head leaves a gap in the numbers for good', async () => {
    const log = await threeParts();
    await log.audit.close();
    await edit(LAST, (lines) => lines.slice(0, 1))(log);
    await log.start();
    await log.fill(1);
    expect((await log.lines()).map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 13, 14]);
  });
});

describe('head.json and the chain key', () => {
  const headPath = (log: TestAudit) => join(log.path, 'head.json');
  const cutTwo = edit(LAST, (lines) => lines.slice(0, -2));

  it('R4: a head rewritten to fit a cut log is not believed', async () => {
    const log = await threeParts();
    await log.audit.close();
    const head = JSON.parse(await readFile(headPath(log), 'utf8'));
    const line = (await log.lines())[9]!;
    for (const point of ['current', 'keyed']) Object.assign(head[point], { seq: line.seq, hash: line.hash });
    await cutTwo(log);
    await writeFile(headPath(log), JSON.stringify(head));
    expect(await log.start().then((audit) => audit.verify())).toMatchObject({
      ok: false,
      fault: { file: 'head.json' },
    });
    await log.fill(1);
    expect(await log.restart().then((audit) => audit.verify())).toMatchObject({
      ok: false,
      fault: { file: LAST, line: 3 },
    });
  });

  it('R4: a head that claims to come from a locked time is not believed either', async () => {
    const log = await threeParts();
    await log.audit.close();
    const head = JSON.parse(await readFile(headPath(log), 'utf8'));
    const line = (await log.lines())[9]!;
    await cutTwo(log);
    const current = { ...head.current, seq: line.seq, hash: line.hash, mac: null };
    await writeFile(headPath(log), JSON.stringify({ ...head, current, keyed: null }));
    expect(await log.start().then((audit) => audit.verify())).toMatchObject({ ok: false });
    await log.restart();
    expect(await log.restart().then((audit) => audit.verify())).toMatchObject({ ok: false });
  });

  it('R4: a removed head is found', async () => {
    const log = await threeParts();
    await log.audit.close();
    await cutTwo(log);
    await rm(headPath(log));
    await log.start();
    expect(await log.audit.verify()).toMatchObject({ ok: false, fault: { file: LAST, line: 3 } });
    expect((await log.lines()).at(-1)).toMatchObject({
      action: 'audit.broken',
      detail: { reason: 'head.json is missing' },
    });
  });

  it('R2: a damaged head is kept, named by verify, and the log goes on', async () => {
    const log = await threeParts();
    await log.audit.close();
    await writeFile(headPath(log), '{');
    await log.start();
    await log.fill(1);
    expect(log.audit.writable).toBe(true);
    expect(await log.audit.verify()).toMatchObject({ ok: false, fault: { file: 'head.json', line: 1 } });
    await log.audit.close();
    expect(await readFile(headPath(log), 'utf8')).toBe('{');
  });

  it('R4: a chain key taken away does not make old lines verify, and verify names the missing file ever after', async () => {
    const log = await threeParts();
    await log.audit.close();
    await rm(join(log.path, 'chain-key.json'));
    await log.start();
    await log.fill(1);
    for (const _start of [1, 2]) {
      const { ok, fault } = await log.audit.verify();
      expect({ ok, file: fault?.file }).toEqual({ ok: false, file: 'chain-key.json' });
      expect(fault?.reason).toContain('was missing');
      await log.restart();
    }
  });

  it('R4: a chain key that is made after a locked first start replaces none', async () => {
    const log = await TestAudit.open();
    await log.audit.close();
    await rm(log.path, { recursive: true });
    await log.start({ locked: true });
    await log.fill(3);
    await log.restart();
    await log.fill(1);
    expect(await log.audit.verify()).toMatchObject({ ok: true, fault: null });
  });

  it('R4: the chain key is on disk only sealed, and no key is in any file or log line', async () => {
    const log = await threeParts();
    const file = JSON.parse(await readFile(join(log.path, 'chain-key.json'), 'utf8'));
    const key = (await log.seal()).open('audit/chain-key', file.sealed);
    expect(key).toHaveLength(32);
    const said = JSON.stringify([log.log.entries, await log.text(), await readFile(headPath(log), 'utf8')]);
    for (const form of ['base64', 'base64url', 'hex'] as const) expect(said).not.toContain(key.toString(form));
  });
});
