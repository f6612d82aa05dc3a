import { describe, expect, test } from 'vitest';
import { isGatehouseError } from '../../src/kernel/errors.js';
import { applyAuth, authOf, needsExchange, secretsOf } from '../../src/vault/credential-types/auth.js';
import { openCredentialTypes } from '../../src/vault/credential-types/catalogue.js';
import catalogue from '../../src/vault/credential-types/catalogue.json' with { type: 'json' };
import { checkFields } from '../../src/vault/credential-types/fields.js';
import {
  allowsHost,
  baseUrlOf,
  exchangeHostsOf,
  hostFieldsOf,
  hostsOf,
} from '../../src/vault/credential-types/hosts.js';
import type { CredentialType } from '../../src/vault/credential-types/schema.js';
import { hostOf } from '../../src/vault/credential-types/template.js';
import { SAMPLES } from './samples.js';

const types = openCredentialTypes();
const typeOf = (id: string): CredentialType => {
  const type = types.get(id);
  if (type === undefined) throw new Error(id);
  return type;
};
const check = (id: string, change: Record<string, unknown> = {}) =>
  checkFields(typeOf(id), { ...SAMPLES[id], ...change });
const refusalOf = (id: string, change: Record<string, unknown>): string => {
  try {
    check(id, change);
  } catch (error) {
    if (isGatehouseError(error) && error.code === 'BAD_REQUEST') return error.detail;
    throw error;
  }
  return 'nothing was refused';
};
const authFor = (id: string, change: Record<string, unknown> = {}) =>
  authOf(typeOf(id), check(id, change).values, { access_token: 'exchanged' });

describe('the catalogue', () => {
  test('V1: 26 typed credentials and Custom, found by words and category', () => {
    expect(types.all).toHaveLength(27);
    expect(types.find({ search: 'MAIL  smtp' }).map(({ id }) => id)).toEqual(['smtp']);
    expect(types.find({ search: 'webhook' }).map(({ id }) => id)).toEqual(['stripe_webhook', 'polar_webhook']);
    expect(types.find({ category: 'ai' }).map(({ id }) => id)).toEqual(['openai', 'anthropic', 'gemini']);
    expect(types.find({ search: 'nothing of the kind' })).toEqual([]);
  });

  test.each(types.all.map(({ id }) => id))('V1: %s takes its documented shape without a warning', (id) => {
    const { values, warnings } = check(id);
    expect(warnings).toEqual([]);
    const secrets = secretsOf(typeOf(id), values);
    expect(secrets.length).toBeGreaterThan(0);
    for (const host of hostsOf(typeOf(id), values)) expect(host).toMatch(/^[a-z0-9.:*-]+$/);
    const base = baseUrlOf(typeOf(id), values);
    if (base !== null) expect(allowsHost(hostsOf(typeOf(id), values), hostOf(base))).toBe(true);
  });

  test('V1: every secret field of every type reaches a slot, or the type sends none', () => {
    for (const type of types.all) {
      if (type.auth.length === 0) continue;
      const { headers, query, pathPrefix } = authOf(type, checkFields(type, SAMPLES[type.id] ?? {}).values, {
        access_token: 'exchanged',
      });
      expect(headers.length + query.length + pathPrefix.length, type.id).toBeGreaterThan(0);
    }
  });

  test.each<[string, (type: Record<string, unknown>) => void, RegExp]>([
    ['an unknown member', (type) => Object.assign(type, { sendTo: 'x' }), /sendTo/],
    ['a template that names no field', (type) => Object.assign(type, { baseUrl: 'https://{nowhere}' }), /nowhere/],
    [
      'a secret that decides the host',
      (type) => Object.assign(type, { baseUrl: 'https://{apiKey}' }),
      /apiKey is secret/,
    ],
    ['a category that is not listed', (type) => Object.assign(type, { category: 'other' }), /category/],
    ['no test and no reason', (type) => Object.assign(type, { test: null }), /testReason/],
  ])('a type with %s stops the start', (_name, harm, words) => {
    const document = structuredClone(catalogue) as unknown as { types: Record<string, unknown>[] };
    harm(document.types.find(({ id }) => id === 'stripe') ?? {});
    expect(() => openCredentialTypes(document)).toThrow(words);
  });

  test('adding a type is adding an entry to the data', () => {
    const document = structuredClone(catalogue) as unknown as { types: Record<string, unknown>[] };
    document.types.push({
      id: 'mailer',
      label: 'Mailer',
      category: 'email',
      fields: [{ name: 'key', label: 'Key', kind: 'secret', secret: true, required: true, help: 'The key.' }],
      auth: [{ in: 'header', name: 'X-Key', template: '{key}' }],
      baseUrl: 'https://api.mailer.example',
      allowedHosts: ['api.mailer.example'],
      extraHeaders: [],
      test: { method: 'GET', path: '/me', expectStatus: 200 },
      docs: [],
    });
    const mailer = openCredentialTypes(document).get('mailer');
    const { values } = checkFields(mailer as CredentialType, { key: 'k' });
    expect(authOf(mailer as CredentialType, values).headers).toEqual([['X-Key', 'k']]);
  });
});

describe('fields', () => {
  test('V1: required fields are asked, also those that another field makes required', () => {
    expect(refusalOf('stripe', { apiKey: '' })).toBe('fields.apiKey: is missing (Secret or restricted key).');
    expect(refusalOf('twilio', { apiKeySid: null, apiKeySecret: '' })).toMatch(/apiKeySid.*apiKeySecret/);
    expect(refusalOf('shopify', { authMode: 'clientCredentials' })).toMatch(
      /accessToken: belongs to authMode accessToken/,
    );
    expect(refusalOf('stripe', { colour: 'red' })).toMatch(/fields.colour: Stripe has no such field; it has apiKey/);
    expect(refusalOf('google_sheets', { serviceAccountJson: '{"type":"service_account"}' })).toMatch(
      /has no client_email/,
    );
  });

  test('V1: a shape that no vendor documents is a warning, except where it decides the host', () => {
    expect(check('stripe', { apiKey: 'a-new-kind-of-key' }).warnings).toEqual([
      'apiKey: does not look as the vendor documents it',
    ]);
    expect(refusalOf('shopify', { shop: 'evil.example/' })).toMatch(/fields.shop/);
    expect(refusalOf('github', { apiHost: 'evil.example#' })).toMatch(/fields.apiHost/);
    expect(refusalOf('polar', { server: 'evil.example' })).toMatch(/fields.server: is one of/);
    expect(refusalOf('twilio', { accountSid: '../../x' })).toMatch(/fields.accountSid/);
  });

  test.each([
    ['a line break', 'good\r\nX-Evil: 1'],
    ['a bare line feed', 'good\nX-Evil: 1'],
    ['a NUL', 'good\0'],
    ['a character no header carries', 'good\u4e2d'],
    ['50,000 characters', 'a'.repeat(50_000)],
    ['a list', ['a']],
    ['a number', 5],
    ['an object', { toString: 'x' }],
  ])('a secret with %s is refused, and not quoted', (_name, apiKey) => {
    const detail = refusalOf('stripe', { apiKey });
    expect(detail).toMatch(/^fields/);
    expect(detail).not.toContain('good');
    expect(detail.length).toBeLessThan(200);
  });

  test.each([
    ['user information', 'https://user:pass@api.example.com'],
    ['a user alone', 'https://user@api.example.com'],
    ['a backslash', 'https://api.example.com\\@evil.example'],
    ['another scheme', 'file:///etc/passwd'],
    ['a query', 'https://api.example.com/?a=b'],
    ['no scheme', 'api.example.com'],
  ])('a base URL with %s is refused', (_name, baseUrl) => {
    expect(refusalOf('http_request', { baseUrl })).toMatch(/fields.baseUrl/);
  });

  test('a header that steers the connection cannot be a credential, and no header twice', () => {
    for (const headerName of ['Host', 'content-length', 'Transfer-Encoding', 'a b'])
      expect(refusalOf('http_request', { scheme: 'header', token: null, headerName, headerValue: 'v' })).toMatch(
        /header/,
      );
    const twice = { scheme: 'headers', token: null, headers: { 'X-A': '1', 'x-a': '2' } };
    expect(refusalOf('http_request', twice)).toMatch(/twice/);
    const broken = { scheme: 'headers', token: null, headers: { 'X-A': '1\r\nX-B: 2' } };
    expect(refusalOf('http_request', broken)).toMatch(/no header can carry/);
    expect(refusalOf('http_request', { ...twice, headers: JSON.parse('{"__proto__":"x"}') })).toMatch(/__proto__/);
  });

  test('defaults are filled in, numbers and switches are read from texts, lists from lines', () => {
    const smtp = check('smtp', { port: '587', secure: 'false' }).values;
    expect(smtp).toMatchObject({ port: 587, secure: false });
    expect(check('openai').values['baseUrl']).toBe('https://api.openai.com/v1');
    expect(check('custom', { allowedHosts: 'A.example.com\n*.b.example' }).values['allowedHosts']).toEqual([
      'a.example.com',
      '*.b.example',
    ]);
    expect(refusalOf('smtp', { port: 70_000 })).toMatch(/65535/);
  });
});

describe('hosts', () => {
  test('V6: a credential reaches the hosts of its type and nothing else', () => {
    const stripe = hostsOf(typeOf('stripe'), check('stripe').values);
    expect(stripe).toEqual(['api.stripe.com']);
    expect(allowsHost(stripe, 'API.Stripe.com')).toBe(true);
    expect(allowsHost(stripe, 'api.stripe.com.')).toBe(true);
    for (const host of ['api.stripe.com:8443', 'evil.api.stripe.com', 'api.stripe.com.evil.example', 'stripe.com', ''])
      expect(allowsHost(stripe, host), host).toBe(false);
    expect(hostsOf(typeOf('stripe'), check('stripe').values, ['files.stripe.com'])).toContain('files.stripe.com');
    expect(hostsOf(typeOf('smtp'), check('smtp').values)).toEqual(['mail.example.com:465']);
    expect(hostsOf(typeOf('stripe_webhook'), check('stripe_webhook').values)).toEqual([]);
  });

  test('a wildcard covers one label; a port and plain http are part of the host', () => {
    const hosts = hostsOf(
      typeOf('http_request'),
      check('http_request', { baseUrl: 'http://localhost:11434/v1', allowedHosts: ['*.example.com', 'b.example:8443'] })
        .values,
    );
    expect(hosts).toEqual(['localhost:11434', '*.example.com', 'b.example:8443']);
    expect(allowsHost(hosts, 'a.example.com')).toBe(true);
    for (const host of ['example.com', 'a.b.example.com', '.example.com', 'localhost', 'b.example'])
      expect(allowsHost(hosts, host), host).toBe(false);
    expect(hostOf('http://a.example')).toBe('a.example:80');
    expect(hostOf('https://A.example.:443')).toBe('a.example');
    expect(hostOf('https://bücher.example')).toBe('xn--bcher-kva.example');
  });

  test('V2: the fields that decide the host are known by the templates', () => {
    expect([...hostFieldsOf(typeOf('openai'))]).toEqual(['baseUrl']);
    expect([...hostFieldsOf(typeOf('shopify'))]).toEqual(['shop']);
    expect([...hostFieldsOf(typeOf('http_request'))]).toEqual(['baseUrl', 'allowedHosts']);
    expect([...hostFieldsOf(typeOf('stripe'))]).toEqual([]);
  });
});

describe('slots', () => {
  test('V6: each type puts the key where its vendor looks for it', () => {
    expect(authFor('openai').headers).toEqual([['Authorization', 'Bearer sk-proj-0123456789']]);
    expect(authFor('discord').headers[0]?.[1]).toMatch(/^Bot MTIz/);
    expect(authFor('linear').headers[0]?.[1]).toMatch(/^lin_api_/);
    expect(authFor('gemini').headers[0]?.[0]).toBe('x-goog-api-key');
    const basic = authFor('twilio').headers[0]?.[1] ?? '';
    expect(Buffer.from(basic.replace('Basic ', ''), 'base64').toString()).toBe(
      `SK${'1'.repeat(32)}:twilio-secret-0123456789`,
    );
    expect(authFor('telegram').pathPrefix).toBe(`/bot${SAMPLES['telegram']?.['botToken']}`);
    expect(authFor('trello').query).toEqual([
      ['key', 'a'.repeat(32)],
      ['token', 'B'.repeat(64)],
    ]);
    expect(authFor('google_sheets').headers).toEqual([['Authorization', 'Bearer exchanged']]);
    expect(authFor('http_request', { scheme: 'query', token: null, queryName: 'k', queryValue: 'v' }).query).toEqual([
      ['k', 'v'],
    ]);
    const many = { scheme: 'headers', token: null, headers: { 'X-A': '1', 'X-B': '2' } };
    expect(authFor('http_request', many).headers).toEqual([
      ['X-A', '1'],
      ['X-B', '2'],
    ]);
    expect(authFor('http_request', { scheme: 'basic', token: null, username: 'u' }).headers).toEqual([
      ['Authorization', `Basic ${Buffer.from('u:').toString('base64')}`],
    ]);
  });

  test('pins win over the caller, defaults do not, and what is unset is left out', () => {
    const pinned = authFor('stripe', { account: 'acct_12345678' });
    expect(pinned.headers).toContainEqual(['Stripe-Account', 'acct_12345678']);
    expect(pinned.headers.map(([name]) => name)).not.toContain('Stripe-Version');
    const request = {
      url: new URL('https://api.anthropic.com/v1/messages?a=b'),
      headers: new Map([
        ['x-api-key', 'from the caller'],
        ['anthropic-version', '2030-01-01'],
      ]),
    };
    const { headers, url } = applyAuth(authFor('anthropic'), request, 'https://api.anthropic.com');
    expect(Object.fromEntries(headers)).toEqual({
      'x-api-key': SAMPLES['anthropic']?.['apiKey'],
      'anthropic-version': '2030-01-01',
    });
    expect(url.href).toBe('https://api.anthropic.com/v1/messages?a=b');
  });

  test('path and query slots go into the URL', () => {
    const telegram = applyAuth(
      authFor('telegram'),
      { url: new URL('https://api.telegram.org/getMe'), headers: new Map() },
      'https://api.telegram.org',
    );
    expect(telegram.url.href).toBe(`https://api.telegram.org/bot${SAMPLES['telegram']?.['botToken']}/getMe`);
    const trello = applyAuth(
      authFor('trello'),
      { url: new URL('https://api.trello.com/1/members/me?token=mine&fields=id'), headers: new Map() },
      'https://api.trello.com',
    );
    expect(trello.url.searchParams.getAll('token')).toEqual(['B'.repeat(64)]);
    expect(trello.url.searchParams.get('fields')).toBe('id');
  });

  test('an exchange is wanted only where it applies, and only from its own host', () => {
    expect(needsExchange(typeOf('google_sheets'), check('google_sheets').values)).toBe(true);
    expect(exchangeHostsOf(typeOf('google_sheets'), check('google_sheets').values)).toEqual(['oauth2.googleapis.com']);
    expect(needsExchange(typeOf('shopify'), check('shopify').values)).toBe(false);
    const { values } = check('shopify', {
      authMode: 'clientCredentials',
      accessToken: null,
      clientId: 'id',
      clientSecret: 'shop-secret',
    });
    expect(needsExchange(typeOf('shopify'), values)).toBe(true);
    expect(authOf(typeOf('shopify'), values, { access_token: 't' }).headers).toEqual([['X-Shopify-Access-Token', 't']]);
  });

  test('V2: the private key inside a key file counts as a secret by itself', () => {
    expect(secretsOf(typeOf('google_sheets'), check('google_sheets').values)).toContain(
      'google-private-key-0123456789',
    );
    const { values } = check('custom', { values: { A: 'one', B: 'two\nlines' } });
    expect(secretsOf(typeOf('custom'), values)).toEqual(['one', 'two\nlines']);
  });

  test('what was put into a template is never looked at again', () => {
    expect(authFor('openai', { apiKey: '{organization}', organization: 'org-1' }).headers[0]).toEqual([
      'Authorization',
      'Bearer {organization}',
    ]);
  });
});
