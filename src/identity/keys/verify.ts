import type { VerifyCode } from '../../contract/codes.js';
import type { Environment, RateLimit } from '../../contract/fields.js';
import { AddressSet, parseNetwork } from '../../kernel/addresses.js';
import { missingScopes } from '../../kernel/scopes.js';
import { endOf, type KeyRecord } from './record.js';

/** What a judgement of one token needs to know. */
export interface Judged {
  readonly record: KeyRecord;
  readonly digest: string;
  /** Where it was presented from; `null`: unknown, and then address lists are not judged. */
  readonly address: string | null;
  /** The page whose script sent it, `null` for none; `undefined`: unknown, and then lists of origins are not judged. */
  readonly origin: string | null | undefined;
  readonly scopes: readonly string[];
  readonly environment: Environment | null;
  readonly nowMs: number;
  /** Whether one more request of this key would be over its limit; nothing is counted by asking. */
  readonly isSpent: (keyId: string, own: RateLimit | null) => boolean;
}

/** The same order as the guard's: the first failure is the answer. */
export function judge(facts: Judged): { code: VerifyCode; missing: string[] } {
  const { record, nowMs } = facts;
  const answer = (code: VerifyCode, missing: string[] = []) => ({ code, missing });
  if (record.revokedAt !== null) return answer('REVOKED');
  const secret = record.secrets.find(({ digest }) => digest === facts.digest);
  const endsAtMs = secret === undefined ? nowMs : endOf(record, secret);
  if (endsAtMs !== null && endsAtMs <= nowMs) return answer('EXPIRED');
  if (facts.address !== null && record.allowedIps.length > 0) {
    if (!new AddressSet(record.allowedIps.map(parseNetwork)).has(facts.address)) return answer('IP_NOT_ALLOWED');
  }
  if (facts.origin !== undefined && record.allowedOrigins?.includes(facts.origin ?? '') === false)
    return answer('ORIGIN_NOT_ALLOWED');
  if (facts.environment !== null && facts.environment !== record.environment) return answer('WRONG_ENVIRONMENT');
  if (facts.isSpent(record.id, record.rateLimit)) return answer('RATE_LIMITED');
  const missing = missingScopes(new Set(record.scopes), facts.scopes);
  return missing.length > 0 ? answer('INSUFFICIENT_SCOPE', missing) : answer('VALID');
}
