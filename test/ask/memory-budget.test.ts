import { expect, test } from 'vitest';
import { fullDetail, MemoryBudget, type Resident } from '../../src/ask/memory-budget.js';

/** An index as the budget sees it: it notes its name when it is let go. */
interface Sitting extends Resident {
  memoryBytes: number;
  busy: boolean;
}

function sit(limitBytes: number, ...bytes: number[]) {
  const budget = new MemoryBudget(limitBytes);
  const gone: string[] = [];
  const residents = bytes.map((memoryBytes, at): Sitting => {
    const letGo = () => {
      resident.memoryBytes = 0;
      gone.push('abcdef'.charAt(at));
    };
    const resident = { memoryBytes, busy: false, askedAtMs: at * 10, turn: budget.nextTurn(), letGo };
    budget.join(resident);
    return resident;
  });
  return { budget, gone, residents, asker: residents.at(-1) as Sitting };
}

test('nobody gives way while all fit', async () => {
  const { budget, gone, asker } = sit(300, 100, 100, 100);
  expect(await budget.makeRoom(asker)).toBe('room');
  expect(gone).toEqual([]);
});

test('the least recently asked give way, and no more of them than are needed', async () => {
  const { budget, gone, asker } = sit(300, 100, 100, 100, 200);
  expect(await budget.makeRoom(asker)).toBe('room');
  expect(gone).toEqual(['a', 'b']);
  expect(budget.usedBytes).toBe(300);
});

test('one that is searched now is passed over for the next', async () => {
  const { budget, gone, residents, asker } = sit(300, 100, 100, 200);
  (residents[0] as Sitting).busy = true;
  expect(await budget.makeRoom(asker)).toBe('room');
  expect(gone).toEqual(['b']);
});

test('one that does not fit alone is told so, after all others have gone', async () => {
  const { budget, gone, asker } = sit(300, 100, 301);
  expect(await budget.makeRoom(asker)).toBe('full');
  expect(gone).toEqual(['a']);
});

test('of two that are built at once the younger stands back, and its turn comes when the older has ended', async () => {
  const { budget, residents, asker } = sit(300, 200, 200);
  const older = residents[0] as Sitting;
  older.busy = true;
  asker.busy = true;
  expect(await budget.makeRoom(asker)).toBe('stand back');
  const olderRoom = budget.makeRoom(older);
  asker.memoryBytes = 0;
  expect(await olderRoom).toBe('room');
  let came = false;
  const turn = budget.turnOf(asker).then(() => {
    came = true;
  });
  await new Promise((resolve) => setTimeout(resolve, 60));
  expect(came).toBe(false);
  older.busy = false;
  await turn;
  // Idle now, it gives way like any other.
  asker.memoryBytes = 200;
  expect(await budget.makeRoom(asker)).toBe('room');
  expect(older.memoryBytes).toBe(0);
});

test('one that has left counts no more', async () => {
  const { budget, gone, residents, asker } = sit(300, 200, 200);
  budget.leave(residents[0] as Sitting);
  expect(await budget.makeRoom(asker)).toBe('room');
  expect(gone).toEqual([]);
});

test('who does not fit is told what to do, in whole megabytes', () => {
  expect(fullDetail('docs', 1_200_001, 1_000_000)).toBe(
    'The index of workspace docs needs about 2 MB of memory, and ASK_MEMORY_MB is 1. ' +
      'Raise ASK_MEMORY_MB, or exclude files that nobody asks about.',
  );
});
