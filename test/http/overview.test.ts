import { describe, expect, onTestFinished, test } from 'vitest';
import { diskCheck } from '../../src/checkup.js';
import type { AttentionItem, Overview } from '../../src/contract/overview.js';
import { SystemView } from '../../src/contract/system.js';
import { DAY, HOUR } from '../support/clock.js';
import { ADMIN_KEY, type RunningGatehouse, startGatehouse } from '../support/gatehouse.js';
import { createUser, signIn } from '../support/people.js';
import { expectProblem } from './problem.js';

async function open(...args: Parameters<typeof startGatehouse>): Promise<RunningGatehouse> {
  const gate = await startGatehouse({ API_RATE_LIMIT: 'off', ...args[0] }, args[1]);
  onTestFinished(() => gate[Symbol.asyncDispose]());
  return gate;
}

const found = ({ attention }: Pick<Overview, 'attention'>, code: AttentionItem['code']) =>
  attention.find((item) => item.code === code);
const codes = ({ attention }: Pick<Overview, 'attention'>) => attention.map(({ code }) => code);

test('the tiles say how the last day went', async () => {
  const gate = await open();
  const inAWeek = new Date(gate.clock.nowMs() + 7 * DAY).toISOString();
  const { token } = await gate.createKey({ scopes: ['ask:run', 'jobs:read'] });
  await gate.createKey({ expiresAt: inAWeek });
  const gone = await gate.createKey();
  await gate.local(`/api/keys/${gone.key.id}/revoke`, { method: 'POST' });
  await createUser(gate, 'admin@example.com', { role: 'admin' });
  const admin = await signIn(gate, 'admin@example.com');
  const before = (await gate.call('/api/overview', { headers: admin.headers })).json.tiles;
  for (let n = 0; n < 3; n += 1) await gate.call('/api/auth/whoami', { key: token });
  await gate.call('/api/keys', { key: token });
  const { tiles } = (await gate.call('/api/overview', { headers: admin.headers })).json;
  // The overview that was looked at before counts, too.
  expect(tiles.requests24h - before.requests24h).toBe(5);
  expect(tiles.deniedShare).toBeCloseTo(1 / tiles.requests24h);
  expect(tiles).toMatchObject({ activeKeys: 2, expiring14d: 1, jobsQueued: 0, jobsRunning: 0 });
});

test('keys that nobody uses, that end soon and that never end are named, to whoever may list them', async () => {
  const gate = await open();
  const { json } = await gate.local('/api/organizations', { body: { name: 'elsewhere' } });
  const old = await gate.createKey({ name: 'old' });
  const foreign = await gate.createKey({ name: 'foreign', organizationId: json.organization.id });
  const used = await gate.createKey({ name: 'used', scopes: ['keys:read'] });
  gate.clock.advance(89 * DAY);
  await gate.call('/api/auth/whoami', { key: used.token });
  gate.clock.advance(2 * DAY);
  const soon = new Date(gate.clock.nowMs() + DAY).toISOString();
  const ending = await gate.createKey({ name: 'ending', expiresAt: soon });

  const own = (await gate.call('/api/overview', { key: used.token })).json;
  expect(found(own, 'KEYS_UNUSED')).toMatchObject({ count: 1, subjects: [{ id: old.key.id, name: 'old' }] });
  expect(found(own, 'KEYS_EXPIRING')).toMatchObject({ severity: 'warning', subjects: [{ id: ending.key.id }] });
  expect(found(own, 'KEYS_WITHOUT_EXPIRY')).toMatchObject({ count: 2 });
  // Of the instance it is told nothing.
  expect(new Set(codes(own))).toEqual(new Set(['KEYS_UNUSED', 'KEYS_EXPIRING', 'KEYS_WITHOUT_EXPIRY']));
  expect(JSON.stringify(own)).not.toContain(foreign.key.id);
  expect(own.tiles.jobsQueued).toBeNull();
  const all = (await gate.local('/api/overview')).json;
  expect(found(all, 'KEYS_UNUSED')?.count).toBe(2);
  expectProblem(
    await gate.call(`/api/overview?organizationId=${json.organization.id}`, { key: used.token }),
    'FORBIDDEN',
  );
});

test('operators are told what of the instance is probably not meant', async () => {
  const gate = await open({ ADMIN_API_KEY: 'short-admin-key', HOST: '0.0.0.0', METRICS: '0.0.0.0:0' });
  await gate.call('/healthz', { headers: { 'x-forwarded-for': '203.0.113.9' } });
  const { json } = await gate.local('/api/overview');
  expect(found(json, 'ENV_KEYS_WEAK')?.severity).toBe('warning');
  expect(found(json, 'ENV_KEYS_SET')).toMatchObject({ count: 1, severity: 'notice' });
  expect(found(json, 'OPEN_TO_EVERY_ADDRESS')).toMatchObject({ link: '/settings/security/network' });
  expect(found(json, 'UNTRUSTED_FORWARDING')).toMatchObject({ subjects: [{ id: '127.0.0.1' }] });
  expect(json.attention.some(({ words }: AttentionItem) => words.startsWith('OPEN_METRICS'))).toBe(true);
  expect(JSON.stringify(json)).not.toContain('short-admin-key');
  // A list of addresses is one, wherever it is kept.
  await gate.local('/api/settings/network', {
    method: 'PUT',
    body: { allowedIps: ['127.0.0.1'], revertAfterSeconds: 0 },
  });
  expect(codes((await gate.local('/api/overview')).json)).not.toContain('OPEN_TO_EVERY_ADDRESS');
});

test('nothing of the kind is said of an instance that is as it should be', async () => {
  const gate = await open({ API_RATE_LIMIT: '100' });
  expect((await gate.local('/api/overview')).json.attention).toEqual([]);
});

test('the system says where each setting comes from, and of secrets no value', async () => {
  const gate = await open({ ADMIN_API_KEY: ADMIN_KEY, LOG_LEVEL: 'warn' });
  await gate.createKey();
  const { json, text } = await gate.local('/api/system');
  const system = SystemView.parse(json);
  const setting = (name: string) => system.settings.find((one) => one.name === name);
  expect(setting('LOG_LEVEL')).toMatchObject({ value: 'warn', set: true, source: 'environment', default: 'info' });
  expect(setting('CORS_ORIGINS')).toMatchObject({ value: 'none', set: false, source: 'default', fingerprint: null });
  const { json: env } = await gate.local('/api/env-keys');
  expect(setting('ADMIN_API_KEY')).toMatchObject({
    secret: true,
    set: true,
    value: 'set, 64 characters',
    fingerprint: env.data[0].fingerprint,
  });
  for (const { meaning } of system.settings) expect(meaning).toMatch(/^[A-Z].*\.$/);
  expect(text).not.toContain(ADMIN_KEY);
  expect(system.readiness).toBe('ok');
  expect(system.fingerprints.instanceKey).toMatch(/^[0-9a-f]{16}$/);
  expect(system.counts).toMatchObject({ keys: 1, workspaces: 1, users: 0, organizations: 1, openStreams: 0 });
  expect(system.audit).toMatchObject({ writable: true, lastLine: { seq: expect.any(Number), chain: 'hmac' } });
  expect(system.folder).toBe(gate.folder);
  gate.clock.advance(5000);
  expect((await gate.local('/api/system')).json.uptimeSeconds).toBe(5);
});

test('the sign-in page learns of the environment', async () => {
  const gate = await open({ ENVIRONMENT: 'staging' });
  expect((await gate.call('/api/auth/options')).json).toEqual({
    setupOpen: true,
    signup: 'invite',
    recoveryByMail: false,
    passkeys: { origin: new URL(gate.url).origin, lacks: 'name' },
    environment: 'staging',
  });
});

describe('the log of the program', () => {
  test('R4: operators see its last lines, newest first, by weight; nobody else sees any', async () => {
    await using gate = await startGatehouse({ ADMIN_API_KEY: ADMIN_KEY });
    const { log } = gate.gatehouse;
    log.info('one', { part: 'a', n: 1 });
    log.warn('two', { token: 'MARKER-7f3a' });
    log.info('\u001b[2Jthree\n{"level":"error"}');
    const seen = async (query = '') => (await gate.local(`/api/system/log${query}`)).json.data;
    const all = await seen();
    expect(all.slice(0, 3).map(({ message }: { message: string }) => message)).toEqual([
      '\u001b[2Jthree\n{"level":"error"}',
      'two',
      'one',
    ]);
    expect(all[2]).toMatchObject({ level: 'info', facts: { part: 'a', n: 1 } });
    expect((await seen('?level=warn'))[0]).toMatchObject({ message: 'two', facts: { token: '[redacted]' } });
    expect(await seen('?limit=1')).toHaveLength(1);
    expect(JSON.stringify(all)).not.toContain('MARKER-7f3a');
    for (let at = 0; at < 400; at += 1) log.info(`line ${at}`);
    // Requests and other ordinary lines push no warning out.
    expect((await seen('?limit=300')).length).toBeLessThan(300);
    expect((await seen('?level=warn'))[0]).toMatchObject({ message: 'two' });
    const { token } = await gate.createKey({ scopes: ['settings:read', 'audit:read'] }).catch(() => ({ token: '' }));
    expect((await gate.call('/api/system/log', token === '' ? {} : { key: token })).status).toBeGreaterThan(400);
  });

  test('the system says how full the disk is, and a clock that went back is seen', async () => {
    await using gate = await startGatehouse();
    const { disk, checks } = (await gate.local('/api/system')).json;
    expect(disk.freeBytes).toBeGreaterThan(0);
    expect(disk.totalBytes).toBeGreaterThanOrEqual(disk.freeBytes);
    const clock = (all: { name: string; state: string }[]) => all.find(({ name }) => name === 'clock')?.state;
    expect(clock(checks)).toBe('pass');
    await gate.createKey();
    gate.clock.advance(-HOUR);
    expect(clock((await gate.local('/api/system')).json.checks)).toBe('warn');
    const { attention } = (await gate.local('/api/overview')).json;
    expect(attention).toContainEqual(expect.objectContaining({ code: 'CLOCK', severity: 'warning' }));
  });

  test('a disk that is nearly full is warned of, one without room is a problem', () => {
    const state = (used: number, totalBytes = 100e9) =>
      diskCheck({ totalBytes, freeBytes: totalBytes * (1 - used) }).state;
    expect([state(0.5), state(0.9), state(0.92), state(0.9999)]).toEqual(['pass', 'pass', 'warn', 'fail']);
    expect(diskCheck(null).state).toBe('pass');
  });
});

test('what needs attention leads to the list it is on, and each key to its own page', async () => {
  const gate = await open();
  const service = (await gate.local('/api/service-keys', { body: { name: 'sync' } })).json.key.id;
  const endless = async () => found((await gate.local('/api/overview')).json, 'KEYS_WITHOUT_EXPIRY');
  expect(await endless()).toMatchObject({
    link: '/settings/service-keys?concern=endless',
    subjects: [{ id: service, name: 'sync', link: `/settings/service-keys/${service}` }],
  });
  const token = (await gate.local('/api/mcp-tokens', { body: { name: 'editor' } })).json.key.id;
  const { key } = await gate.createKey({ name: 'app' });
  const all = await endless();
  expect(all?.link).toBe('/settings/api-keys?concern=endless');
  expect(new Set(all?.subjects.map(({ link }) => link))).toEqual(
    new Set([`/settings/service-keys/${service}`, `/org_default/mcp/tokens/${token}`, `/settings/api-keys/${key.id}`]),
  );
});
