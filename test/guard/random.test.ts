import fc from 'fast-check';
import { expect, test } from 'vitest';
import { facts, Gate, hops, KEY, policy, trusting } from './gate.js';

const NAMES = [
  'x-api-key',
  'X-API-Key',
  'Authorization',
  'authorization',
  'X-Forwarded-For',
  'X-Real-IP',
  'Host',
  'Cookie',
];
const character = fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code));
const text = fc.string({ unit: character, maxLength: 40 });
const nearKey = fc.constantFrom(
  ...[
    KEY.slice(1),
    `${KEY} `,
    ` ${KEY}`,
    `${KEY},${KEY}`,
    KEY.toUpperCase(),
    `Bearer${KEY}`,
    `Bearer\t${KEY}`,
    `Basic ${KEY}`,
  ],
  ...[
    `Bearer ${KEY}x`,
    `Bearer ${KEY} ${KEY}`,
    `"${KEY}"`,
    `Bearer "${KEY}"`,
    '',
    'Bearer',
    'Bearer ',
    '127.0.0.1',
    '10.0.0.1, x',
  ],
);
const value = fc.oneof(text, nearKey);
const headers = fc
  .array(fc.tuple(fc.oneof(fc.constantFrom(...NAMES), text), value), { maxLength: 12 })
  .map((pairs) => pairs.flat());
const trusts = fc.constantFrom(null, hops(1), hops(3), trusting('192.0.2.0/24', '127.0.0.0/8'));

/** What the two slots hold, by a second and plainer reading. */
function presented(raw: readonly string[]): string[] {
  const found: string[] = [];
  for (let index = 0; index + 1 < raw.length; index += 2) {
    const [name = '', content = ''] = [raw[index]?.toLowerCase(), raw[index + 1]];
    if (name === 'x-api-key') found.push(content);
    if (name === 'authorization') found.push(/^bearer +(.*)$/is.exec(content)?.[1]?.trimStart() ?? '');
  }
  return found;
}

test('A1: no list of headers makes the guard throw, and none without the key is let in', () => {
  fc.assert(
    fc.property(headers, trusts, (rawHeaders, trust) => {
      const gate = new Gate({ trust });
      const verdict = gate.decide(facts({ rawHeaders }));
      if (verdict.allow) expect(presented(rawHeaders)).toContain(KEY);
      else expect(verdict.error.status).toBeLessThan(500);
    }),
    { numRuns: 2000 },
  );
});

test('the key put among random headers of other names is always let in', () => {
  const others = fc
    .array(
      fc.tuple(
        text.filter((name) => !NAMES.some((known) => known.toLowerCase() === name.toLowerCase())),
        value,
      ),
    )
    .map((pairs) => pairs.flat());
  fc.assert(
    fc.property(others, others, fc.constantFrom('x-api-key', 'X-Api-Key', 'X-API-KEY'), (before, after, name) => {
      expect(new Gate().decide(facts({ rawHeaders: [...before, name, KEY, ...after] })).allow).toBe(true);
    }),
  );
});

test('on a public route random credentials never make anybody', () => {
  fc.assert(
    fc.property(headers, (rawHeaders) => {
      fc.pre(!presented(rawHeaders).includes(KEY));
      const verdict = new Gate().decide(facts({ rawHeaders }), policy({ authModes: ['public'] }));
      if (verdict.allow) expect(verdict.principal.kind).toBe('anonymous');
    }),
  );
});
