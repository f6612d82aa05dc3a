import { createHash } from 'node:crypto';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { TestAudit } from './log.ts';

const PART = '2026-11.jsonl';

/** Two keyed lines, then a locked time with three unkeyed ones. */
async function lockedLog(): Promise<TestAudit> {
  const log = await TestAudit.open();
  await log.fill(2);
  await log.restart({ locked: true });
  await log.fill(3, 'locked');
  return log;
}

async function rewrite(log: TestAudit, change: (lines: string[]) => string[]): Promise<void> {
  const lines = (await readFile(join(log.path, PART), 'utf8')).split('\n').slice(0, -1);
  await writeFile(
    join(log.path, PART),
    change(lines)
      .map((line) => `${line}\n`)
      .join(''),
  );
}

describe('while the vault is locked', () => {
  it('R4: lines go on, chained by plain SHA-256 and marked so', async () => {
    const log = await lockedLog();
    expect((await log.lines()).map(({ chain }) => chain)).toEqual(['hmac', 'hmac', 'sha256', 'sha256', 'sha256']);
    expect(log.audit.writable).toBe(true);
  });

  it('R4: verify does not call clean what it cannot check, and says so', async () => {
    const log = await lockedLog();
    const verification = await log.audit.verify();
    expect(verification).toMatchObject({ ok: false, lines: 5, uncovered: 3, fault: null });
    expect(verification.limits.join()).toContain('2 keyed lines could not be checked (the vault is locked)');
    expect(verification.limits.join()).toContain('The last 3 lines have no keyed line after them');
  });

  it('R4: a removed line is found without the key too', async () => {
    const log = await lockedLog();
    await rewrite(log, (lines) => lines.toSpliced(3, 1));
    expect((await log.audit.verify()).fault).toMatchObject({ file: PART, line: 4 });
  });

  it('R4: a changed unkeyed line is found without the key', async () => {
    const log = await lockedLog();
    await rewrite(log, (lines) => lines.with(3, String(lines[3]).replace('test.locked', 'test.locket')));
    expect((await log.audit.verify()).fault).toMatchObject({ file: PART, line: 4 });
  });
});

describe('when the key is back', () => {
  it('R4: the first keyed line covers the unkeyed ones, and the limits say what that proves', async () => {
    const log = await lockedLog();
    await log.restart();
    expect((await log.lines()).at(-1)).toMatchObject({
      seq: 6,
      action: 'audit.keyed',
      chain: 'hmac',
      detail: { throughSeq: 5 },
    });
    const verification = await log.audit.verify();
    expect(verification).toMatchObject({ ok: true, lines: 6, uncovered: 0 });
    expect(verification.limits.join()).toContain('3 lines were chained without the key');
  });

  it('R4: an unkeyed line rewritten after that is found', async () => {
    const log = await lockedLog();
    await log.restart();
    // So that the saved head has moved past the place, and only the keyed line speaks for it.
    await log.restart();
    await rewrite(log, (lines) => {
      // As the owner of the files could: change line 5 and compute its plain hash anew.
      const { hash, ...line } = JSON.parse(String(lines[4]));
      const previous = JSON.parse(String(lines[3])).hash;
      const body = JSON.stringify({ ...line, actor: 'somebody else' });
      const forged = createHash('sha256').update(`${previous}\n${body}`).digest('base64url');
      expect(forged).not.toBe(hash);
      return lines.with(4, `${body.slice(0, -1)},"hash":"${forged}"}`);
    });
    expect((await log.audit.verify()).fault).toMatchObject({ file: PART, line: 6 });
  });

  it('R4: keyed lines that were cut off during the locked time are missed', async () => {
    const log = await TestAudit.open();
    await log.fill(4);
    await log.restart({ locked: true });
    await log.audit.close();
    const head = JSON.parse(await readFile(join(log.path, 'head.json'), 'utf8'));
    const line = (await log.lines())[1];
    await rewrite(log, (lines) => lines.slice(0, 2));
    // The unkeyed head can be made to fit; the keyed one beside it cannot.
    Object.assign(head.current, { seq: line?.seq, hash: line?.hash });
    await writeFile(join(log.path, 'head.json'), JSON.stringify(head));
    await log.start({ locked: true });
    await log.fill(1);
    await log.restart();
    expect(await log.audit.verify()).toMatchObject({ ok: false });
    expect(await log.restart().then((audit) => audit.verify())).toMatchObject({ ok: false });
  });

  it('R4: several locked times, restarts and months verify in the end', async () => {
    const log = await TestAudit.open();
    for (let round = 0; round < 4; round += 1) {
      await log.fill(2);
      await log.restart({ locked: round % 2 === 0 });
      await log.fill(2);
      log.clock.ms += 20 * 86_400_000;
    }
    await log.restart();
    expect(await log.audit.verify()).toMatchObject({ ok: true, uncovered: 0 });
    expect((await log.lines()).some(({ action }) => action === 'audit.broken')).toBe(false);
  });
});

describe('a first run with a locked vault', () => {
  it('R4: is kept unkeyed and covered once the key is there', async () => {
    const log = await TestAudit.open();
    await log.audit.close();
    // No chain key, no head and no line: as if this folder had never seen an open vault.
    await rm(log.path, { recursive: true });
    await log.start({ locked: true });
    await log.fill(2);
    expect(await log.audit.verify()).toMatchObject({ ok: true, uncovered: 2 });
    await log.restart();
    expect(await log.audit.verify()).toMatchObject({ ok: true, uncovered: 0, lines: 3 });
  });
});
