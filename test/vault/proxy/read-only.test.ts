import { describe, expect, test } from 'vitest';
import { openCredentialTypes } from '../../../src/vault/credential-types/catalogue.js';
import { holdsQueriesOnly, judgeRead } from '../../../src/vault/proxy/read-only.js';

const types = openCredentialTypes();
const judge = (type: string, method: string, path: string, query = '', rawHeaders: string[] = []) =>
  judgeRead({ method, path, query, rawHeaders }, types.get(type)?.reads);

describe('what is a read', () => {
  test.each([
    ['stripe', 'GET', '/v1/customers/search?query=x'],
    ['stripe', 'HEAD', '/v1/balance'],
    ['telegram', 'POST', '/getMe'],
    ['telegram', 'GET', '/getChat'],
    ['telegram', 'GET', '/file/photos/1.png'],
    ['slack', 'POST', '/api/conversations.history'],
    ['slack', 'GET', '/api/auth.test'],
    ['notion', 'POST', '/v1/databases/abc/query'],
    ['hubspot', 'POST', '/crm/v3/objects/contacts/search'],
    ['openai', 'POST', '/v1/chat/completions'],
    ['anthropic', 'POST', '/v1/messages'],
    ['gemini', 'POST', '/v1beta/models/gemini-2.5-pro:generateContent'],
    ['whatsapp', 'GET', '/v26.0/1234'],
  ])('%s %s %s', (type, method, path) => {
    const [plain = '', query] = path.split('?');
    expect(judge(type, method, plain, query === undefined ? '' : `?${query}`)).toBe('read');
  });

  test.each([
    ['stripe', 'POST', '/v1/charges', ''],
    ['stripe', 'DELETE', '/v1/customers/1', ''],
    ['telegram', 'GET', '/sendMessage', '?text=x'],
    ['telegram', 'GET', '/getUpdates', '?offset=5'],
    ['telegram', 'POST', '/getMe/../sendMessage', ''],
    ['slack', 'GET', '/api/chat.postMessage', ''],
    ['slack', 'POST', '/api/conversations.open', ''],
    ['notion', 'POST', '/v1/pages', ''],
    ['notion', 'PATCH', '/v1/databases/abc/query', ''],
    ['openai', 'POST', '/v1/files', ''],
    ['openai', 'DELETE', '/v1/files/1', ''],
    ['whatsapp', 'GET', '/v26.0/1234', '?method=delete'],
    ['trello', 'GET', '/1/boards', '?_method=delete'],
    ['linear', 'GET', '/graphql', ''],
    ['github', 'POST', '/graphql', '?query=mutation{x}'],
    ['stripe', 'OPTIONS', '/v1/balance', ''],
  ])('%s %s %s%s is none', (type, method, path, query) => {
    expect(judge(type, method, path, query)).toBe('write');
  });

  test('a header that says another method makes it none', () => {
    for (const name of ['X-HTTP-Method-Override', 'x-http-method', 'X-Method-Override'])
      expect(judge('stripe', 'GET', '/v1/balance', '', [name, 'DELETE'])).toBe('write');
  });

  test.each([
    ['linear', '/graphql'],
    ['github', '/graphql'],
    ['github', '/api/graphql'],
    ['shopify', '/admin/api/2026-07/graphql.json'],
  ])('%s at %s depends on the body', (type, path) => expect(judge(type, 'POST', path)).toBe('graphql'));
});

describe('GraphQL that holds queries only', () => {
  test.each([
    '{ viewer { id } }',
    'query { viewer { id } }',
    'query Q($a: In = {x: "}"}, $b: [ID!]) @d(if: true) { a(b: $b, c: {d: "mutation {"}) { ...F } } fragment F on T { x }',
    '# mutation M { x }\nquery { a(s: """ mutation "quoted" { """) }',
    'fragment F on T { x } { a { ...F } }',
  ])('%s', (query) => expect(holdsQueriesOnly(JSON.stringify({ query }))).toBe(true));

  test.each([
    'mutation { x }',
    'query A { a } mutation B { b }',
    'query A { a }mutation B{b}',
    '{ a } subscription S { b }',
    'query A { a(s: "\\"") } mutation B { b }',
    'query A { a(s: """ \\""" """) } mutation B { b }',
    '# comment\rmutation { x }',
    'query A { a(s: "',
    '{ a } }mutation{x}{',
    '',
    '   ',
    'type T { x: Int }',
    '(mutation) { x }',
  ])('%s is more', (query) => expect(holdsQueriesOnly(JSON.stringify({ query }))).toBe(false));

  test.each([
    '',
    'null',
    '[]',
    '{}',
    '{"query":1}',
    'not json',
    '{"query":"mutation{x}"',
    '[{"query":"{a}"},{"query":"mutation{x}"}]',
    '{"extensions":{"persistedQuery":{}}}',
  ])('the body %s is more', (body) => expect(holdsQueriesOnly(body)).toBe(false));
});
