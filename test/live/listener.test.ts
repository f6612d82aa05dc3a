import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { HappeningEvent } from '../../src/kernel/happening.js';
import { EVENTS_PER_SECOND, Listener, type Numbered } from '../../src/live/listener.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const changed = (id: string): HappeningEvent => ({ type: 'key.changed', id, organizationId: 'org_default' });

test('somebody who does not read is owed no more than a second of events', async () => {
  const listener = new Listener();
  let id = 0;
  for (let second = 0; second < 60; second += 1) {
    for (let n = 0; n < 500; n += 1) {
      id += 1;
      listener.push(id, changed(`key_${id}`));
    }
    await vi.advanceTimersByTimeAsync(1000);
  }
  const owed: Numbered[] = [];
  const events = listener.events();
  setTimeout(() => listener.end(), 5000);
  const reading = (async () => {
    for await (const event of events) owed.push(event);
  })();
  await vi.advanceTimersByTimeAsync(6000);
  await reading;
  expect(owed.length).toBeLessThanOrEqual(EVENTS_PER_SECOND + 1);
  expect(owed.at(-1)).toEqual({ id, event: { type: 'many', data: { types: ['key.changed'] } } });
});

test('what changed twice before it was told is told once, with the newest number', async () => {
  const listener = new Listener();
  listener.push(1, changed('key_1'));
  listener.push(2, changed('key_2'));
  listener.push(3, changed('key_1'));
  const events = listener.events();
  expect([(await events.next()).value, (await events.next()).value]).toMatchObject([{ id: 2 }, { id: 3 }]);
});

test('events come in their order, the hint behind those it goes beyond', async () => {
  const listener = new Listener();
  for (let id = 1; id <= 25; id += 1) listener.push(id, changed(`key_${id}`));
  const events = listener.events();
  for (let id = 1; id <= EVENTS_PER_SECOND; id += 1) expect((await events.next()).value).toMatchObject({ id });
  const hint = events.next();
  await vi.advanceTimersByTimeAsync(1000);
  expect((await hint).value).toMatchObject({ id: 25, event: { type: 'many' } });
  listener.push(26, changed('key_26'));
  expect((await events.next()).value).toMatchObject({ id: 26 });
});

test('a stream that was ended tells nothing and keeps nothing', async () => {
  const listener = new Listener();
  const events = listener.events();
  const next = events.next();
  listener.end();
  expect(await next).toEqual({ done: true, value: undefined });
  listener.push(1, changed('key_1'));
  expect(vi.getTimerCount()).toBe(0);
});
