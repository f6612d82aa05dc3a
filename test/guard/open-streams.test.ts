import { expect, test, vi } from 'vitest';
import { OpenStreams } from '../../src/guard/adapters/open-streams.js';
import { facts, Gate, KEY, keyMatch, policy } from './gate.js';

test('K5: ten thousand open streams are judged within 5 s, and others have their turn meanwhile', async () => {
  const match = { ...keyMatch() };
  const gate = new Gate({ keys: { [KEY]: match } });
  const streams = new OpenStreams(gate.guard);
  const ended = vi.fn();
  for (let n = 0; n < 10_000; n += 1) streams.watch({ facts: facts({ key: KEY }), policy: () => policy(), end: ended });
  let turns = 0;
  const timer = setInterval(() => {
    const { length } = ended.mock.calls;
    if (length > 0 && length < 10_000) turns += 1;
  }, 0);
  Object.assign(match, { revoked: true });
  const startedMs = performance.now();
  await expect.poll(() => ended.mock.calls.length, { timeout: 6000, interval: 100 }).toBe(10_000);
  clearInterval(timer);
  expect(performance.now() - startedMs).toBeLessThan(5000);
  expect(turns).toBeGreaterThan(5);
});

test('K5: a stream that has ended by itself is not judged any more, one whose caller is let in goes on', async () => {
  const gate = new Gate();
  const streams = new OpenStreams(gate.guard, 20);
  const end = vi.fn();
  const asked = vi.fn(() => policy());
  const stop = streams.watch({ facts: facts({ key: KEY }), policy: asked, end });
  await expect.poll(() => asked.mock.calls.length).toBeGreaterThan(3);
  stop();
  const before = asked.mock.calls.length;
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(asked.mock.calls.length).toBeLessThanOrEqual(before + 1);
  expect(end).not.toHaveBeenCalled();
  expect(gate.touched).toEqual([]);
  expect(gate.windows.size).toBe(0);
});

test('K5: a stream whose caller cannot be judged is ended: nobody goes on unchecked', async () => {
  const gate = new Gate({
    over: {
      keys: {
        find: () => {
          throw new Error('store');
        },
        describeUnknown: () => null,
      },
    },
  });
  const streams = new OpenStreams(gate.guard, 20);
  const end = vi.fn();
  streams.watch({ facts: facts({ key: KEY }), policy: () => policy(), end });
  await expect.poll(() => end.mock.calls.length).toBe(1);
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(end).toHaveBeenCalledOnce();
});
