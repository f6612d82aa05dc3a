import { expect, test } from 'vitest';
import { facts, Gate, KEY, keyMatch, policy, principal } from './gate.js';

const APP = 'https://app.example.com';
const web = keyMatch({ principal: principal({ allowedOrigins: [APP, 'http://localhost:5173'] }) });

const decide = (headers: string[], over = {}) => {
  const gate = new Gate({ keys: { [KEY]: web } });
  const verdict = gate.guard.decide(facts({ rawHeaders: ['X-API-Key', KEY, ...headers] }), policy(over));
  return { gate, said: verdict.allow ? 'allow' : `${verdict.error.code} ${verdict.reason}` };
};

test.each<[string, string[], string]>([
  ['its origin', ['Origin', APP], 'allow'],
  ['its origin, the name of the header in any case', ['oRIGIN', APP], 'allow'],
  ['another of its origins', ['Origin', 'http://localhost:5173'], 'allow'],
  ['none', [], 'ORIGIN_NOT_ALLOWED key-origin'],
  ['an empty one', ['Origin', ''], 'ORIGIN_NOT_ALLOWED key-origin'],
  ['null, as sandboxed frames send it', ['Origin', 'null'], 'ORIGIN_NOT_ALLOWED key-origin'],
  ['another letter case', ['Origin', 'https://App.example.com'], 'ORIGIN_NOT_ALLOWED key-origin'],
  ['a path behind it', ['Origin', `${APP}/`], 'ORIGIN_NOT_ALLOWED key-origin'],
  ['two, of which one is its own', ['Origin', APP, 'Origin', 'https://evil.example'], 'ORIGIN_NOT_ALLOWED key-origin'],
  ['twice its own', ['Origin', APP, 'Origin', APP], 'ORIGIN_NOT_ALLOWED key-origin'],
  ['a header that is named alike', ['X-Origin', APP], 'ORIGIN_NOT_ALLOWED key-origin'],
])('K2: a key of pages with %s', (_what, headers, said) => {
  expect(decide(headers).said).toBe(said);
});

test('K2: refused for its origin a key spends nothing of its limit, and the audit knows whose it was', () => {
  const { gate } = decide(['Origin', 'https://evil.example']);
  expect(gate.windows.size).toBe(0);
  expect(gate.refused).toMatchObject([{ code: 'ORIGIN_NOT_ALLOWED', reason: 'key-origin', actor: 'key_one' }]);
});

test('K2: on a public route a key is still bound by what it is', () => {
  expect(decide([], { authModes: ['public'] }).said).toBe('ORIGIN_NOT_ALLOWED key-origin');
});

test('K2: what a page wrote as its origin is told short and on one line', () => {
  const gate = new Gate({ keys: { [KEY]: web } });
  const origin = `https://${'e'.repeat(4000)}.example"`;
  const verdict = gate.guard.decide(facts({ rawHeaders: ['X-API-Key', KEY, 'Origin', origin] }), policy());
  expect(verdict.allow ? '' : verdict.error.detail.length).toBeLessThan(400);
});
