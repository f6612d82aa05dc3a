import { describe, expect, test } from 'vitest';
import { openCredentialTypes } from '../../../src/vault/credential-types/catalogue.js';
import { findKey } from '../../../src/vault/proxy/vendor-slots.js';

const KEY = 'gate_sdk_live_0123456789abcdefghijABCDEFGHIJ0123456789abcdefgh';
const types = openCredentialTypes();
const basic = (user: string, password: string) => `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;

interface Sent {
  readonly headers?: Readonly<Record<string, string>>;
  readonly path?: string;
  readonly query?: string;
}

function find(type: string, { headers = {}, path = '/v1/x', query = '' }: Sent, fields = {}) {
  const source = { rawHeaders: Object.entries(headers).flat(), path, query };
  return findKey(source, types.get(type)?.acceptSchemes, fields);
}

/** How the libraries of each vendor send their key. */
const SENT: readonly [string, Sent][] = [
  ['stripe', { headers: { Authorization: `Bearer ${KEY}` } }],
  ['stripe', { headers: { authorization: basic(KEY, '') } }],
  ['openai', { headers: { authorization: `bearer ${KEY}` } }],
  ['openai', { headers: { 'api-key': KEY } }],
  ['anthropic', { headers: { 'X-Api-Key': KEY } }],
  ['gemini', { headers: { 'x-goog-api-key': KEY } }],
  ['gemini', { query: `?pageSize=1&key=${KEY}` }],
  ['github', { headers: { authorization: `token ${KEY}` } }],
  ['github', { headers: { authorization: basic('x-access-token', KEY) } }],
  ['github', { headers: { authorization: basic(KEY, '') } }],
  ['discord', { headers: { Authorization: `Bot ${KEY}` } }],
  ['linear', { headers: { Authorization: KEY } }],
  ['linear', { headers: { Authorization: `Bearer ${KEY}` } }],
  ['twilio', { headers: { Authorization: basic('AC00000000000000000000000000000000', KEY) } }],
  ['telegram', { path: `/bot${KEY}/getMe` }],
  ['telegram', { path: `/file/bot${KEY}/photos/1.png` }],
  ['trello', { query: `?key=${KEY}&token=${KEY}` }],
  ['trello', { query: `?fields=id&token=${KEY}` }],
  ['shopify', { headers: { 'X-Shopify-Access-Token': KEY } }],
  ['whatsapp', { query: `?access_token=${KEY}` }],
  ['slack', { headers: { 'x-api-key': KEY } }],
  ['unknown type', { headers: { Authorization: `Bearer ${KEY}` } }],
];

describe('V6: the key is found where the libraries of the vendor put theirs', () => {
  test.each(SENT)('V6: %s %j', (type, sent) => {
    const found = find(type, sent);
    expect(found.credential).toEqual({ kind: 'presented', presentedKey: KEY, slot: 'vendor' });
    expect(found.path).not.toContain(KEY);
    expect(found.query).not.toContain(KEY);
    for (const name of Object.keys(sent.headers ?? {})) expect(found.headerSlots).toContain(name.toLowerCase());
  });

  test('V6: slots of an HTTP request credential have their names from its fields', () => {
    const named = { headerName: 'X-Acme-Key', queryName: 'acme' };
    expect(find('http_request', { headers: { 'x-acme-key': KEY } }, named).credential.kind).toBe('presented');
    expect(find('http_request', { query: `?acme=${KEY}` }, named).credential.kind).toBe('presented');
    expect(find('http_request', { headers: { 'x-acme-key': KEY } }).credential.kind).toBe('none');
  });

  test.each<[string, Sent]>([
    ['stripe', {}],
    ['stripe', { headers: { 'x-goog-api-key': KEY } }],
    ['stripe', { query: `?key=${KEY}` }],
    ['stripe', { path: `/bot${KEY}/x` }],
    ['stripe', { headers: { authorization: KEY } }],
    ['stripe', { headers: { authorization: `token ${KEY}` } }],
    ['twilio', { headers: { authorization: basic(KEY, '') } }],
    ['github', { headers: { authorization: 'Basic !!!!' } }],
    ['telegram', { path: '/bot/getMe' }],
    ['telegram', { path: `/bot${KEY}` }],
  ])('V6: a place that is no slot of the type holds no key: %s %j', (type, sent) => {
    expect(find(type, sent).credential.kind).toBe('none');
  });

  test.each<[string, Sent]>([
    ['stripe', { headers: { authorization: `Bearer ${KEY}`, 'x-api-key': 'another' } }],
    ['gemini', { headers: { 'x-goog-api-key': KEY }, query: '?key=another' }],
    ['gemini', { headers: { 'x-goog-api-key': KEY }, query: '?key=' }],
    ['trello', { query: `?key=${KEY}&token=another` }],
    ['trello', { query: `?token=${KEY}&token=${KEY}` }],
    ['telegram', { headers: { authorization: `Bearer ${KEY}` }, path: '/botanother/getMe' }],
  ])('V6: two keys are nobody’s to choose between: %s %j', (type, sent) => {
    expect(find(type, sent).credential.kind).toBe('ambiguous');
  });

  test('V6: a header that is sent twice is refused, whatever it holds', () => {
    const source = { path: '/', query: '', rawHeaders: ['x-api-key', KEY, 'X-API-Key', KEY] };
    expect(findKey(source).credential.kind).toBe('ambiguous');
  });

  test('V6: the rest of the query stays as it was written', () => {
    const query = `?b=%7e+x&key=${KEY}&a=1&a=&&c`;
    expect(find('gemini', { query }).query).toBe('?b=%7e+x&a=1&a=&&c');
    expect(find('gemini', { query: `?key=${KEY}` }).query).toBe('');
    // A name in disguise is the same name to the vendor.
    expect(find('gemini', { query: `?%6bey=${KEY}` }).credential.kind).toBe('presented');
  });

  test('V6: what stood before the key in the path is told, for files have another path than methods', () => {
    expect(find('telegram', { path: `/bot${KEY}/getMe` })).toMatchObject({ path: '/getMe', pathSlot: '/bot' });
    const file = find('telegram', { path: `/file/bot${KEY}/a/b.png` });
    expect(file).toMatchObject({ path: '/a/b.png', pathSlot: '/file/bot' });
  });
});
