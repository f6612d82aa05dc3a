import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { DAYS_KEPT, HOURS_KEPT } from '../../src/contract/usage.js';
import type { Principal } from '../../src/kernel/principal.js';
import { ANONYMOUS } from '../../src/kernel/principal.js';
import { claimDataFolder, type DataFolder } from '../../src/store/data-folder.js';
import { BOUNDS_MS, quantile } from '../../src/usage/histogram.js';
import type { Period } from '../../src/usage/period.js';
import { Traffic } from '../../src/usage/traffic.js';
import { principal } from '../guard/gate.js';
import { DAY, HOUR, TestClock } from '../support/clock.js';
import { capturingLogger } from '../support/logs.js';
import { temporaryFolder } from '../support/workspace.js';

const ONE = principal({ id: 'key_one' });
const TWO = principal({ id: 'key_two', organizationId: 'org_other' });

class Counted implements AsyncDisposable {
  readonly clock = new TestClock('2026-11-22T12:00:00.000Z');
  readonly logger = capturingLogger();
  readonly path: string;
  readonly #temporary: Awaited<ReturnType<typeof temporaryFolder>>;
  #folder!: DataFolder;
  traffic!: Traffic;

  private constructor(temporary: Awaited<ReturnType<typeof temporaryFolder>>) {
    this.#temporary = temporary;
    this.path = temporary.path;
  }

  static async start(): Promise<Counted> {
    const counted = new Counted(await temporaryFolder());
    await counted.open();
    return counted;
  }

  async open(): Promise<void> {
    const { clock, path } = this;
    const { log } = this.logger;
    this.#folder = await claimDataFolder({ path, socket: 'off', clock, log });
    this.traffic = await Traffic.open({ folder: this.#folder, clock, log });
  }

  async close(): Promise<void> {
    await this.traffic.close();
    await this.#folder.release();
  }

  async restart(): Promise<void> {
    await this.close();
    await this.open();
  }

  allow(times = 1, who: Principal | null = ONE, route = 'whoami', durationMs = 1): void {
    for (let n = 0; n < times; n += 1) this.traffic.record(who, route, 'ALLOWED', durationMs);
  }

  /** Requests by the beginning of their hour or day. */
  get hours(): Record<string, number> {
    return totals(this.traffic.hours());
  }

  get days(): Record<string, number> {
    return totals(this.traffic.days());
  }

  file(name: 'hours' | 'days'): string {
    return join(this.path, '.gatehouse', `usage-${name}.json`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
    await this.#temporary[Symbol.asyncDispose]();
  }
}

const total = ({ counts }: Period) => counts.reduce((sum, count, at) => (at % 4 === 3 ? sum + count : sum), 0);

function totals(periods: Iterable<Period>): Record<string, number> {
  return Object.fromEntries(
    [...periods]
      .filter((period) => total(period) > 0)
      .map((period): [string, number] => [period.id.replace(':00:00.000Z', ''), total(period)])
      .sort(),
  );
}

describe('hours', () => {
  test('begin and end by the clock', async () => {
    await using it = await Counted.start();
    it.allow(2);
    it.clock.advance(HOUR - 1);
    it.allow();
    it.clock.advance(1);
    it.allow(5);
    expect(it.hours).toEqual({ '2026-11-22T12': 3, '2026-11-22T13': 5 });
  });

  test('survive a restart within the hour and after it, and count on', async () => {
    await using it = await Counted.start();
    it.allow(2);
    await it.restart();
    it.allow(3);
    await it.traffic.flush();
    await it.traffic.flush();
    it.allow();
    await it.restart();
    it.clock.advance(HOUR);
    it.allow(4);
    await it.restart();
    expect(it.hours).toEqual({ '2026-11-22T12': 6, '2026-11-22T13': 4 });
  });

  test('are counted once when the clock is set back into one that was counted in before', async () => {
    await using it = await Counted.start();
    it.allow(2);
    it.clock.advance(HOUR);
    it.allow(3);
    it.clock.advance(-HOUR);
    it.allow(4);
    await it.traffic.flush();
    it.allow();
    it.clock.advance(HOUR);
    it.allow(5);
    await it.traffic.flush();
    await it.restart();
    expect(it.hours).toEqual({ '2026-11-22T12': 7, '2026-11-22T13': 8 });
  });

  test('are saved only when something was counted', async () => {
    await using it = await Counted.start();
    await it.traffic.flush();
    await expect(readFile(it.file('hours'))).rejects.toMatchObject({ code: 'ENOENT' });
    it.allow();
    await it.traffic.flush();
    const saved = await readFile(it.file('hours'), 'utf8');
    it.clock.advance(10_000);
    await it.traffic.flush();
    expect(await readFile(it.file('hours'), 'utf8')).toBe(saved);
  });

  test('that cannot be saved are kept and saved by the next turn', async () => {
    await using it = await Counted.start();
    it.allow();
    await it.traffic.flush();
    const good = await readFile(it.file('hours'), 'utf8');
    await writeFile(it.file('hours'), good.slice(0, -6));
    it.allow(2);
    it.clock.advance(HOUR);
    it.allow(3);
    await it.traffic.flush();
    expect(it.logger.text()).toContain('counts of requests were not saved');
    expect(it.hours).toEqual({ '2026-11-22T12': 3, '2026-11-22T13': 3 });
    await writeFile(it.file('hours'), good);
    await it.traffic.flush();
    await it.restart();
    expect(it.hours).toEqual({ '2026-11-22T12': 3, '2026-11-22T13': 3 });
  });

  test.each([
    ['a position beyond its list', { counts: [9, 0, 0, 1] }],
    ['a count that is none', { counts: [0, 0, 0, -1] }],
    ['half a cell', { counts: [0, 0, 0] }],
    ['too few classes', { latency: [['org_default', 0, 1, [1]]] }],
    ['a kind that is none', { callers: [['', 'x', 'alien']] }],
  ])('R2: with %s stop the start and are named', async (_what, harm) => {
    await using it = await Counted.start();
    it.allow();
    await it.traffic.flush();
    const { hours } = JSON.parse(await readFile(it.file('hours'), 'utf8'));
    await it.close();
    const good = await readFile(it.file('hours'));
    await writeFile(it.file('hours'), JSON.stringify({ schemaVersion: 1, hours: [{ ...hours[0], ...harm }] }));
    await expect(it.open()).rejects.toMatchObject({ detail: expect.stringContaining('usage-hours.json') });
    await writeFile(it.file('hours'), good);
  });
});

describe('old hours', () => {
  test('are folded into days, UTC, without losing a count', async () => {
    await using it = await Counted.start();
    for (let hour = 0; hour < 30; hour += 1) {
      it.allow(1, hour % 2 === 0 ? ONE : TWO);
      it.clock.advance(HOUR);
    }
    await it.traffic.flush();
    expect(Object.keys(it.hours)).toHaveLength(30);
    it.clock.advance(HOURS_KEPT * HOUR);
    await it.traffic.flush();
    expect(it.hours).toEqual({});
    expect(it.days).toEqual({ '2026-11-22T00': 12, '2026-11-23T00': 18 });
    await it.restart();
    expect(it.days).toEqual({ '2026-11-22T00': 12, '2026-11-23T00': 18 });
    const [day] = [...it.traffic.days()];
    expect(day?.callers).toEqual([
      ['org_default', 'key_one', 'api_key'],
      ['org_other', 'key_two', 'api_key'],
    ]);
  });

  test('that were folded when the process was killed between the two files are not folded twice', async () => {
    await using it = await Counted.start();
    it.allow(5);
    await it.traffic.flush();
    const before = await readFile(it.file('hours'));
    it.clock.advance((HOURS_KEPT + 1) * HOUR);
    await it.traffic.flush();
    await it.close();
    await writeFile(it.file('hours'), before);
    await it.open();
    await it.traffic.flush();
    expect([it.hours, it.days]).toEqual([{}, { '2026-11-22T00': 5 }]);
  });

  test('go for good after ninety days with requests', async () => {
    await using it = await Counted.start();
    for (let day = 0; day < DAYS_KEPT + 10; day += 1) {
      it.allow();
      it.clock.advance(DAY);
    }
    await it.traffic.flush();
    const days = Object.keys(it.days);
    expect(days).toHaveLength(DAYS_KEPT);
    expect(days[0]).toBe('2026-11-29T00');
  });
});

describe('bounds', () => {
  test('many keys on many routes take bounded memory and lose no count', async () => {
    await using it = await Counted.start();
    let sent = 0;
    for (let key = 0; key < 1500; key += 1) {
      const who = principal({ id: `key_${key}`, organizationId: `org_${key % 7}` });
      for (let route = 0; route < 8; route += 1) {
        it.traffic.record(who, `route ${(key * 8 + route) % 400}`, 'ALLOWED', 1);
        sent += 1;
      }
    }
    const [hour] = [...it.traffic.hours()];
    expect(hour && total(hour)).toBe(sent);
    expect(hour?.callers.length).toBeLessThanOrEqual(1010);
    expect(hour?.routes.length).toBeLessThanOrEqual(301);
    expect((hour?.counts.length ?? 0) / 4).toBeLessThanOrEqual(8010);
    expect(hour?.callers.filter(([, , kind]) => kind === 'others').length).toBeGreaterThan(0);
    // The others stay with their organization.
    expect(new Set(hour?.callers.map(([organization]) => organization)).size).toBeLessThanOrEqual(8);
    await it.traffic.flush();
    expect((await readFile(it.file('hours'))).length).toBeLessThan(300_000);
  });

  test('many organizations, too', async () => {
    await using it = await Counted.start();
    for (let n = 0; n < 3000; n += 1)
      for (let route = 0; route < 20; route += 1)
        it.allow(1, principal({ id: `key_${n}`, organizationId: `org_${n}` }), `route ${route}`);
    const [hour] = [...it.traffic.hours()];
    expect(hour && total(hour)).toBe(60_000);
    expect((hour?.counts.length ?? 0) / 4).toBeLessThanOrEqual(8010);
  });

  test('people are counted together, and strangers as one', async () => {
    await using it = await Counted.start();
    for (let n = 0; n < 50; n += 1) it.allow(1, principal({ kind: 'user', id: `usr_${n}` }));
    it.allow(1, ANONYMOUS);
    it.traffic.record(null, 'whoami', 'UNAUTHORIZED', 0);
    const [hour] = [...it.traffic.hours()];
    expect(hour?.callers).toEqual([
      ['org_default', 'users', 'user'],
      ['', 'anonymous', 'anonymous'],
      ['', 'unknown', 'unknown'],
    ]);
  });
});

describe('what a process has counted since its start', () => {
  test('only grows, over hours and bounds, and does not begin with what was on disk', async () => {
    await using it = await Counted.start();
    it.allow(7);
    await it.restart();
    expect(total(it.traffic.sinceStart())).toBe(0);
    let last = new Map<string, number>();
    for (let hour = 0; hour < 5; hour += 1) {
      for (let key = 0; key < 500; key += 1) it.allow(1, principal({ id: `key_${hour}_${key}` }), `route ${key % 11}`);
      it.clock.advance(HOUR);
      const { callers, routes, counts } = it.traffic.sinceStart();
      const now = new Map<string, number>();
      for (let at = 0; at < counts.length; at += 4) {
        const name = `${callers[counts[at] ?? 0]?.[2]} ${routes[counts[at + 1] ?? 0]}`;
        now.set(name, (now.get(name) ?? 0) + (counts[at + 3] ?? 0));
      }
      for (const [name, count] of last) expect(now.get(name) ?? 0, name).toBeGreaterThanOrEqual(count);
      last = now;
    }
    expect([...last.values()].reduce((sum, count) => sum + count, 0)).toBe(2500);
  });
});

describe('durations', () => {
  test('are kept in classes, of allowed requests only', async () => {
    await using it = await Counted.start();
    it.allow(1, ONE, 'ask', 0.4);
    it.allow(1, ONE, 'ask', 1);
    it.allow(1, ONE, 'ask', 99_999);
    it.traffic.record(ONE, 'ask', 'RATE_LIMITED', 3);
    const [hour] = [...it.traffic.hours()];
    const expected = new Array(BOUNDS_MS.length + 1).fill(0);
    expected[0] = 2;
    expected[BOUNDS_MS.length] = 1;
    expect(hour?.latency).toEqual([['org_default', 0, 100_000_400, expected]]);
  });

  test('are read as quantiles within the class they fall into', () => {
    const classes = (...pairs: [number, number][]) => {
      const counts = new Array<number>(BOUNDS_MS.length + 1).fill(0);
      for (const [index, count] of pairs) counts[index] = count;
      return counts;
    };
    expect(quantile(classes(), 0.5)).toBeNull();
    expect(quantile(classes([0, 10]), 0.5)).toBe(0.5);
    expect(quantile(classes([3, 100]), 0.95)).toBe(9.75);
    expect(quantile(classes([0, 50], [5, 50]), 0.5)).toBe(1);
    expect(quantile(classes([0, 50], [5, 50]), 0.75)).toBe(37.5);
    expect(quantile(classes([BOUNDS_MS.length, 3]), 0.5)).toBe(30_000);
  });
});
