import { describe, expect, test } from 'vitest';
import { compileLanTargets } from '../../src/egress/egress.js';
import { reachOf } from '../../src/egress/reach.js';

describe('V6: where an address leads', () => {
  test.each(['8.8.8.8', '1.1.1.1', '2606:4700::1111', '2001:4860:4860::8888', '::ffff:8.8.8.8'])(
    'V6: %s is public',
    (address) => expect(reachOf(address)).toBe('public'),
  );

  test.each([
    ...['127.0.0.1', '127.255.255.254', '10.0.0.1', '172.16.0.1', '172.31.255.255', '192.168.1.1', '100.64.0.1'],
    ...['198.18.0.1', '192.0.2.1', '198.51.100.1', '203.0.113.1', '192.0.0.1', '240.0.0.1', '192.88.99.1'],
    ...['::1', '::ffff:127.0.0.1', '::ffff:7f00:1', '::ffff:10.0.0.1', '::7f00:1', 'fc00::1', 'fd12:3456::1'],
    // Translators and tunnels: NAT64, its local prefix, 6to4, Teredo.
    ...[
      '64:ff9b::7f00:1',
      '64:ff9b::808:808',
      '64:ff9b:1::a00:1',
      '2002:7f00:1::',
      '2001:0:4136:e378:8000:63bf:3fff:fdd2',
    ],
    ...['2001:db8::1', '3fff::1', '100::1', '5f00::1', 'fec0::1', '4000::1', '2001:20::1'],
  ])('V6: %s is not public', (address) => expect(reachOf(address)).toBe('local'));

  test.each([
    ...['169.254.169.254', '169.254.170.2', '169.254.0.1', '100.100.100.200', '192.0.0.192', '168.63.129.16'],
    ...['fd00:ec2::254', 'fe80::1', '::ffff:169.254.169.254', '::ffff:a9fe:a9fe', '64:ff9b::a9fe:a9fe', '::a9fe:a9fe'],
    ...[
      '2002:a9fe:a9fe::',
      '2001:0:4136:e378:8000:63bf:5601:5601',
      '64:ff9b::6464:64c8',
      '0.0.0.0',
      '::',
      '255.255.255.255',
    ],
    ...['224.0.0.1', 'ff02::1', 'fe80::1%eth0', '', 'localhost', '127.1', '0x7f.0.0.1', '2130706433', '0177.0.0.1'],
  ])('V6: %s is never called, whatever a list says', (address) => {
    expect(reachOf(address)).toBe('never');
  });
});

describe('the list of a workspace', () => {
  test.each([
    ['192.168.1.20', 'any.lan', 443, '192.168.1.20', true],
    ['192.168.1.20', 'any.lan', 443, '192.168.1.21', false],
    ['192.168.0.0/16', 'any.lan', 8443, '192.168.200.1', true],
    ['192.168.0.0/16', 'any.lan', 8443, '::ffff:192.168.200.1', true],
    ['192.168.0.0/16:443', 'any.lan', 8443, '192.168.200.1', false],
    ['nas.lan', 'nas.lan', 5001, '10.0.0.4', true],
    ['nas.lan:5001', 'nas.lan', 5002, '10.0.0.4', false],
    ['nas.lan', 'xnas.lan', 5001, '10.0.0.4', false],
    ['nas.lan', 'a.nas.lan', 5001, '10.0.0.4', false],
    ['fd12::/16', 'any.lan', 443, 'fd12::5', true],
    ['[fd12::5]:443', 'any.lan', 443, 'fd12::5', true],
    ['[fd12::5]:443', 'any.lan', 444, 'fd12::5', false],
    ['http://ollama.lan:11434', 'ollama.lan', 11434, '10.0.0.9', true],
  ])('%s for %s:%i at %s: %s', (entry, host, port, address, admitted) => {
    expect(compileLanTargets([entry]).admits(host, port, address)).toBe(admitted);
  });

  test('plain HTTP needs an entry that says http://', () => {
    const lan = compileLanTargets(['http://ollama.lan:11434', 'nas.lan', 'http://10.0.0.0/8']);
    expect(lan.allowsHttp('ollama.lan', 11434)).toBe(true);
    expect(lan.allowsHttp('ollama.lan', 80)).toBe(false);
    expect(lan.allowsHttp('nas.lan', 80)).toBe(false);
    expect(lan.allowsHttp('10.1.2.3', 80)).toBe(true);
    expect(lan.allowsHttp('11.1.2.3', 80)).toBe(false);
  });

  test.each([
    ...['0.0.0.0/0', '::/0', '10.0.0.0/7', 'fc00::/6', '*', '*.lan', '', 'http://', 'https://nas.lan', 'nas.lan/path'],
    ...[
      'nas.lan:0',
      'nas.lan:65536',
      'nas.lan:',
      'Nas.lan',
      'user@nas.lan',
      'nas.lan.',
      '127.1',
      '2130706433',
      '0x7f.1',
    ],
    ...[
      '010.0.0.1',
      '::ffff:10.0.0.0/8',
      'fe80::1%eth0',
      'nas lan',
      '[nas.lan]:80',
      '[fd12::5',
      'fd12::5]:1',
      '-a.lan',
    ],
  ])('refuses the entry %j and says which', (entry) => {
    expect(() => compileLanTargets(['10.0.0.1', entry])).toThrow(JSON.stringify(entry));
  });
});
