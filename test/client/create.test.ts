import { runInNewContext } from 'node:vm';
import { build } from 'esbuild';
import { afterEach, expect, test, vi } from 'vitest';
import { createClient, GatehouseError } from '../../src/client/index.js';

const URL_OF_ONE = 'https://gate.example.com';
const SECRET = 'gate_sdk_live_thisIsASecret';

afterEach(() => vi.unstubAllGlobals());

function refusal(create: () => unknown): GatehouseError {
  try {
    create();
  } catch (error) {
    expect(error).toBeInstanceOf(GatehouseError);
    return error as GatehouseError;
  }
  return expect.unreachable('it was made');
}

test('D4: a client for apps signs in, one for servers does not; neither needs more than its address and key', () => {
  expect(createClient(URL_OF_ONE)).toHaveProperty('auth');
  expect(createClient(URL_OF_ONE, { refreshStorage: 'local' })).toHaveProperty('auth');
  const server = createClient(URL_OF_ONE, SECRET);
  expect(server).toHaveProperty('token');
  expect(server).not.toHaveProperty('auth');
});

test.each([
  ['a page', { window: {}, document: {} }],
  ['a worker of a page', { WorkerGlobalScope: class {}, navigator: { userAgent: 'Mozilla/5.0 (X11; Linux x86_64)' } }],
  ['a mobile app', { window: {}, navigator: { product: 'ReactNative' } }],
])('D4: in %s a secret key is refused, with what to do instead', (_name, globals) => {
  for (const [name, value] of Object.entries(globals)) vi.stubGlobal(name, value);
  const error = refusal(() => createClient(URL_OF_ONE, SECRET));
  expect(error.code).toBe('SECRET_KEY_IN_BROWSER');
  expect(error.detail).toContain('createClient(url)');
  expect(error.detail).toContain('rotate it');
  expect(JSON.stringify({ ...error }) + error.stack).not.toContain(SECRET);
  expect(createClient(URL_OF_ONE)).toHaveProperty('auth');
});

test.each([
  ["a server's own worker", { WorkerGlobalScope: class {}, navigator: { userAgent: 'Cloudflare-Workers' } }],
  ['a Node that has a navigator', { navigator: { userAgent: 'Node.js/24' } }],
  ['a runtime with a window and no document', { window: {} }],
])('D4: in %s it is not', (_name, globals) => {
  for (const [name, value] of Object.entries(globals)) vi.stubGlobal(name, value);
  expect(createClient(URL_OF_ONE, SECRET)).toHaveProperty('token');
});

test.each([
  ['undefined', undefined],
  ['null', null],
  ['empty', ''],
  ['blank', ' \n'],
  ['a number', 7],
])('D4: a key that is %s is a fault, and not a client that calls as nobody', (_name, key) => {
  const error = refusal(() => createClient(URL_OF_ONE, key as string));
  expect(error).toMatchObject({ code: 'BAD_OPTIONS' });
  expect(error.detail).toContain('GATEHOUSE_API_KEY');
});

test.each([`${SECRET}\n${SECRET}`, `${SECRET} x`, `${SECRET}é`])(
  'a key with a strange character is refused unsaid',
  (key) => {
    const error = refusal(() => createClient(URL_OF_ONE, key));
    expect(error.code).toBe('BAD_OPTIONS');
    expect(JSON.stringify({ ...error }) + error.stack).not.toContain('thisIsASecret');
  },
);

test.each([
  undefined,
  '',
  'gate.example.com',
  '/gatehouse',
  'ftp://gate.example.com',
  'https://user:pass@gate.example.com',
  'https://gate.example.com/?x=1',
  'https://gate.example.com/#x',
  'javascript:alert(1)',
])('%j is not the address of an instance', (url) => {
  expect(refusal(() => createClient(url))).toMatchObject({ code: 'BAD_OPTIONS' });
  expect(refusal(() => createClient(url, SECRET)).detail).toMatch(/^url: /);
});

test('a storage that there is not is a fault', () => {
  expect(refusal(() => createClient(URL_OF_ONE, { refreshStorage: 'cookie' as never }))).toMatchObject({
    code: 'BAD_OPTIONS',
  });
});

test('D4: an option that there is not is a fault, so that a key in the wrong place is not a client of nobody', () => {
  for (const create of [
    () => createClient(URL_OF_ONE, { apiKey: SECRET } as never),
    () => createClient(URL_OF_ONE, SECRET, { refreshStorage: 'local' } as never),
  ]) {
    const error = refusal(create);
    expect(error).toMatchObject({ code: 'BAD_OPTIONS', detail: expect.stringContaining('no such option') });
    expect(JSON.stringify({ ...error }) + error.stack).not.toContain(SECRET);
  }
});

test('importing does nothing, and needs nothing of a browser or of Node', async () => {
  const { outputFiles } = await build({
    entryPoints: ['src/client/index.ts'],
    bundle: true,
    write: false,
    format: 'iife',
    platform: 'neutral',
  });
  runInNewContext(outputFiles[0]?.text ?? '', Object.create(null), { timeout: 1000 });
  expect(outputFiles).toHaveLength(1);
});
