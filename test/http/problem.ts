import { expect } from 'vitest';
import { ERRORS, type ErrorCode } from '../../src/contract/codes.js';
import { PROBLEM_CONTENT_TYPE, Problem } from '../../src/contract/problem.js';
import type { Answer } from '../support/gatehouse.js';
import { REPOSITORY } from '../support/workspace.js';

/** What every refusal must be, and what no refusal may ever hold. */
export function expectProblemShape(answer: Pick<Answer, 'status' | 'headers' | 'text' | 'json'>): void {
  expect(answer.headers.get('content-type')).toBe(PROBLEM_CONTENT_TYPE);
  expect(Problem.safeParse(answer.json).success, `not the one error shape: ${answer.text}`).toBe(true);
  expect(answer.json.status).toBe(answer.status);
  expect(answer.json.requestId).toMatch(/^req_[0-9A-Za-z]{22}$/);
  expect(answer.headers.get('x-request-id')).toBe(answer.json.requestId);
  expect(answer.headers.get('cache-control')).toBe('no-store');
  const { status, error } = ERRORS[answer.json.code as ErrorCode];
  expect(answer.json).toMatchObject({ status, error, title: error });
  expect(answer.json.detail, 'a refusal says what to do next').toMatch(/\S.*[.?]$/);
  expectNothingOfTheMachine(answer.text);
}

export function expectProblem(answer: Answer, code: ErrorCode, detail?: string | RegExp): void {
  expect({ status: answer.status, code: answer.json?.code }, answer.text).toEqual({
    status: ERRORS[code].status,
    code,
  });
  expectProblemShape(answer);
  if (typeof detail === 'string') expect(answer.json.detail).toBe(detail);
  else if (detail !== undefined) expect(answer.json.detail).toMatch(detail);
}

/** No stack, no file of this machine. */
export function expectNothingOfTheMachine(text: string): void {
  expect(text).not.toMatch(/\.[jt]s:\d+|\n\s+at |node_modules|node:internal|\/tmp\/|gatehouse-test-/);
  expect(text).not.toContain(REPOSITORY);
}
