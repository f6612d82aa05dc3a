import { describe, expect, test } from 'vitest';
import { GatehouseError } from '../../src/kernel/errors.js';
import { createLogger, describeError } from '../../src/kernel/logger.js';
import { capturingLogger } from '../support/logs.js';

const MARK = 'MARKER-7f3a';

describe('a log line', () => {
  test.each(['authorization', 'cookie', 'token', 'key', 'secret', 'password', 'presentedKey', 'x-api-key'])(
    'K1: never prints a field named %s, at any level',
    (name) => {
      const { log, text } = capturingLogger();
      for (const level of ['debug', 'info', 'warn', 'error'] as const) log[level]('happened', { [name]: MARK });
      expect(text()).not.toContain(MARK);
      expect(text().match(/\[redacted\]/g)).toHaveLength(4);
    },
  );

  test('is JSON with time, level, message and the named facts', () => {
    const { log, text } = capturingLogger();
    log.warn('happened', { route: 'ask', status: 503, none: null });
    expect(JSON.parse(text())).toEqual({
      level: 'warn',
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
      route: 'ask',
      status: 503,
      none: null,
      msg: 'happened',
    });
  });

  test('cannot be forged by a line break in a value', () => {
    const { log, text } = capturingLogger();
    log.info('happened', { name: 'a\n{"level":"error","msg":"forged"}' });
    expect(text().trimEnd().split('\n')).toHaveLength(1);
  });

  test('below the level is not written', () => {
    const lines: string[] = [];
    const log = createLogger('warn', { write: (line: string) => void lines.push(line) });
    log.debug('a');
    log.info('b');
    log.warn('c');
    expect(lines).toHaveLength(1);
  });
});

describe('describeError', () => {
  function thrownBy(work: () => unknown): unknown {
    try {
      return work();
    } catch (error) {
      return error;
    }
  }
  const systemError = Object.assign(new Error(`EACCES: ${MARK}`), { code: 'EACCES', syscall: 'open' });

  test.each<[string, unknown]>([
    ['a foreign error', new Error(MARK)],
    ['a type error', new TypeError(`Invalid character in header content ["${MARK}"]`)],
    ['a message of many lines', new Error(`first\n    at ${MARK} (file.js:1:1)\nlast`)],
    ['what V8 says of bad JSON', thrownBy(() => JSON.parse(`{\n  at ${MARK}`))],
    ['a thrown string', MARK],
    ['a thrown object', { key: MARK }],
    ['the cause of one of ours', new GatehouseError('INTERNAL', 'Try again.', { cause: new Error(MARK) })],
    [
      'the cause of one of ours, in many lines',
      new GatehouseError('INTERNAL', '-', { cause: new Error(`\n at ${MARK}`) }),
    ],
    ['a system error', systemError],
  ])('prints no message of %s', (_what, error) => {
    expect(JSON.stringify(describeError(error))).not.toContain(MARK);
  });

  test('keeps what helps: the class, the code, the call, the place', () => {
    expect(describeError(systemError)).toEqual({
      error: 'Error',
      errno: 'EACCES',
      syscall: 'open',
      at: expect.stringContaining('logger.test.ts'),
    });
    expect(describeError(new GatehouseError('NOT_FOUND', 'No such key.', { cause: systemError }))).toMatchObject({
      error: 'NOT_FOUND',
      detail: 'No such key.',
      cause: 'Error',
      errno: 'EACCES',
    });
    expect(describeError(undefined)).toEqual({ error: 'undefined' });
  });
});
