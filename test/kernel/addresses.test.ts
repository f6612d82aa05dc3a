import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  AddressSet,
  addressBucket,
  type Network,
  networkCovers,
  parseAddress,
  parseNetwork,
} from '../../src/kernel/addresses.js';
import { addressIn, bitsOf, coversByBits, networks, v4Text, v6Text } from './bits.js';

describe('parseAddress has one spelling for one address', () => {
  test.each([
    ['10.0.0.7', '10.0.0.7'],
    ['255.255.255.255', '255.255.255.255'],
    ['::ffff:10.0.0.7', '10.0.0.7'],
    ['::FFFF:10.0.0.7', '10.0.0.7'],
    ['::ffff:a00:7', '10.0.0.7'],
    ['0:0:0:0:0:ffff:0a00:0007', '10.0.0.7'],
    ['2001:DB8::1', '2001:db8::1'],
    ['2001:0db8:0000:0000:0000:0000:0000:0001', '2001:db8::1'],
    ['::1', '::1'],
    // By their bits these are no IPv4 addresses, whatever their spelling looks like.
    ['::10.0.0.7', '::a00:7'],
    ['64:ff9b::10.0.0.7', '64:ff9b::a00:7'],
    ['::ffff:0:10.0.0.7', '::ffff:0:a00:7'],
  ])('%s is %s', (text, expected) => {
    expect(parseAddress(text)).toBe(expected);
  });

  test.each([
    '',
    ' ',
    'unknown',
    'localhost',
    '10.0.0.7 ',
    '\t10.0.0.7',
    '10.0.0.7:443',
    '[2001:db8::1]',
    '[2001:db8::1]:443',
    'fe80::1%eth0',
    '::ffff:10.0.0.7%1',
    '010.0.0.1',
    '0x0a.0.0.1',
    '10.1',
    '167772167',
    '10.0.0.256',
    '10.0.0.7/32',
    '1:2:3:4:5:6:7:8:9',
    '::1::',
    'ⅰ.0.0.1',
    '１０.0.0.7',
  ])('%j is no address', (text) => {
    expect(parseAddress(text)).toBeNull();
  });

  test('every IPv6 spelling of the same bits reads as the same address, and reading it again changes nothing', () => {
    fc.assert(
      fc.property(fc.bigInt(0n, (1n << 128n) - 1n), (bits) => {
        const once = parseAddress(v6Text(bits)) ?? '';
        expect(parseAddress(v6Text(bits).toUpperCase())).toBe(once);
        expect(parseAddress(once)).toBe(once);
        expect(bitsOf(once).bits).toBe(once.includes('.') ? bits & 0xffff_ffffn : bits);
      }),
    );
  });

  test('no text makes it throw', () => {
    const odd = fc.string({ unit: fc.constantFrom(...'0123456789abcdefF:.%/[] ') });
    fc.assert(fc.property(fc.oneof(fc.string(), odd), (text) => void parseAddress(text)));
  });
});

describe('parseNetwork', () => {
  test.each<[string, Network]>([
    ['10.0.0.7', { family: 4, address: '10.0.0.7', prefix: 32 }],
    ['10.0.0.0/8', { family: 4, address: '10.0.0.0', prefix: 8 }],
    ['0.0.0.0/0', { family: 4, address: '0.0.0.0', prefix: 0 }],
    ['2001:db8::/32', { family: 6, address: '2001:db8::', prefix: 32 }],
    ['2001:DB8::1', { family: 6, address: '2001:db8::1', prefix: 128 }],
    ['::/0', { family: 6, address: '::', prefix: 0 }],
    ['::ffff:10.0.0.0/104', { family: 4, address: '10.0.0.0', prefix: 8 }],
    ['::ffff:0:0/96', { family: 4, address: '0.0.0.0', prefix: 0 }],
    ['::ffff:10.0.0.7', { family: 4, address: '10.0.0.7', prefix: 32 }],
  ])('reads %s', (text, expected) => {
    expect(parseNetwork(text)).toEqual(expected);
  });

  test.each([
    ['', 'not an address'],
    ['*', 'not an address'],
    ['10.0.0.0/', 'prefix'],
    ['10.0.0.0/33', 'over 32'],
    ['2001:db8::/129', 'over 128'],
    ['10.0.0.0/08', 'prefix'],
    ['10.0.0.0/-1', 'prefix'],
    ['10.0.0.0/8.0', 'prefix'],
    ['10.0.0.0/ 8', 'prefix'],
    ['10.0.0.0/0x8', 'prefix'],
    ['10.0.0.0/8/8', 'not an address'],
    ['10.0.0.0/255.0.0.0', 'prefix'],
    ['010.0.0.0/8', 'not an address'],
    ['fe80::1%eth0/64', 'not an address'],
    ['example.com', 'not an address'],
  ])('refuses %j and says why', (text, words) => {
    expect(() => parseNetwork(text)).toThrow(words);
  });

  test.each(['::ffff:10.0.0.0/8', '::ffff:0:0/95', '::ffff:10.0.0.0/32', '::ffff:10.0.0.0/0'])(
    'CVE-2026-90711: the mapped range %s, which would match every IPv4 address, is refused',
    (text) => {
      expect(() => parseNetwork(text)).toThrow('prefix under 96');
    },
  );
});

describe('against a second implementation that compares bits', () => {
  const pairs = fc.tuple(networks, networks);
  const near = networks.chain((network) => fc.tuple(fc.constant(network), addressIn(network)));

  test('networkCovers says what the bits say', () => {
    const nested = networks.chain((outer) =>
      fc.tuple(
        fc.constant(outer),
        fc
          .tuple(addressIn(outer), fc.nat(outer.family === 4 ? 32 : 128))
          .map(([address, prefix]): Network => ({ family: outer.family, address, prefix })),
      ),
    );
    fc.assert(
      fc.property(fc.oneof(pairs, nested), ([outer, inner]) => {
        expect(networkCovers(outer, inner)).toBe(coversByBits(outer, inner));
      }),
      { numRuns: 500 },
    );
  });

  test('G2: AddressSet holds exactly the addresses whose leading bits are those of an entry', () => {
    const anyAddress = fc.oneof(
      fc.bigInt(0n, 0xffff_ffffn).map(v4Text),
      fc.bigInt(0n, (1n << 128n) - 1n).map((bits) => parseAddress(v6Text(bits)) ?? ''),
    );
    const cases = fc.oneof(
      near.map(([network, address]) => ({ list: [network], address })),
      fc.record({ list: fc.array(networks, { maxLength: 6 }), address: anyAddress }),
    );
    fc.assert(
      fc.property(cases, ({ list, address }) => {
        const set = new AddressSet(list);
        const { family } = bitsOf(address);
        const single: Network = { family, address, prefix: family === 4 ? 32 : 128 };
        const expected = list.some((network) => coversByBits(network, single));
        expect(set.has(address)).toBe(expected);
        expect(set.has(address), 'the kept answer').toBe(expected);
      }),
      { numRuns: 500 },
    );
  });

  test.each(['::/0', '::/64', '::/80', '::/95'])('an IPv6 range such as %s lets no IPv4 address in', (range) => {
    expect(new AddressSet([parseNetwork(range)]).has('10.0.0.7')).toBe(false);
  });

  test('an empty set holds nothing', () => {
    expect(new AddressSet([]).has('127.0.0.1')).toBe(false);
  });

  test('a set goes on answering right after more addresses than it remembers', () => {
    const set = new AddressSet([parseNetwork('10.0.0.0/16')]);
    for (let n = 0; n < 5000; n += 1) expect(set.has(`10.${n % 2}.${(n >> 8) & 255}.${n & 255}`)).toBe(n % 2 === 0);
  });
});

describe('addressBucket', () => {
  test.each([
    ['10.0.0.7', '10.0.0.7'],
    ['2001:db8:1:23ff::1', '2001:db8:1:2300::/56'],
    ['2001:db8:1:2300::', '2001:db8:1:2300::/56'],
    ['::1', '::/56'],
  ])('%s counts as %s', (address, bucket) => {
    expect(addressBucket(address)).toBe(bucket);
  });

  test('CVE-2026-30827: mapped IPv4 clients do not share one bucket', () => {
    expect(addressBucket(parseAddress('::ffff:10.0.0.7') ?? '')).not.toBe(
      addressBucket(parseAddress('::ffff:10.0.0.8') ?? ''),
    );
  });

  test('two IPv6 addresses share a bucket exactly when their first 56 bits agree', () => {
    const bits = fc.bigInt(0x2000n << 112n, (0x4000n << 112n) - 1n);
    fc.assert(
      fc.property(bits, fc.bigInt(0n, (1n << 72n) - 1n), bits, (left, tail, right) => {
        const bucket = (value: bigint) => addressBucket(parseAddress(v6Text(value)) ?? '');
        expect(bucket(((left >> 72n) << 72n) | tail)).toBe(bucket(left));
        expect(bucket(left) === bucket(right)).toBe(left >> 72n === right >> 72n);
      }),
    );
  });
});
