import type { TestOutcome } from '../../contract/credentials.js';
import { isGatehouseError } from '../../kernel/errors.js';
import type { HttpTest } from '../credential-types/schema.js';

/** What a test came to; `detail` repeats nothing of the vendor's answer but its status. */
export interface Found {
  readonly outcome: TestOutcome;
  readonly detail: string;
  /** Of an answer over HTTP. */
  readonly status?: number;
  /** The answer, without the credential's secrets. */
  readonly reply?: string;
}

/**
 * What a vendor's answer says about the credential, by the rules of the catalogue. What they do not name is `unknown`:
 * a vendor that is busy, or changed its mind about a path, says nothing about a key.
 */
export function judgeAnswer(test: HttpTest, host: string, status: number, text: string): Found {
  const answer = parse(text);
  const limited = () => found('limited', `${host} knows it (${status}), and it may not do what the test asks`);
  const matches = (rule: { status: number; jsonPath: string; equals: string }) =>
    status === rule.status && at(answer, rule.jsonPath) === rule.equals;
  if (test.validIf?.some(matches)) return limited();
  if (test.invalidIf?.some(matches)) return found('invalid', `${host} refuses it (${status})`);
  if (fits(test.expectStatus, status)) {
    const { expectJson } = test;
    if (expectJson === undefined || holds(answer, expectJson)) return found('ok', `${host} takes it (${status})`);
    return found('unknown', `${host} answers ${status}, and not with what a good key gets`);
  }
  if (test.alsoValid?.includes(status)) return limited();
  if (test.invalidStatus?.includes(status)) return found('invalid', `${host} refuses it (${status})`);
  if (status === 429) return found('unknown', `${host} is asked too often now (429)`);
  return found('unknown', `${host} answers ${status}, which says nothing about the credential`);
}

/** A call that had no answer. */
export function judgeFailure(error: unknown): Found {
  if (!isGatehouseError(error)) throw error;
  switch (error.code) {
    case 'EGRESS_REFUSED':
    case 'UPSTREAM_UNREACHABLE':
    case 'UPSTREAM_TIMEOUT':
      return { outcome: 'unreachable', detail: error.detail };
    case 'UPSTREAM_BAD_ANSWER':
      return { outcome: 'unknown', detail: error.detail };
    default:
      throw error;
  }
}

export function found(outcome: TestOutcome, words: string): Found {
  return { outcome, detail: `${words}.` };
}

function fits(expected: number | string, status: number): boolean {
  if (typeof expected === 'number') return status === expected;
  const [from, to] = expected.split('-').map(Number);
  return status >= (from ?? 0) && status <= (to ?? 0);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return null;
  }
}

/** `data.viewer.id`, own members only. */
function at(answer: unknown, path: string): unknown {
  let value = answer;
  for (const name of path.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
    value = (value as Record<string, unknown>)[name];
  }
  return value;
}

function holds(answer: unknown, { path, equals, exists }: NonNullable<HttpTest['expectJson']>): boolean {
  const value = at(answer, path);
  return exists === true ? value !== undefined && value !== null : value === equals;
}
