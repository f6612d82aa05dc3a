import { expect, test } from 'vitest';
import { placeInHost, placeInPath, requirePlainPath } from '../../../src/vault/proxy/place.js';

test('V6: the address names a workspace, a credential and the vendor’s path as it came', () => {
  const place = { workspaceId: 'demo', credential: 'openai', path: '/v1/chat%20x//y', query: '?a=%2F&b' };
  expect(placeInPath('/p/demo/openai/v1/chat%20x//y?a=%2F&b')).toEqual(place);
  expect(placeInPath('/p/demo/openai')).toMatchObject({ path: '/', query: '' });
  expect(placeInPath('/p/demo/openai?x=1')).toMatchObject({ path: '/', query: '?x=1' });
  expect(placeInPath('/p/demo/openai//evil.example/x')).toMatchObject({ path: '//evil.example/x' });
});

test.each([
  '/p',
  '/p/',
  '/p/demo',
  '/p/demo/',
  '/P/demo/openai',
  '/p/../openai/x',
  '/p/de%6do/openai/x',
  '/p/demo/a b/x',
])('V6: %j is no such address', (target) => expect(placeInPath(target)).toBeNull());

test('V6: the host names the same, in one label before the domain', () => {
  const at = (host: string, target = '/v1/x?a=1') => placeInHost(host, target, 'proxy.example.com');
  const place = { workspaceId: 'demo', credential: 'stripe-live', path: '/v1/x', query: '?a=1' };
  for (const host of [
    'stripe-live--demo.proxy.example.com',
    'Stripe-Live--Demo.PROXY.example.com:3000',
    'stripe-live--demo.proxy.example.com.',
  ])
    expect(at(host)).toEqual(place);
  for (const host of ['proxy.example.com', 'example.com', 'a--b.proxy.example.com.evil.test', 'xproxy.example.com', ''])
    expect(at(host)).toBeNull();
  expect(placeInHost('stripe--demo.proxy.example.com', '/', null)).toBeNull();
  expect(placeInHost(undefined, '/', 'proxy.example.com')).toBeNull();
  // Of the domain, and naming nothing: it must not fall through to another door.
  for (const host of ['x.proxy.example.com', 'a.b.proxy.example.com', '--.proxy.example.com', '.proxy.example.com'])
    expect(at(host)).not.toBeNull();
});

test.each([
  ...['/.', '/..', '/a/../b', '/a/./b', '/%2e', '/%2E%2e/x', '/.%2e/x', '/a/%2e%2e%2fb', '/a%2f..%2fb', '/a%5c..%5cb'],
  ...['/%252e%252e/x', '/a%252f..', '/..;/x', '/a\\b', '/a#b', '/a b', '/\u00e9', '', 'x', '*', 'http://x/'],
])('V6: the path %j is refused', (path) => {
  expect(() => requirePlainPath({ path, query: '' })).toThrow('BAD_REQUEST');
});

test.each([
  '/',
  '//x',
  '/a..b/.c/d.',
  '/...',
  '/%2f',
  '/repos/a/b/contents/%2Egithub',
  '/v1/models/gemini:generateContent',
])('V6: the path %j passes', (path) => requirePlainPath({ path, query: '?path=../x&y=%2e%2e' }));
