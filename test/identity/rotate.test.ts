import { describe, expect, test } from 'vitest';
import type { KeyView } from '../../src/contract/keys.js';
import { DAY, HOUR, SECOND } from '../support/clock.js';
import { type RunningGatehouse, startGatehouse } from '../support/gatehouse.js';

const WHOAMI = '/api/auth/whoami';

/** One key of one house, and what can be done to it. */
class Rotating {
  readonly house: RunningGatehouse;
  readonly path: string;
  readonly tokens: string[];

  private constructor(house: RunningGatehouse, key: KeyView, token: string) {
    this.house = house;
    this.path = `/api/keys/${key.id}`;
    this.tokens = [token];
  }

  static async start(house: RunningGatehouse, request: object = {}): Promise<Rotating> {
    const { key, token } = await house.createKey(request);
    return new Rotating(house, key, token);
  }

  async rotate(body?: object): Promise<number> {
    const answer = await this.house.local(`${this.path}/rotate`, {
      method: 'POST',
      ...(body === undefined ? {} : { body }),
    });
    if (answer.status === 200) this.tokens.push(answer.json.token);
    return answer.status;
  }

  async view(): Promise<KeyView> {
    return (await this.house.local(this.path)).json.key;
  }

  /** The status each secret meets, oldest first. */
  async statuses(): Promise<number[]> {
    return Promise.all(this.tokens.map(async (key) => (await this.house.call(WHOAMI, { key })).status));
  }
}

describe('K4: rotate', () => {
  test('keeps the id, and both secrets work through the grace of a day', async () => {
    await using house = await startGatehouse();
    const key = await Rotating.start(house);
    const before = await key.view();
    await key.rotate();
    const after = await key.view();
    expect(after).toMatchObject({ id: before.id, name: before.name, status: 'expiring', createdAt: before.createdAt });
    expect(after.secrets.map(({ expiresAt }) => expiresAt)).toEqual(['2026-11-23T12:00:00.000Z', null]);
    expect([after.start, after.last4]).toEqual([after.secrets[1]?.start, after.secrets[1]?.last4]);
    house.clock.advance(DAY - 1);
    expect(await key.statuses()).toEqual([200, 200]);
    house.clock.advance(1);
    expect(await key.statuses()).toEqual([401, 200]);
    expect((await key.view()).status).toBe('active');
  });

  test('each secret has its own last use and address', async () => {
    await using house = await startGatehouse({ TRUST_PROXY: 'loopback' });
    const key = await Rotating.start(house);
    await key.rotate();
    const use = (index: number, address: string) =>
      house.call(WHOAMI, { key: key.tokens[index] ?? '', headers: { 'x-forwarded-for': address } });
    const uses = async () => (await key.view()).secrets.map(({ lastUsedAt, lastUsedIp }) => [lastUsedAt, lastUsedIp]);
    expect(await uses()).toEqual([
      [null, null],
      [null, null],
    ]);
    await use(0, '203.0.113.1');
    house.clock.advance(SECOND);
    await use(1, '203.0.113.2');
    expect(await uses()).toEqual([
      ['2026-11-22T12:00:00.000Z', '203.0.113.1'],
      ['2026-11-22T12:00:01.000Z', '203.0.113.2'],
    ]);
    house.clock.advance(SECOND);
    await use(0, '203.0.113.3');
    expect(await key.view()).toMatchObject({ lastUsedAt: '2026-11-22T12:00:02.000Z', lastUsedIp: '203.0.113.3' });
  });

  test.each([
    ['no grace', { graceSeconds: 0 }, [401, 200]],
    ['a short one', { graceSeconds: 1 }, [200, 200]],
    ['the longest', { graceSeconds: 30 * 86_400 }, [200, 200]],
  ])('%s', async (_what, body, expected) => {
    await using house = await startGatehouse();
    const key = await Rotating.start(house);
    expect(await key.rotate(body)).toBe(200);
    expect(await key.statuses()).toEqual(expected);
  });

  test('a grace that is no whole number of seconds up to 30 days is refused, and changes nothing', async () => {
    await using house = await startGatehouse();
    const key = await Rotating.start(house);
    const bad = [-1, 30 * 86_400 + 1, 0.5, '1', null].map((graceSeconds) => ({ graceSeconds }));
    for (const body of [...bad, { grace: 1 }]) expect([body, await key.rotate(body)]).toEqual([body, 400]);
    expect(await key.statuses()).toEqual([200]);
  });

  test('the grace can be ended early, and ending it again changes nothing', async () => {
    await using house = await startGatehouse();
    const key = await Rotating.start(house);
    await key.rotate();
    const end = () => house.local(key.path, { method: 'PATCH', body: { endGrace: true } });
    expect((await end()).status).toBe(200);
    expect(await key.statuses()).toEqual([401, 200]);
    const ended = await key.view();
    house.clock.advance(HOUR);
    await end();
    expect((await key.view()).secrets[0]?.expiresAt).toBe(ended.secrets[0]?.expiresAt);
    expect(await key.statuses()).toEqual([401, 200]);
  });

  test('a second rotation never gives the first secret more time', async () => {
    await using house = await startGatehouse();
    const key = await Rotating.start(house);
    await key.rotate({ graceSeconds: 60 });
    await key.rotate({ graceSeconds: 3600 });
    house.clock.advance(60 * SECOND);
    expect(await key.statuses()).toEqual([401, 200, 200]);
    await key.rotate({ graceSeconds: 0 });
    expect(await key.statuses()).toEqual([401, 401, 401, 200]);
  });

  test('nothing outlives the end of the key', async () => {
    await using house = await startGatehouse();
    const key = await Rotating.start(house, { expiresAt: '2026-11-22T13:00:00Z' });
    await key.rotate();
    house.clock.advance(HOUR - 1);
    expect(await key.statuses()).toEqual([200, 200]);
    house.clock.advance(1);
    expect(await key.statuses()).toEqual([401, 401]);
    expect(await key.rotate()).toBe(409);
  });

  test('revoking ends all secrets at once', async () => {
    await using house = await startGatehouse();
    const key = await Rotating.start(house);
    await key.rotate();
    await house.local(key.path, { method: 'DELETE' });
    expect(await key.statuses()).toEqual([401, 401]);
  });

  test('a careless loop does not make thousands of living secrets', async () => {
    await using house = await startGatehouse();
    const key = await Rotating.start(house);
    for (let round = 0; round < 9; round += 1) expect(await key.rotate()).toBe(200);
    expect(await key.rotate()).toBe(409);
    await house.local(key.path, { method: 'PATCH', body: { endGrace: true } });
    expect(await key.rotate()).toBe(200);
  });
});

describe('many changes of one key at once', () => {
  test('K4: rotations all happen, and every token that was answered works or is known to have ended', async () => {
    await using house = await startGatehouse();
    const key = await Rotating.start(house);
    const answers = await Promise.all(Array.from({ length: 6 }, () => key.rotate()));
    expect(answers).toEqual(Array(6).fill(200));
    expect(await key.statuses()).toEqual(Array(7).fill(200));
    expect((await key.view()).secrets).toHaveLength(7);
    expect((await key.view()).secrets.filter(({ expiresAt }) => expiresAt === null)).toHaveLength(1);
  });

  test('K5: whatever comes together with a revocation, no token works afterwards', async () => {
    await using house = await startGatehouse();
    for (let round = 0; round < 5; round += 1) {
      const key = await Rotating.start(house);
      const acts = [
        () => key.rotate(),
        () => house.local(key.path, { method: 'PATCH', body: { note: 'changed' } }),
        () => house.local(key.path, { method: 'DELETE' }),
        () => key.rotate({ graceSeconds: 0 }),
        () => house.local(key.path, { method: 'PATCH', body: { expiresAt: null } }),
      ];
      await Promise.all([...acts.slice(round), ...acts.slice(0, round)].map((act) => act()));
      expect(new Set(await key.statuses())).toEqual(new Set([401]));
      expect((await key.view()).status).toBe('revoked');
    }
  });

  test('updates of different fields do not undo each other', async () => {
    await using house = await startGatehouse();
    const key = await Rotating.start(house);
    const patches = [
      { name: 'new' },
      { note: 'new' },
      { scopes: ['ask:run'] },
      { allowedIps: ['::1'] },
      { workspaceIds: ['example'] },
    ];
    await Promise.all(patches.map((body) => house.local(key.path, { method: 'PATCH', body })));
    expect(await key.view()).toMatchObject(Object.assign({}, ...patches));
  });
});
