import { describe, expect, test } from 'vitest';
import { ClientResolver, type TrustProxy } from '../../src/guard/client-ip.js';
import { addressSet, facts, Gate, hops, KEY, shown, trusting } from './gate.js';

const PROXIES = trusting('10.0.0.0/8', 'fd00::/8');

interface Case {
  readonly what: string;
  readonly trust: TrustProxy;
  readonly peer: string | undefined;
  readonly xff?: string;
  readonly real?: string;
  readonly is: string | null;
}

const CASES: Case[] = [
  { what: 'nothing is trusted: the peer', trust: null, peer: '192.0.2.1', is: '192.0.2.1' },
  {
    what: 'nothing is trusted: X-Forwarded-For is ignored',
    trust: null,
    peer: '192.0.2.1',
    xff: '127.0.0.1',
    is: '192.0.2.1',
  },
  {
    what: 'nothing is trusted: X-Real-IP is ignored',
    trust: null,
    peer: '192.0.2.1',
    real: '127.0.0.1',
    is: '192.0.2.1',
  },
  {
    what: 'nothing is trusted: rubbish is ignored too',
    trust: null,
    peer: '192.0.2.1',
    xff: 'x',
    real: 'y',
    is: '192.0.2.1',
  },
  {
    what: 'untrusted peer: X-Forwarded-For is ignored',
    trust: PROXIES,
    peer: '192.0.2.1',
    xff: '10.0.0.1',
    is: '192.0.2.1',
  },
  {
    what: 'untrusted peer: X-Real-IP is ignored',
    trust: PROXIES,
    peer: '192.0.2.1',
    real: '10.0.0.1',
    is: '192.0.2.1',
  },
  { what: 'trusted peer, one entry', trust: PROXIES, peer: '10.0.0.1', xff: '203.0.113.5', is: '203.0.113.5' },
  {
    what: 'what the client wrote left of its own address is not read',
    trust: PROXIES,
    peer: '10.0.0.1',
    xff: '127.0.0.1, 203.0.113.5',
    is: '203.0.113.5',
  },
  {
    what: 'not even when it is rubbish',
    trust: PROXIES,
    peer: '10.0.0.1',
    xff: 'unknown, ,, 203.0.113.5',
    is: '203.0.113.5',
  },
  {
    what: 'the walk goes through trusted hops',
    trust: PROXIES,
    peer: '10.0.0.1',
    xff: '127.0.0.1, 203.0.113.5, 10.0.0.3, 10.0.0.2',
    is: '203.0.113.5',
  },
  {
    what: 'a trusted entry behind an untrusted one is not reached',
    trust: PROXIES,
    peer: '10.0.0.1',
    xff: '10.9.9.9, 203.0.113.5',
    is: '203.0.113.5',
  },
  { what: 'all trusted: the leftmost', trust: PROXIES, peer: '10.0.0.1', xff: '10.0.0.4,10.0.0.3', is: '10.0.0.4' },
  {
    what: 'no blanks, tabs, many blanks',
    trust: PROXIES,
    peer: '10.0.0.1',
    xff: '1.1.1.1,\t 203.0.113.5 ',
    is: '203.0.113.5',
  },
  { what: 'mapped IPv6 entry', trust: PROXIES, peer: '::ffff:10.0.0.1', xff: '::ffff:203.0.113.5', is: '203.0.113.5' },
  { what: 'IPv6 proxy and client', trust: PROXIES, peer: 'fd00::1', xff: '2001:DB8::5', is: '2001:db8::5' },
  { what: 'peer with a zone', trust: null, peer: 'fe80::1%eth0', is: 'fe80::1' },
  { what: 'no forwarding header: the proxy itself', trust: PROXIES, peer: '10.0.0.1', is: '10.0.0.1' },
  { what: 'X-Real-IP of a trusted peer', trust: PROXIES, peer: '10.0.0.1', real: ' 203.0.113.5 ', is: '203.0.113.5' },
  {
    what: 'X-Real-IP is not read where X-Forwarded-For is',
    trust: PROXIES,
    peer: '10.0.0.1',
    xff: '203.0.113.5',
    real: '127.0.0.1',
    is: '203.0.113.5',
  },
  {
    what: 'X-Real-IP does not stand in for a broken X-Forwarded-For',
    trust: PROXIES,
    peer: '10.0.0.1',
    xff: 'unknown',
    real: '203.0.113.5',
    is: null,
  },
  {
    what: 'X-Real-IP does not stand in for an empty one',
    trust: PROXIES,
    peer: '10.0.0.1',
    xff: '',
    real: '203.0.113.5',
    is: null,
  },
  { what: 'rubbish from a trusted hop', trust: PROXIES, peer: '10.0.0.1', xff: '203.0.113.5, unknown', is: null },
  { what: 'rubbish behind a trusted hop', trust: PROXIES, peer: '10.0.0.1', xff: 'unknown, 10.0.0.2', is: null },
  { what: 'an entry with a port', trust: PROXIES, peer: '10.0.0.1', xff: '203.0.113.5:4711', is: null },
  { what: 'an IPv6 entry with a port', trust: PROXIES, peer: '10.0.0.1', xff: '[2001:db8::5]:4711', is: null },
  { what: 'an entry in brackets', trust: PROXIES, peer: '10.0.0.1', xff: '[2001:db8::5]', is: null },
  { what: 'an octal entry', trust: PROXIES, peer: '10.0.0.1', xff: '010.0.0.1', is: null },
  { what: 'an entry with a zone', trust: PROXIES, peer: '10.0.0.1', xff: 'fe80::1%eth0', is: null },
  { what: 'a Forwarded-style entry', trust: PROXIES, peer: '10.0.0.1', xff: 'for=203.0.113.5', is: null },
  { what: 'an empty header', trust: PROXIES, peer: '10.0.0.1', xff: '', is: null },
  { what: 'a comma at the end', trust: PROXIES, peer: '10.0.0.1', xff: '203.0.113.5,', is: null },
  { what: 'a list', trust: PROXIES, peer: '10.0.0.1', xff: '203.0.113.5, 10.0.0.1', is: '203.0.113.5' },
  {
    what: 'the same list as X-Real-IP is none',
    trust: PROXIES,
    peer: '10.0.0.1',
    real: '203.0.113.5, 10.0.0.1',
    is: null,
  },
  { what: 'too many entries', trust: PROXIES, peer: '10.0.0.1', xff: Array(33).fill('10.0.0.2').join(','), is: null },
  {
    what: 'as many entries as are read',
    trust: PROXIES,
    peer: '10.0.0.1',
    xff: Array(32).fill('10.0.0.2').join(','),
    is: '10.0.0.2',
  },
  { what: 'too long', trust: PROXIES, peer: '10.0.0.1', xff: `${' '.repeat(2048)}203.0.113.5`, is: null },
  {
    what: 'one hop: the rightmost',
    trust: hops(1),
    peer: '192.0.2.1',
    xff: '127.0.0.1, 203.0.113.5',
    is: '203.0.113.5',
  },
  {
    what: 'two hops: the second from the right',
    trust: hops(2),
    peer: '192.0.2.1',
    xff: '127.0.0.1, 203.0.113.5, 10.0.0.2',
    is: '203.0.113.5',
  },
  { what: 'two hops, one entry: that one', trust: hops(2), peer: '192.0.2.1', xff: '203.0.113.5', is: '203.0.113.5' },
  {
    what: 'two hops and rubbish in the nearer one',
    trust: hops(2),
    peer: '192.0.2.1',
    xff: '203.0.113.5, x',
    is: null,
  },
  {
    what: 'one hop and rubbish beyond it',
    trust: hops(1),
    peer: '192.0.2.1',
    xff: 'x, 203.0.113.5',
    is: '203.0.113.5',
  },
  { what: 'one hop: X-Real-IP', trust: hops(1), peer: '192.0.2.1', real: '203.0.113.5', is: '203.0.113.5' },
  { what: 'no peer', trust: null, peer: undefined, is: null },
  { what: 'a peer that is no address', trust: null, peer: '', is: null },
];

describe('G3: the client address', () => {
  test.each(CASES)('$what', ({ trust, peer, xff, real, is }) => {
    const resolver = new ClientResolver(trust, null);
    expect(resolver.resolve(peer, xff, real)?.address ?? null).toBe(is);
    expect(resolver.resolve(peer, xff, real)?.address ?? null, 'the kept answer').toBe(is);
  });

  test.each(CASES.filter(({ trust }) => trust === PROXIES))(
    'what was answered to others before does not matter: $what',
    ({ peer, xff, real, is }) => {
      const resolver = new ClientResolver(PROXIES, null);
      for (const other of CASES) resolver.resolve(other.peer, other.xff, other.real);
      expect(resolver.resolve(peer, xff, real)?.address ?? null).toBe(is);
    },
  );

  test('the allowlist is asked about the client, not about the proxy', () => {
    const resolver = new ClientResolver(PROXIES, addressSet('203.0.113.0/24'));
    expect(resolver.resolve('10.0.0.1', '203.0.113.5', undefined)?.refusedBy).toBeNull();
    expect(resolver.resolve('10.0.0.1', '198.51.100.5', undefined)?.refusedBy).toBe('ALLOWED_IPS');
    expect(resolver.resolve('10.0.0.1', undefined, undefined)?.refusedBy).toBe('ALLOWED_IPS');
  });

  test.each<[string, string | undefined, string | undefined, string]>([
    ['192.0.2.1', undefined, undefined, 'the peer of the socket is 192.0.2.1'],
    [
      '192.0.2.1',
      '10.0.0.1',
      undefined,
      'the peer of the socket is 192.0.2.1; its forwarding headers are ignored: it is not in TRUST_PROXY',
    ],
    [
      '10.0.0.1',
      undefined,
      undefined,
      'the peer of the socket, 10.0.0.1, is in TRUST_PROXY; it sent no forwarding header',
    ],
    [
      '10.0.0.1',
      '203.0.113.5, 10.0.0.2',
      undefined,
      'the peer of the socket, 10.0.0.1, is in TRUST_PROXY; X-Forwarded-For, 1 from the right: 10.0.0.2, in TRUST_PROXY too; X-Forwarded-For, 2 from the right: 203.0.113.5',
    ],
    [
      '10.0.0.1',
      '203.0.113.5, a secret',
      undefined,
      'the peer of the socket, 10.0.0.1, is in TRUST_PROXY; in X-Forwarded-For, 1 from the right, stands something that is no address',
    ],
    [
      '10.0.0.1',
      undefined,
      '203.0.113.5',
      'the peer of the socket, 10.0.0.1, is in TRUST_PROXY; its X-Real-IP says 203.0.113.5',
    ],
    [
      '10.0.0.1',
      undefined,
      'a secret',
      'the peer of the socket, 10.0.0.1, is in TRUST_PROXY; its X-Real-IP says something that is no address',
    ],
    ['10.0.0.1', 'x'.repeat(2049), undefined, 'the forwarding header is longer than 2048 characters'],
    [
      '10.0.0.1',
      Array(33).fill('10.0.0.2').join(','),
      undefined,
      'the peer of the socket, 10.0.0.1, is in TRUST_PROXY; its X-Forwarded-For names more than 32 hops',
    ],
  ])('G11: a trace is told how the address of %s was found, hop by hop: %s %s', (peer, forwardedFor, realIp, words) => {
    expect(new ClientResolver(PROXIES, null).tell(peer, forwardedFor, realIp)).toBe(words);
  });
});

test('G11, G2: a trace is told which lists let an address in', () => {
  const open = new ClientResolver(null, null);
  expect(open.tellLists('192.0.2.1')).toBe('ALLOWED_IPS admits every address');
  open.useSaved(addressSet('192.0.2.0/24'));
  expect(open.tellLists('192.0.2.1')).toBe('ALLOWED_IPS admits every address, and the network settings hold 192.0.2.1');
  expect(new ClientResolver(null, addressSet('192.0.2.0/24')).tellLists('192.0.2.1')).toBe(
    'ALLOWED_IPS holds 192.0.2.1',
  );
});

describe('through the guard', () => {
  const gate = (trust: TrustProxy = PROXIES) => new Gate({ trust, allowed: addressSet('203.0.113.0/24') });
  const from = (peerAddress: string, ...headers: string[]) =>
    facts({ peerAddress, rawHeaders: ['x-api-key', KEY, ...headers] });

  test('G3: two X-Forwarded-For lines are one list, in their order', () => {
    const request = from('10.0.0.1', 'X-Forwarded-For', '198.51.100.1', 'x-forwarded-for', '203.0.113.5');
    expect(shown(gate().decide(request))).toBe('allow key_one');
    const reversed = from('10.0.0.1', 'X-Forwarded-For', '203.0.113.5', 'x-forwarded-for', '198.51.100.1');
    expect(shown(gate().decide(reversed))).toBe('allowlist IP_NOT_ALLOWED');
  });

  test('G3: names in any case are read; look-alikes are not', () => {
    for (const name of ['X-FORWARDED-FOR', 'x-Forwarded-For', 'X-Real-Ip', 'x-real-ip']) {
      expect(shown(gate().decide(from('10.0.0.1', name, '203.0.113.5'))), name).toBe('allow key_one');
    }
    for (const name of [
      'X_Forwarded_For',
      'X-Forwarded-Fo',
      'Forwarded',
      'X-Client-IP',
      'True-Client-IP',
      'X-Real_IP',
    ]) {
      expect(shown(gate().decide(from('10.0.0.1', name, '203.0.113.5'))), name).toBe('allowlist IP_NOT_ALLOWED');
    }
  });

  test('an address that cannot be told is refused before anything else, and never let through', () => {
    const run = gate();
    const verdict = run.decide(from('10.0.0.1', 'X-Forwarded-For', 'garbage'));
    expect(shown(verdict)).toBe('address BAD_REQUEST');
    expect(run.touched).toEqual([]);
    expect(run.refused).toMatchObject([
      { code: 'BAD_REQUEST', reason: 'address', actor: 'unknown', address: '10.0.0.1' },
    ]);
  });

  test('X-Real-IP sent twice is refused where it is read, and nobody cares where it is not', () => {
    const twice = ['X-Real-IP', '203.0.113.5', 'x-real-ip', '203.0.113.6'];
    expect(shown(gate().decide(from('10.0.0.1', ...twice)))).toBe('address BAD_REQUEST');
    expect(shown(gate(null).decide(from('203.0.113.9', ...twice)))).toBe('allow key_one');
  });
});
