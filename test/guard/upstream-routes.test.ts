import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { UpstreamRoutes } from '../../src/contract/upstream-routes.js';
import { pathFault, pathSegments, readHost } from '../../src/guard/request-path.js';
import { UpstreamRouter } from '../../src/guard/upstream-routes.js';

const need = { authModes: ['api_key'], scopes: [] };

function router(routes: readonly object[], rest: object = {}, publicUrl: string | null = null): UpstreamRouter {
  const made = new UpstreamRouter(publicUrl);
  made.use(UpstreamRoutes.parse({ routes: routes.map((route) => ({ ...need, ...route })), ...rest }));
  return made;
}

describe('which route a request is judged by', () => {
  const made = router(
    [
      { methods: ['POST'], path: '/billing/portal' },
      { methods: ['GET'], path: '/users/:id' },
      { path: '/users/:id/files/*' },
      { path: '/only', host: 'app.example.com' },
      { path: '/café menu' },
      { methods: ['GET'], path: '/' },
      { path: '/first/:any' },
      { path: '/first/second' },
    ],
    { default: need },
  );
  test.each([
    ['POST', '/billing/portal', 'POST /billing/portal'],
    ['POST', '/billing/portal/', 'POST /billing/portal'],
    ['POST', '/billing/portal?x=/../%2f;//', 'POST /billing/portal'],
    ['POST', '/%62illing/p%6Frtal', 'POST /billing/portal'],
    ['POST', 'http://elsewhere.example/billing/portal?a=b', 'POST /billing/portal'],
    ['POST', 'HTTPS://elsewhere.example:8/billing/portal', 'POST /billing/portal'],
    ['GET', '/billing/portal', 'default'],
    ['POST', '/billing/portal/x', 'default'],
    ['POST', '/billing', 'default'],
    ['GET', '/users/7', 'GET /users/:id'],
    ['HEAD', '/users/7', 'GET /users/:id'],
    ['GET', '/users/..%37', 'GET /users/:id'],
    ['GET', '/users/', 'default'],
    ['DELETE', '/users/7/files/a/b', 'ANY /users/:id/files/*'],
    ['DELETE', '/users/7/files', 'ANY /users/:id/files/*'],
    ['GET', '/only', 'default'],
    ['GET', '/caf%C3%A9%20menu', 'ANY /café menu'],
    ['GET', '/', 'GET /'],
    ['GET', '/?q', 'GET /'],
    ['GET', '/first/second', 'ANY /first/:any'],
  ])('G6: %s %s is judged by "%s"', (method, target, name) => {
    expect(made.match(method, target).id).toBe(`upstream ${name}`);
    expect(made.match(method, target).closed).toBeUndefined();
  });

  test.each(['app.example.com', 'APP.example.com', 'app.example.com:8443', 'app.example.com.', 'App.Example.Com.:80'])(
    'a route of one host fits it however it is written: %s',
    (host) => {
      expect(made.match('GET', '/only', host).id).toBe('upstream ANY app.example.com/only');
      expect(made.match('GET', '/only', `x${host}`).id).toBe('upstream default');
    },
  );

  test.each(['/Billing/Portal', '/billing/PORTAL', '/%42illing/portal'])(
    'G6: %s, which an app may take for the route, is not judged by another one',
    (target) => {
      const policy = made.match('POST', target);
      expect(policy.closed?.().code).toBe('BAD_REQUEST');
      expect(policy.authModes).not.toContain('public');
    },
  );

  test('no route and no default: refused', () => {
    expect(router([]).match('GET', '/x').closed?.().code).toBe('FORBIDDEN');
    expect(new UpstreamRouter(null).match('GET', '/x').closed?.().code).toBe('FORBIDDEN');
  });

  test('assertions are for the hosts that are listed, and that of PUBLIC_URL', () => {
    const listed = router([], { hosts: ['app.example.com'] }, 'https://Gate.example.com:8443/base');
    expect(listed.hosts).toEqual(['app.example.com', 'gate.example.com']);
    expect(listed.signsFor('other.example.com')).toBe(false);
  });
});

describe('paths that an app may read otherwise than we do', () => {
  test.each([
    '',
    '*',
    'billing/portal',
    'ftp://host/x',
    '://x/y',
    'http:///',
    'http://host',
    '/a/../b',
    '/..',
    '/a/.',
    '/./a',
    '//',
    '//a',
    '/a//b',
    '/a//',
    '/a%2fb',
    '/a%2Fb',
    '/a%5cb',
    '/a%5Cb',
    '/a\\b',
    '/a%00',
    '/a%0a',
    '/a%7f',
    '/%2e%2e/b',
    '/.%2e/b',
    '/%2E/b',
    '/file%2ejson',
    '/a;b',
    '/a;jsessionid=1',
    '/a%3bb',
    '/a#b',
    '/a b',
    '/a\tb',
    '/a\u0000',
    '/a\u00e9',
    '/a\u2028',
    '/a%',
    '/a%2',
    '/a%zz',
    '/a%25%32%66',
    '/a%252fb',
    '/a%252e',
    '/%2562illing',
    '/%c0%af',
    '/%c0%ae%c0%ae/b',
    '/%e0%80%af',
    '/%ed%a0%80',
    '/%f8%88%80%80%80',
    '/%ff',
    '/%c3',
  ])('G6: %j is refused before anything is matched', (target) => {
    expect(pathFault(target)).not.toBeNull();
    const open = router([{ path: '/*', authModes: ['public'] }], { default: { authModes: ['public'], scopes: [] } });
    expect(open.match('GET', target).closed?.().code).toBe('BAD_REQUEST');
  });

  test.each(['get', 'GET ', '', 'G'.repeat(33), 'GET/', 'PÖST'])('the method %j is refused', (method) => {
    expect(router([], { default: need }).match(method, '/').closed?.().code).toBe('BAD_REQUEST');
  });

  test('whatever the target, reading it neither throws nor finds a segment that leaves its folder', () => {
    const piece = fc.constantFrom(
      '/',
      '.',
      '..',
      '%2e',
      '%2f',
      '%',
      '%25',
      ';',
      '\\',
      'a',
      '%C3%A9',
      '?',
      '#',
      '//',
      '*',
      '\u00ff',
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(piece).map((parts) => `/${parts.join('')}`),
        ),
        (target) => {
          if (pathFault(target) !== null) return;
          for (const segment of pathSegments(target)) {
            expect(segment).not.toMatch(/^\.{0,2}$/);
            // biome-ignore lint/suspicious/noControlCharactersInRegex: that none is left is the promise
            expect(segment).not.toMatch(/[/\\;\u0000-\u001f\u007f]/);
          }
        },
      ),
    );
  });

  test('hosts are compared without port, case and the dot at the end', () => {
    expect(['[::1]:80', '[::1]', 'A.B.:1', undefined, ''].map(readHost)).toEqual(['[::1]', '[::1]', 'a.b', '', '']);
  });
});

describe('what routes.json may hold', () => {
  test.each([
    'x',
    '',
    '/a/',
    '//',
    '/a//b',
    '/a/*/b',
    '/a*',
    '/:',
    '/:1',
    '/:a-b',
    '/.',
    '/a/..',
    '/a?b',
    '/a#b',
    '/a%20b',
    '/a;b',
    '/a\\b',
    '/a\nb',
    `/${'a'.repeat(600)}`,
  ])('the pattern %j is refused', (path) => {
    expect(UpstreamRoutes.safeParse({ routes: [{ ...need, path }] }).success).toBe(false);
  });

  test.each([
    [{ methods: [] }],
    [{ methods: ['get'] }],
    [{ authModes: [] }],
    [{ authModes: ['admin'] }],
    [{ scopes: ['a b'] }],
    [{ slots: [] }],
    [{ slots: ['cookie'] }],
    [{ rateLimit: { requests: 0, windowSeconds: 1 } }],
    [{ host: 'A.example' }],
    [{ host: 'a:80' }],
    [{ other: 1 }],
  ])('the route %j is refused', (over) => {
    expect(UpstreamRoutes.safeParse({ routes: [{ ...need, path: '/a', ...over }] }).success).toBe(false);
  });
});
