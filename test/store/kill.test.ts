import { expect, test } from 'vitest';
import { claim, notesOnDisk, openNotes, startChild, strayFiles, temporaryFolder } from '../support/store-kit.js';

const ROUNDS = 40;

test(`R1: kill -9 at a random moment, ${ROUNDS} times, loses nothing that was answered and damages nothing`, async () => {
  const path = await temporaryFolder();
  const answered = new Set<string>();
  const start = (round: number) => startChild('write', path, `r${round}`, 'wait');
  // Started ahead of its turn, since starting up takes a process longer than its turn does.
  const ahead = [start(0), start(1)];
  for (let round = 0; round < ROUNDS; round += 1) {
    const child = ahead.shift() ?? start(round);
    if (round + 2 < ROUNDS) ahead.push(start(round + 2));
    child.go();
    await child.line('saved ');
    await new Promise((resolve) => setTimeout(resolve, Math.random() * 100));
    child.kill('SIGKILL');
    await child.ended;
    for (const line of child.lines) if (line.startsWith('saved ')) answered.add(line.slice(6));
    const folder = await claim(path);
    const notes = await openNotes(folder);
    expect(await strayFiles(path)).toEqual([]);
    expect([...answered].filter((id) => notes.get(id) === undefined)).toEqual([]);
    expect(await notesOnDisk(path)).toHaveLength(notes.size);
    await notes.close();
    await folder.release();
  }
  expect(answered.size).toBeGreaterThan(ROUNDS);
}, 60_000);
