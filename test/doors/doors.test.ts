import { afterAll, beforeAll, expect, test } from 'vitest';
import { TestClock } from '../support/clock.js';
import { ADMIN_KEY, type RunningGatehouse, startGatehouse } from '../support/gatehouse.js';
import { DOORS, SETTINGS, startApp } from './doors.js';
import { type Credential, ROUTES, type Row, TABLE } from './table.js';

let house: RunningGatehouse;
let app: Awaited<ReturnType<typeof startApp>>;

beforeAll(async () => {
  // Doors in processes of their own go by the real time.
  const clock = new TestClock(new Date().toISOString());
  house = await startGatehouse({ ...SETTINGS }, { files: { '.gatehouse/routes.json': JSON.stringify(ROUTES) }, clock });
  app = await startApp();
});
afterAll(async () => {
  await app[Symbol.asyncDispose]();
  await house[Symbol.asyncDispose]();
});

/** Fresh credentials, and by which id each is known. */
async function makeCredentials(): Promise<{ tokens: Record<Credential, string>; names: Map<string, string> }> {
  const names = new Map<string, string>([
    ['none', 'nobody'],
    ['anonymous', 'nobody'],
  ]);
  const tokens: Partial<Record<Credential, string>> = {};
  const make = async (name: Credential, request: object = {}, path = '/api/keys') => {
    const made = await house.local(path, { method: 'POST', body: { name, ...request } });
    if (made.status !== 201) throw new Error(made.text);
    tokens[name] = made.json.token;
    names.set(made.json.key.id, name);
    return made.json.key.id as string;
  };
  const soon = house.clock.nowMs() + 300;
  await make('plain', { scopes: ['projects:read'] });
  await make('payer', { scopes: ['billing:write'] });
  await make('all', { scopes: ['*'] });
  await make('nothing', { scopes: [] });
  await make('service', { scopes: ['billing:*'] }, '/api/service-keys');
  await make('mcp', {}, '/api/mcp-tokens');
  await make('expired', { expiresAt: new Date(soon).toISOString() });
  await make('staging', { environment: 'staging' });
  await make('elsewhere', { allowedIps: ['192.0.2.0/24'] });
  await make('web', { allowedOrigins: ['https://app.example.com', 'http://localhost:5173'] });
  await make('bounded', { scopes: ['projects:read'], rateLimit: { requests: 2, windowSeconds: 3600 } });
  await house.local(`/api/keys/${await make('revoked')}/revoke`, { method: 'POST' });
  const old = await make('rotated');
  await house.local(`/api/keys/${old}/rotate`, { method: 'POST', body: { graceSeconds: 3600 } });
  const trade = async (body: object, key = tokens.plain ?? '', headers = {}) =>
    (await house.call('/api/auth/token', { method: 'POST', key, headers, body })).json.access_token;
  tokens.jwt = await trade({});
  tokens['jwt of nothing'] = await trade({ scopes: [] });
  tokens['jwt of web'] = await trade({}, tokens.web, { origin: 'https://app.example.com' });
  tokens.admin = ADMIN_KEY;
  tokens.client = SETTINGS.VALID_API_KEYS;
  for (const name of ['admin', 'client'] as const)
    names.set((await house.call('/api/auth/whoami', { key: tokens[name] ?? '' })).json.principal.id, name);
  await new Promise((resolve) => setTimeout(resolve, Math.max(0, soon - Date.now() + 50)));
  house.clock.advance(Math.max(0, Date.now() - house.clock.nowMs()));
  return { tokens: tokens as Record<Credential, string>, names };
}

const words = ({ method, path, headers, verdict }: Row) =>
  `${method} ${path} ${headers.map(([name, value]) => `${name}: ${value}`).join(', ')} → ${verdict}`;

test.each(Object.entries(DOORS))('G5, G6, G7, G8, G9, G10: %s gives the verdicts of the table', async (_name, open) => {
  const { tokens, names } = await makeCredentials();
  await using door = await open(house, app.url);
  const asked = TABLE.filter((row) => row.needs.every((need) => !door.lacks.includes(need))).filter(
    (row) => door.anywhere !== true || row.anywhere,
  );
  const found: string[] = [];
  for (const row of asked) {
    const headers = row.headers.map(
      ([name, value]) => [name, value.replace(/<([a-z ]+)>/, (_all, who: Credential) => tokens[who])] as const,
    );
    const verdict = await door.ask(row, headers);
    const shown =
      'code' in verdict
        ? verdict.code
        : row.method === 'HEAD'
          ? row.verdict
          : `allow ${names.get(verdict.allow) ?? verdict.allow}`;
    found.push(words({ ...row, verdict: shown }));
  }
  expect(found).toEqual(asked.map(words));
  expect(asked.length).toBeGreaterThanOrEqual(door.anywhere === true ? 30 : 60);
});

test('the table is as long as it is meant to be', () => {
  expect(TABLE.length).toBeGreaterThanOrEqual(60);
});
