import { resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type Config, SETTING_NAMES } from '../../src/config/config.js';
import { CLIENT_PRESET } from '../../src/contract/scopes.js';
import { configOf, faultsOf, together } from './read.js';

const HEX = 'a1'.repeat(32);
const BYTES = Buffer.from(HEX, 'hex');
const v4 = (address: string, prefix = 32) => ({ family: 4, address, prefix });
const v6 = (address: string, prefix = 128) => ({ family: 6, address, prefix });
const hourly = (requests: number) => ({ requests, windowSeconds: 3600 });

type Field = keyof Omit<Config, 'shown' | 'warnings'>;

const GOOD: [string, Field, string, unknown][] = [
  ['ADMIN_API_KEY', 'adminKey', HEX, HEX],
  ['ADMIN_API_KEY', 'adminKey', 'short!#"~', 'short!#"~'],
  ['VALID_API_KEYS', 'clientKeys', 'one,two', ['one', 'two']],
  ['VALID_API_KEYS', 'clientKeys', ' one , two ', ['one', 'two']],
  ['VALID_API_KEYS', 'clientKeys', 'one\ntwo\r\nthree', ['one', 'two', 'three']],
  ['API_RATE_LIMIT', 'rateLimit', '1', hourly(1)],
  ['API_RATE_LIMIT', 'rateLimit', ' 250 ', hourly(250)],
  ['API_RATE_LIMIT', 'rateLimit', '999999999', hourly(999_999_999)],
  ['API_RATE_LIMIT', 'rateLimit', 'off', null],
  ['ALLOWED_IPS', 'allowedIps', '*', null],
  ['ALLOWED_IPS', 'allowedIps', '10.0.0.0/8, *', null],
  ['ALLOWED_IPS', 'allowedIps', '10.0.0.7', [v4('10.0.0.7')]],
  ['ALLOWED_IPS', 'allowedIps', '10.0.0.0/8,2001:DB8::/32 ::1', [v4('10.0.0.0', 8), v6('2001:db8::', 32), v6('::1')]],
  ['ALLOWED_IPS', 'allowedIps', '::ffff:10.0.0.7', [v4('10.0.0.7')]],
  ['TRUST_PROXY', 'trustProxy', 'none', null],
  ['TRUST_PROXY', 'trustProxy', '1', { kind: 'hops', count: 1 }],
  ['TRUST_PROXY', 'trustProxy', '10', { kind: 'hops', count: 10 }],
  ['TRUST_PROXY', 'trustProxy', '10.0.0.1', { kind: 'networks', networks: [v4('10.0.0.1')] }],
  ['TRUST_PROXY', 'trustProxy', 'loopback', { kind: 'networks', networks: [v4('127.0.0.0', 8), v6('::1')] }],
  [
    'TRUST_PROXY',
    'trustProxy',
    'linklocal,10.0.0.1',
    { kind: 'networks', networks: [v4('169.254.0.0', 16), v6('fe80::', 10), v4('10.0.0.1')] },
  ],
  [
    'TRUST_PROXY',
    'trustProxy',
    'uniquelocal',
    { kind: 'networks', networks: [v4('10.0.0.0', 8), v4('172.16.0.0', 12), v4('192.168.0.0', 16), v6('fc00::', 7)] },
  ],
  ['HOST', 'host', '0.0.0.0', '0.0.0.0'],
  ['PORT', 'port', '0', 0],
  ['PORT', 'port', '65535', 65_535],
  ['BASE_PATH', 'basePath', '/', ''],
  ['BASE_PATH', 'basePath', '/gate/house', '/gate/house'],
  ['PROXY_DOMAIN', 'proxyDomain', 'proxy.example.com', 'proxy.example.com'],
  ['PROXY_DOMAIN', 'proxyDomain', 'localhost', 'localhost'],
  ['WORKSPACES_DIR', 'workspacesDir', 'data', resolve('data')],
  ['MASTER_KEY', 'masterKey', HEX, BYTES],
  ['MASTER_KEY', 'masterKey', HEX.toUpperCase(), BYTES],
  ['MASTER_KEY', 'masterKey', BYTES.toString('base64'), BYTES],
  ['MASTER_KEY', 'masterKey', BYTES.toString('base64url'), BYTES],
  ['MASTER_KEY', 'masterKey', `${HEX}\n`, BYTES],
  ['ADMIN_EMAIL', 'adminEmail', 'Ada@Example.com', 'Ada@example.com'],
  ['ADMIN_PASSWORD', 'adminPassword', 'plum turnip lantern', 'plum turnip lantern'],
  ['SIGNUP', 'signup', 'open', 'open'],
  ['SIGNUP_ORGANIZATION', 'signupOrganization', 'org_guests', 'org_guests'],
  ['SMTP_URL', 'smtpUrl', 'smtp://user:pass@mail.example.com:587', 'smtp://user:pass@mail.example.com:587'],
  ['SMTP_URL', 'smtpUrl', 'smtps://mail.example.com', 'smtps://mail.example.com'],
  ['MAIL_FROM', 'mailFrom', 'gate@example.com', 'gate@example.com'],
  ['MAIL_FROM', 'mailFrom', 'The Gate <gate@example.com>', '"The Gate" <gate@example.com>'],
  ['KEY_PREFIX', 'keyPrefix', 'chy', 'chy'],
  ['KEY_PREFIX', 'keyPrefix', 'a123456789012345', 'a123456789012345'],
  ['ENVIRONMENT', 'environment', 'production', 'production'],
  ['CLIENT_SCOPES', 'clientScopes', 'ask:run, projects:*', ['ask:run', 'projects:*']],
  [
    'CORS_ORIGINS',
    'corsOrigins',
    'https://app.example.com, http://localhost:5173',
    ['https://app.example.com', 'http://localhost:5173'],
  ],
  ['PUBLIC_URL', 'publicUrl', 'https://gate.example.com/', 'https://gate.example.com'],
  ['PUBLIC_URL', 'publicUrl', 'http://nas:3000/gate', 'http://nas:3000/gate'],
  ['UPSTREAM_URL', 'upstreamUrl', 'http://127.0.0.1:8080', new URL('http://127.0.0.1:8080/')],
  ['UPSTREAM_URL', 'upstreamUrl', 'https://app.internal/base/', new URL('https://app.internal/base/')],
  ['UPSTREAM_URL', 'upstreamUrl', 'http://[::1]:8080', new URL('http://[::1]:8080/')],
  ['GATEWAY_PORT', 'gatewayPort', '0', 0],
  ['GATEWAY_PORT', 'gatewayPort', '8443', 8443],
  ['UPSTREAM_TIMEOUT', 'upstreamTimeoutSeconds', '3600', 3600],
  ['SOCKET', 'socket', 'off', 'off'],
  ['SOCKET', 'socket', 'a/b.sock', resolve('a/b.sock')],
  ['AUDIT_MAX_MB', 'auditMaxMb', '1', 1],
  ['ASK_MEMORY_MB', 'askMemoryMb', '16', 16],
  ['METRICS', 'metrics', 'off', null],
  ['METRICS', 'metrics', '127.0.0.1:9464', { host: '127.0.0.1', port: 9464 }],
  ['METRICS', 'metrics', '[::1]:0', { host: '::1', port: 0 }],
  ['METRICS', 'metrics', 'localhost:9464', { host: 'localhost', port: 9464 }],
  ['LOG_LEVEL', 'logLevel', 'silent', 'silent'],
];

const BAD: [string, string, string][] = [
  ['METRICS', '9464', 'must look like 127.0.0.1:9464'],
  ['METRICS', '127.0.0.1', 'must look like 127.0.0.1:9464'],
  ['METRICS', '127.0.0.1:70000', 'must look like 127.0.0.1:9464'],
  ['METRICS', '::1:9464', 'must look like 127.0.0.1:9464'],
  ['METRICS', 'http://127.0.0.1:9464', 'must look like 127.0.0.1:9464'],
  ['ADMIN_API_KEY', 'two words', 'blank'],
  ['ADMIN_API_KEY', 'clé-clé-clé', 'no header can carry'],
  ['ADMIN_API_KEY', 'a\nb', 'line break'],
  ['ADMIN_API_KEY', 'k'.repeat(1001), 'longer'],
  ['VALID_API_KEYS', 'one,,two', 'empty entry 2 of 3'],
  ['VALID_API_KEYS', 'one,two,', 'empty entry 3 of 3'],
  ['VALID_API_KEYS', 'one,two,one', 'same key twice (entries 1 and 3)'],
  ['VALID_API_KEYS', 'one,two words', 'entry 2 of 2'],
  ['API_RATE_LIMIT', '0', 'from 1, or off'],
  ['API_RATE_LIMIT', '-1', 'from 1, or off'],
  ['API_RATE_LIMIT', '1.5', 'from 1, or off'],
  ['API_RATE_LIMIT', '1e3', 'from 1, or off'],
  ['API_RATE_LIMIT', '100/h', 'from 1, or off'],
  ['API_RATE_LIMIT', 'OFF', 'from 1, or off'],
  ['API_RATE_LIMIT', '1000000000', 'from 1, or off'],
  ['ALLOWED_IPS', '10.0.0.0/33', '"10.0.0.0/33"'],
  ['ALLOWED_IPS', '10.0.0.7, localhost', '"localhost"'],
  ['ALLOWED_IPS', '10.0.0.7; 10.0.0.8', '"10.0.0.7;"'],
  ['ALLOWED_IPS', '::ffff:10.0.0.0/8', 'under 96'],
  ['ALLOWED_IPS', '10.0.0.*', '"10.0.0.*"'],
  ['ALLOWED_IPS', ', ,', 'names no address'],
  ['TRUST_PROXY', 'true', 'must not trust everybody'],
  ['TRUST_PROXY', '*', 'must not trust everybody'],
  ['TRUST_PROXY', 'loopback, true', 'must not trust everybody'],
  ['TRUST_PROXY', '0.0.0.0/0', 'must not trust everybody'],
  ['TRUST_PROXY', '10.0.0.1 ::/0', 'must not trust everybody'],
  ['TRUST_PROXY', 'TRUE', '"TRUE"'],
  ['TRUST_PROXY', 'yes', '"yes"'],
  ['TRUST_PROXY', 'constructor', '"constructor"'],
  ['TRUST_PROXY', '0', '1 to 10'],
  ['TRUST_PROXY', '11', '1 to 10'],
  ['PORT', '65536', '0 to 65535'],
  ['PORT', '-1', '0 to 65535'],
  ['PORT', '0x50', '0 to 65535'],
  ['PORT', '3000 4000', '0 to 65535'],
  ['BASE_PATH', 'gate', 'must look like'],
  ['BASE_PATH', '/gate/', 'must look like'],
  ['BASE_PATH', '/a/../b', 'must look like'],
  ['BASE_PATH', '/a//b', 'must look like'],
  ['BASE_PATH', '/:id', 'must look like'],
  ['PROXY_DOMAIN', '*.example.com', 'must be a domain'],
  ['PROXY_DOMAIN', 'https://proxy.example.com', 'must be a domain'],
  ['PROXY_DOMAIN', 'proxy.example.com:443', 'must be a domain'],
  ['PROXY_DOMAIN', 'Proxy.example.com', 'must be a domain'],
  ['CORS_ORIGINS', '*', 'name each origin'],
  ['CORS_ORIGINS', 'null', 'name each origin'],
  ['CORS_ORIGINS', 'https://app.example.com/', 'write https://app.example.com'],
  ['CORS_ORIGINS', 'https://APP.example.com:443', 'write https://app.example.com'],
  ['CORS_ORIGINS', 'app.example.com', 'is not an origin'],
  ['CORS_ORIGINS', 'javascript:alert(1)', 'is not an origin'],
  ['PUBLIC_URL', 'gate.example.com', 'must look like'],
  ['PUBLIC_URL', 'ftp://gate.example.com', 'must look like'],
  ['PUBLIC_URL', 'https://user:pw@gate.example.com', 'must look like'],
  ['PUBLIC_URL', 'https://gate.example.com/?x=1', 'must look like'],
  ['UPSTREAM_URL', '127.0.0.1:8080', 'must look like'],
  ['UPSTREAM_URL', 'ws://127.0.0.1:8080', 'must look like'],
  ['UPSTREAM_URL', 'http://user:pw@127.0.0.1', 'must look like'],
  ['UPSTREAM_URL', 'http://127.0.0.1/?x=1', 'must look like'],
  ['GATEWAY_PORT', 'http', '0 to 65535'],
  ['UPSTREAM_TIMEOUT', '0', '1 to 3600'],
  ['MASTER_KEY', 'secret', '32 bytes'],
  ['MASTER_KEY', 'a1'.repeat(31), '32 bytes'],
  ['MASTER_KEY', Buffer.alloc(33).toString('base64'), '32 bytes'],
  ['MASTER_KEY', `${BYTES.toString('base64').slice(0, -2)}!=`, '32 bytes'],
  ['ADMIN_EMAIL', 'ada', 'is not an e-mail address'],
  ['ADMIN_PASSWORD', 'short', '12 to 256 characters'],
  ['ADMIN_PASSWORD', 'x'.repeat(257), '12 to 256 characters'],
  ['SIGNUP', 'yes', 'off, invite, open'],
  ['SIGNUP_ORGANIZATION', 'guests', 'must look like'],
  ['SMTP_URL', 'mail.example.com:587', 'must look like'],
  ['SMTP_URL', 'https://mail.example.com', 'must look like'],
  ['MAIL_FROM', 'The Gate', 'is not an e-mail address'],
  ['MAIL_FROM', 'a@example.com, b@example.com', 'is not an e-mail address'],
  ['KEY_PREFIX', 'g', '2 to 16'],
  ['KEY_PREFIX', 'Gate', '2 to 16'],
  ['KEY_PREFIX', '1gate', '2 to 16'],
  ['KEY_PREFIX', 'gate_x', '2 to 16'],
  ['KEY_PREFIX', 'a1234567890123456', '2 to 16'],
  ['ENVIRONMENT', 'prod', 'development, staging, production'],
  ['ENVIRONMENT', 'Production', 'development, staging, production'],
  ['CLIENT_SCOPES', 'ask:run nonsense', 'nonsense'],
  ['CLIENT_SCOPES', 'settings:write', 'for operators'],
  ['AUDIT_MAX_MB', '0', '1 to 100000'],
  ['ASK_MEMORY_MB', '15', '16 to 1000000'],
  ['LOG_LEVEL', 'verbose', 'debug, info, warn, error, silent'],
];

/** What means something only beside another. */
const BESIDE: Readonly<Record<string, Record<string, string>>> = {
  GATEWAY_PORT: { UPSTREAM_URL: 'http://127.0.0.1:8080' },
};

test.each(GOOD)('%s (%s) takes %j', (name, field, text, value) => {
  expect(configOf({ ...together(name), ...BESIDE[name], [name]: text })[field]).toEqual(value);
});

test.each(BAD)('G2: %s refuses %j and says why', (name, text, words) => {
  const faults = faultsOf({ [name]: text });
  expect(faults).toHaveLength(1);
  expect(faults[0]).toMatch(new RegExp(`^${name} .*\\.$`));
  expect(faults[0]).toContain(words);
});

test('every setting has a good value in this table', () => {
  expect([...new Set(GOOD.map(([name]) => name))].sort()).toEqual(SETTING_NAMES.map(({ name }) => name).sort());
});

describe('left out or empty', () => {
  const DEFAULTS = {
    adminKey: null,
    clientKeys: [],
    rateLimit: hourly(100),
    allowedIps: null,
    trustProxy: null,
    host: '127.0.0.1',
    port: 3000,
    corsOrigins: [],
    publicUrl: null,
    proxyDomain: null,
    basePath: '',
    upstreamUrl: null,
    gatewayPort: 3001,
    upstreamTimeoutSeconds: 60,
    workspacesDir: resolve('workspaces'),
    masterKey: null,
    signup: 'invite',
    signupOrganization: 'org_default',
    adminEmail: null,
    adminPassword: null,
    smtpUrl: null,
    mailFrom: null,
    keyPrefix: 'gate',
    environment: null,
    clientScopes: [...CLIENT_PRESET],
    socket: undefined,
    metrics: null,
    auditMaxMb: 100,
    askMemoryMb: 256,
    logLevel: 'info',
  };

  test.each(['', ' ', '\t\n'])('%j is the default', (blank) => {
    const settings = Object.fromEntries(SETTING_NAMES.map(({ name }) => [name, blank]));
    const apart = { shown: expect.anything(), told: expect.anything(), fingerprintOf: expect.any(Function) };
    expect(configOf(settings)).toEqual({ ...DEFAULTS, ...apart, warnings: [] });
    expect(configOf({})).toEqual({ ...configOf(settings), ...apart });
  });
});

describe('faults', () => {
  test('are told all together, each with its name', () => {
    const bad = Object.fromEntries(BAD.map(([name, text]) => [name, text]));
    const faults = faultsOf(bad);
    expect(faults.map((fault) => fault.split(' ', 1)[0]).sort()).toEqual(Object.keys(bad).sort());
  });

  test('A4: an administrator without a password, or a password without one, is one', () => {
    for (const settings of [{ ADMIN_EMAIL: 'ada@example.com' }, { ADMIN_PASSWORD: 'plum turnip lantern' }])
      expect(faultsOf(settings)).toEqual([expect.stringMatching(/^ADMIN_EMAIL and ADMIN_PASSWORD .* go together/)]);
  });

  test('an admin key among the client keys is one', () => {
    expect(faultsOf({ ADMIN_API_KEY: HEX, VALID_API_KEYS: `other,${HEX}` })).toEqual([
      'VALID_API_KEYS holds the same key as ADMIN_API_KEY. Give clients keys of their own.',
    ]);
  });

  test('a domain for the proxy that would take Gatehouse’s own host is one', () => {
    const at = (PROXY_DOMAIN: string) => ({ PUBLIC_URL: 'https://gate.example.com', PROXY_DOMAIN });
    expect(faultsOf(at('example.com'))[0]).toContain('PROXY_DOMAIN covers the host of PUBLIC_URL');
    for (const fine of ['gate.example.com', 'proxy.example.com', 'ample.com'])
      expect(configOf(at(fine)).proxyDomain).toBe(fine);
  });
});

describe('G9: the gateway', () => {
  test('a port without an app behind it is a fault', () => {
    expect(faultsOf({ GATEWAY_PORT: '3001' })).toEqual([
      'GATEWAY_PORT is set and UPSTREAM_URL is not. Name the app behind the gateway, or remove the port.',
    ]);
  });

  test('two doors on one port are a fault, unless the system chooses', () => {
    const upstream = { UPSTREAM_URL: 'http://127.0.0.1:8080' };
    expect(faultsOf({ ...upstream, PORT: '4000', GATEWAY_PORT: '4000' })).toEqual([
      'GATEWAY_PORT and PORT are both 4000. Give the gateway another port.',
    ]);
    expect(faultsOf({ ...upstream, PORT: '3001' })).toHaveLength(1);
    expect(faultsOf({ ...upstream, PORT: '0', GATEWAY_PORT: '0' })).toEqual([]);
  });

  test.each(['http://localhost:3000', 'http://127.0.0.1:3001', 'http://[::1]:3000/x', 'http://0.0.0.0:3001'])(
    'an app behind it that is Gatehouse itself (%s) is a fault',
    (url) => {
      expect(faultsOf({ UPSTREAM_URL: url })[0]).toMatch(/^UPSTREAM_URL is this Gatehouse itself \(port 300[01]\)/);
    },
  );

  test('the same port on another host is not', () => {
    expect(faultsOf({ UPSTREAM_URL: 'http://app:3000' })).toEqual([]);
    expect(faultsOf({ UPSTREAM_URL: 'http://localhost' })).toEqual([]);
  });
});

describe('warnings', () => {
  const codes = (settings: Record<string, string>) => configOf(settings).warnings.map(({ code }) => code);

  test('K9: env keys under 32 characters are told, with how many and how to make better ones', () => {
    const { warnings } = configOf({ ADMIN_API_KEY: 'x'.repeat(31), VALID_API_KEYS: `a,b,${'c'.repeat(32)}` });
    expect(warnings).toEqual([
      { code: 'WEAK_ENV_KEY', words: 'ADMIN_API_KEY: 1 under 32 characters. Make one with: openssl rand -hex 32' },
      { code: 'WEAK_ENV_KEY', words: 'VALID_API_KEYS: 2 under 32 characters. Make one with: openssl rand -hex 32' },
    ]);
    expect(codes({ ADMIN_API_KEY: 'x'.repeat(32) })).toEqual([]);
  });

  test('A4: a mail server without an address to lead back to is told, and sends nothing', () => {
    expect(codes({ SMTP_URL: 'smtp://mail.example.com' })).toEqual(['NO_MAIL']);
    expect(codes({ SMTP_URL: 'smtp://mail.example.com', PUBLIC_URL: 'https://gate.example.com' })).toEqual([]);
  });

  test('no limit is told', () => {
    expect(codes({ API_RATE_LIMIT: 'off' })).toEqual(['NO_RATE_LIMIT']);
  });

  test('numbers on an address that others reach are told', () => {
    for (const own of ['127.0.0.1:9464', '[::1]:9464', 'localhost:9464', 'off'])
      expect(codes({ METRICS: own })).toEqual([]);
    for (const open of ['0.0.0.0:9464', '[::]:9464', '10.0.0.7:9464'])
      expect(codes({ METRICS: open })).toEqual(['OPEN_METRICS']);
  });
});

test('a config cannot be changed', () => {
  expect(Object.isFrozen(configOf({}))).toBe(true);
});
