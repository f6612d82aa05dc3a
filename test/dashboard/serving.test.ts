import { existsSync, readdirSync, statSync } from 'node:fs';
import { get } from 'node:http';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Answer, type RunningGatehouse, startGatehouse } from '../support/gatehouse.js';
import { setUp, signIn } from '../support/people.js';

const ASSETS = join(import.meta.dirname, '..', '..', 'dist', 'dashboard', 'assets');
const HTML = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8', 'sec-fetch-mode': 'navigate' };

/** What a browser sends when somebody goes to an address; `fetch` would say that a script asks. */
const go = (gate: RunningGatehouse, path: string, headers: Record<string, string> = {}): Promise<Answer> => {
  const { pathname, origin } = new URL(gate.url);
  return askRaw(`${origin}${pathname.replace(/\/$/, '')}${path}`, { ...HTML, ...headers });
};

function askRaw(url: string, headers: Record<string, string>): Promise<Answer> {
  return new Promise((resolve, reject) => {
    get(url, { headers, agent: false }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
      });
      response.on('end', () => {
        const found = new Headers(response.headers as Record<string, string>);
        const isJson = found.get('content-type')?.includes('json') === true;
        resolve({
          status: response.statusCode ?? 0,
          headers: found,
          text,
          json: isJson ? JSON.parse(text) : undefined,
        });
      });
    }).on('error', reject);
  });
}

const nonceOf = (policy: string | null) => /'nonce-([^']+)'/.exec(policy ?? '')?.[1] ?? '';

describe('the dashboard as it is served', () => {
  let gate: RunningGatehouse;
  let cookie: string;

  beforeAll(async () => {
    expect(existsSync(ASSETS), 'npm run build makes it').toBe(true);
    gate = await startGatehouse();
    await setUp(gate);
    ({ cookie } = await signIn(gate));
  });
  afterAll(() => gate[Symbol.asyncDispose]());

  test('D2: a page allows its own files and styles named by its nonce, nothing else, and is kept by nobody', async () => {
    const [first, second] = await Promise.all([go(gate, '/', { cookie }), go(gate, '/jobs', { cookie })]);
    const policy = first.headers.get('content-security-policy');
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("script-src 'self';");
    expect(policy).toContain("base-uri 'none'");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toMatch(/unsafe|https?:|upgrade-insecure/);
    expect(first.headers.get('cache-control')).toBe('no-store');
    const nonce = nonceOf(policy);
    expect(nonce.length).toBeGreaterThan(20);
    expect(first.text).toContain(`nonce="${nonce}"`);
    expect(first.text).not.toContain('{{');
    expect(nonceOf(second.headers.get('content-security-policy'))).not.toBe(nonce);
  });

  test('without a session, a browser is led to sign-in and back; programs are answered as before', async () => {
    const page = await go(gate, '/settings/api-keys?search=ci');
    expect(page.status).toBe(303);
    expect(page.headers.get('location')).toBe('/login?next=%2Fsettings%2Fapi-keys%3Fsearch%3Dci');
    expect((await go(gate, '/login')).status).toBe(200);
    const program = await gate.call('/settings/api-keys', { headers: { accept: '*/*' } });
    expect(program.status).toBe(404);
    expect(program.json.code).toBe('NOT_FOUND');
    expect((await gate.call('/')).text).toContain('Gatehouse is running');
    expect((await go(gate, '/api/nothing')).status).toBe(401);
  });

  test('files are kept for ever under a name that changes with them, and come compressed to whoever can read it', async () => {
    const scripts = readdirSync(ASSETS).filter((file) => /^index-.*\.js$/.test(file));
    const name = scripts.toSorted((a, b) => statSync(join(ASSETS, b)).size - statSync(join(ASSETS, a)).size)[0] ?? '';
    const load = async (encoding: string) => {
      const answer = await fetch(`${gate.url}/assets/${name}`, { headers: { 'accept-encoding': encoding } });
      return { answer, length: Number(answer.headers.get('content-length')), body: await answer.text() };
    };
    const [plain, gzip, brotli] = [await load('identity'), await load('gzip'), await load('gzip, br')];
    expect(plain.answer.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
    expect(plain.answer.headers.get('content-encoding')).toBeNull();
    expect(gzip.answer.headers.get('content-encoding')).toBe('gzip');
    expect(brotli.answer.headers.get('content-encoding')).toBe('br');
    expect(brotli.length).toBeLessThan(gzip.length);
    expect(gzip.length).toBeLessThan(plain.length / 2);
    expect(gzip.body).toBe(plain.body);
    expect(brotli.body).toBe(plain.body);
    expect(gzip.answer.headers.get('vary')).toContain('Accept-Encoding');
  });

  test.each([
    '/assets/../index.html',
    '/assets/%2e%2e%2fentrance.html',
    '/assets/index.html',
    '/assets/nothing.js',
    '/assets/licenses.md',
  ])('%s is no file of it', async (path) => {
    expect((await gate.call(path, { headers: { accept: '*/*' } })).status).toBeGreaterThanOrEqual(400);
  });
});

test('under BASE_PATH everything lives below it', async () => {
  await using gate = await startGatehouse({ BASE_PATH: '/gate' });
  // The address of the instance ends with its base path.
  const page = await go(gate, '/login');
  expect(page.status).toBe(200);
  const [, asset = ''] = /src="([^"]+\.js)"/.exec(page.text) ?? [];
  expect(asset).toMatch(/^\/gate\/assets\//);
  const { origin } = new URL(gate.url);
  expect((await fetch(origin + asset)).status).toBe(200);
  expect((await askRaw(`${origin}/login`, HTML)).status).toBe(404);
  expect((await go(gate, '/')).headers.get('location')).toBe('/gate/login');
});

test('G2: an address that may not call sees no page either', async () => {
  await using gate = await startGatehouse({ ALLOWED_IPS: '10.0.0.0/8' });
  const page = await go(gate, '/login');
  expect(page.status).toBe(403);
  expect(page.headers.get('content-type')).toContain('text/html');
  expect(page.text).toContain('127.0.0.1');
  expect(page.text).not.toContain('<script');
  const program = await gate.call('/login', { headers: { accept: '*/*' } });
  expect(program.json.code).toBe('IP_NOT_ALLOWED');
});

test('behind TLS, the page asks browsers to stay there', async () => {
  await using gate = await startGatehouse({ PUBLIC_URL: 'https://gate.example.com' });
  const page = await go(gate, '/login');
  expect(page.headers.get('content-security-policy')).toContain('upgrade-insecure-requests');
});
