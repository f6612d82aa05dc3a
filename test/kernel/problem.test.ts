import { expect, test } from 'vitest';
import { ERRORS, type ErrorCode } from '../../src/contract/codes.js';
import { Problem } from '../../src/contract/problem.js';
import { GatehouseError } from '../../src/kernel/errors.js';
import { problemHeaders, toProblem } from '../../src/kernel/problem.js';

const codes = Object.keys(ERRORS) as ErrorCode[];

test.each(codes)('%s has the one shape, and its private cause stays private', (code) => {
  const error = new GatehouseError(code, 'Do this next.', { cause: new Error('SECRET-CAUSE') });
  const problem = toProblem(error, 'req_1');
  expect(Problem.parse(problem)).toEqual({
    type: 'about:blank',
    title: ERRORS[code].error,
    status: ERRORS[code].status,
    code,
    error: ERRORS[code].error,
    detail: 'Do this next.',
    requestId: 'req_1',
  });
  expect(JSON.stringify([problem, problemHeaders(error, 'req_1')])).not.toContain('SECRET-CAUSE');
});

test('G1: the promised sentences are those of 401, 403 by address, and 429', () => {
  expect(ERRORS.UNAUTHORIZED).toEqual({ status: 401, error: 'Invalid API key' });
  expect(ERRORS.IP_NOT_ALLOWED).toEqual({ status: 403, error: 'Access denied from this IP address' });
  expect(ERRORS.RATE_LIMITED).toEqual({ status: 429, error: 'Rate limit exceeded' });
  expect(ERRORS.FORBIDDEN.status).toBe(403);
});

test('headers of a refusal: type, request id, never cached, its own ones, and when to come back', () => {
  const error = new GatehouseError('RATE_LIMITED', 'Later.', { retryAfterSeconds: 12, headers: { RateLimit: 'x' } });
  expect(problemHeaders(error, 'req_1')).toEqual([
    ...['Content-Type', 'application/problem+json'],
    ...['X-Request-Id', 'req_1'],
    ...['Cache-Control', 'no-store'],
    ...['RateLimit', 'x'],
    ...['Retry-After', '12'],
  ]);
  expect(problemHeaders(new GatehouseError('NOT_FOUND', '-'), 'req_1')).not.toContain('Retry-After');
});
