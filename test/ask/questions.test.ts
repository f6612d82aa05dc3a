import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readQuestion } from '../../src/ask/question.js';
import { stem } from '../../src/ask/stem.js';
import { eachTerm } from '../../src/ask/tokens.js';
import { type Desk, openDesk } from './desk.js';

const termsOf = (text: string) => {
  const terms: string[] = [];
  eachTerm(text, (term) => terms.push(term));
  return terms;
};

describe('terms', () => {
  test.each([
    ['RateLimiter', ['rat', 'limit', 'ratelimit']],
    ['rate_limiter', ['rat', 'limit', 'ratelimit']],
    ['rateLimiter', ['rat', 'limit', 'ratelimit']],
    ['RATE_LIMITER', ['rat', 'limit', 'ratelimit']],
    ['rate-limiter', ['rat', 'limit']],
    ['HTTPServer2', ['http', 'serv', 'httpserver2']],
    ['fs.readFile', ['fs', 'read', 'fil', 'readfil']],
    ['server/routes/loans.ts', ['serv', 'rout', 'loan', 'ts']],
    ['429', ['429']],
    ['x', []],
    ['Überfällig', ['überfällig']],
    ['検索機能', ['検索', '索機', '機能']],
    ['a'.repeat(200), []],
  ])('%s', (text, terms) => {
    expect(termsOf(text)).toEqual(terms);
  });

  test('a word gives the same terms however many others were read in between', () => {
    for (let at = 0; at < 10_000; at++) termsOf(`between${at}`);
    expect(termsOf('RateLimiter')).toEqual(['rat', 'limit', 'ratelimit']);
    expect(termsOf('RateLimiter rate_limiter')).toEqual(['rat', 'limit', 'ratelimit', 'rat', 'limit', 'ratelimit']);
  });

  test('an ordinal helps to find and is not what is asked about', () => {
    const { concepts, verbatim } = readQuestion('How is the ending of a day made, such as 1st or 22nd?');
    const termsThat = (meaningful: boolean) =>
      concepts.filter((one) => one.meaningful === meaningful).map((one) => one.variants[0]?.term);
    expect(termsThat(true)).not.toContain('1st');
    expect(termsThat(false)).toEqual(expect.arrayContaining(['1st', '22nd']));
    expect(verbatim).toContain('ending');
  });

  test.each([
    'calculate calculates calculated calculating calculation calculations calculator',
    'limit limits limited limiting limiter limiters',
    'verify verifies verified verifying',
    'send sends sending sender',
    'retry retries retried',
    'authorize authorized authorization authorise authorisation',
    'class classes',
    'cache caches cached caching',
    'store stores stored storing',
  ])('one stem for: %s', (words) => {
    expect(new Set(words.split(' ').map(stem)).size).toBe(1);
  });

  test.each(['this', 'status', 'bus', 'class', 'process'])('%s keeps its s', (word) => {
    expect(stem(word).endsWith('s')).toBe(true);
  });
});

describe('questions', () => {
  test.each([
    'How does this code work?',
    'what does this project do',
    'Explain the architecture',
    'overview',
    'What is this?',
  ])('%s asks for an overview', (question) => expect(readQuestion(question).wantsOverview).toBe(true));

  test.each(['', '???', '🤷', 'the of and', 'How are fines computed?'])('%j does not', (question) =>
    expect(readQuestion(question).wantsOverview).toBe(false),
  );
});

describe('any text may be asked', () => {
  let desk: Desk;
  beforeAll(async () => {
    desk = await openDesk();
    await desk.write('limits/RateLimiter.ts', 'export class RateLimiter {\n  takeToken() {}\n}\n');
    await desk.write('limits/other.py', 'def rate_limiter():\n    pass\n');
    for (let at = 0; at < 300; at++) {
      await desk.write(`f${at}.ts`, `export function walrus${at}(value: string) {\n  return value;\n}\n`.repeat(20));
    }
    await desk.ask('warm up');
  });
  afterAll(() => desk.close());

  test.each([
    'rate limiter',
    'RateLimiter',
    'rate_limiter',
    'rate-limiter',
    'ratelimiter',
    'Which class limits rates?',
  ])('%s finds the class and the function', async (question) => {
    const paths = (await desk.ask(question)).citations.map(({ path }) => path);
    expect(paths.slice(0, 2).sort()).toEqual(['limits/RateLimiter.ts', 'limits/other.py']);
  });

  test.each([
    ['control characters', '\u0000\u0001\u001b[2J\u007f\r\n\u2028'],
    ['punctuation', '?!.,;:()[]{}<>"\'`~@#$%^&*-+=|\\/'],
    ['one emoji', '👩‍👩‍👧‍👦'],
    ['a regular expression', '(a+)+$ [^]{1,9999} (?<=x) \\p{L}*+'],
    ['lone surrogates', '\ud800 \udfff \ud83d'],
    ['right-to-left', 'שלום \u202e dlrow'],
    ['names of Object', '__proto__ constructor toString hasOwnProperty'],
    ['8,000 characters of one word', 'a'.repeat(8000)],
    ['8,000 characters of ligatures', '\ufdfa'.repeat(8000)],
    ['8,000 characters of common words', 'export function value string return walrus '.repeat(200).slice(0, 8000)],
    [
      '2,600 different words',
      Array.from({ length: 2600 }, (_, at) => `w${at.toString(36)}`)
        .join(' ')
        .slice(0, 8000),
    ],
    ['8,000 capitals', 'ABCDEFGH'.repeat(1000)],
    ['8,000 combining marks', `a${'\u0301'.repeat(7999)}`],
  ])('%s: an answer, and soon', async (_name, question) => {
    const startedAt = performance.now();
    const answer = await desk.ask(question);
    expect(performance.now() - startedAt).toBeLessThan(1000);
    expect(answer).toMatchObject({ model: null, answer: expect.stringContaining('without a model') });
  });

  test('a pasted log still finds the lines it speaks of', async () => {
    const noise = Array.from({ length: 120 }, (_, at) => `frame${at} at0x${(at * 7919).toString(16)}`).join(' ');
    const { citations } = await desk.ask(
      `${noise.slice(0, 700)} RateLimiter takeToken rate_limiter ${noise.slice(700)}`,
    );
    expect(citations[0]?.path).toBe('limits/RateLimiter.ts');
  });

  test('anything else', async () => {
    const text = fc.string({ unit: 'binary', minLength: 1, maxLength: 400 });
    await fc.assert(
      fc.asyncProperty(text, async (question) => {
        const { citations } = await desk.ask(question);
        for (const { startLine, endLine } of citations) expect(startLine).toBeLessThanOrEqual(endLine);
      }),
      { numRuns: 200 },
    );
  });
});
