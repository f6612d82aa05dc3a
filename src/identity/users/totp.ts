import { randomBytes } from 'node:crypto';
import { sha256 } from '../../kernel/digest.js';
import { GatehouseError } from '../../kernel/errors.js';
import type { Seal } from '../../seal/instance-key.js';
import type { UserRecord } from './record.js';

/** RFC 6238 with what every authenticator app takes: SHA-1, six digits, 30 seconds. */
const PERIOD_SECONDS = 30;
/** Clocks of phones are seconds off, and people type slowly (RFC 6238 §5.2). */
const STEPS_AROUND = 1;
const SECRET_BYTES = 20;

type Kept = NonNullable<UserRecord['totp']>;

/** The part of the `otpauth` package that is used, loaded when the first code is asked for. */
type Otp = typeof import('otpauth');
export const loadOtp = (): Promise<Otp> => import('otpauth');

/** A new secret: sealed for the record, plain for its holder, who sees it once. */
export function newTotp(
  otp: Otp,
  seal: Seal,
  { id, email }: UserRecord,
  issuer: string,
): { kept: Kept; secret: string; uri: string } {
  const bytes = randomBytes(SECRET_BYTES);
  const totp = totpOf(otp, bytes, email, issuer);
  return {
    kept: { sealedSecret: seal.seal(contextOf(id), bytes), confirmedAt: null, lastStep: 0, recovery: [] },
    secret: totp.secret.base32,
    uri: totp.toString(),
  };
}

/**
 * What is kept once the code was used, or `null` when it is wrong or was used before. A code works once: the step it
 * belongs to, and those before it, are spent.
 * @throws GatehouseError `VAULT_LOCKED` when the secret cannot be opened; recovery codes work all the same
 */
export function useCode(otp: Otp, seal: Seal, userId: string, kept: Kept, code: string, nowMs: number): Kept | null {
  if (!/^\d{6}$/.test(code)) return useRecoveryCode(kept, code);
  const secret = seal.open(contextOf(userId), kept.sealedSecret);
  const delta = totpOf(otp, secret, '', '').validate({ token: code, timestamp: nowMs, window: STEPS_AROUND });
  if (delta === null) return null;
  const step = Math.floor(nowMs / 1000 / PERIOD_SECONDS) + delta;
  return step <= kept.lastStep ? null : { ...kept, lastStep: step };
}

/** Ten codes of 80 random bits, so that plain digests of them are enough. */
export function newRecoveryCodes(): { codes: string[]; digests: string[] } {
  const codes = Array.from({ length: 10 }, () => (randomBytes(10).toString('hex').match(/.{5}/g) ?? []).join('-'));
  return { codes, digests: codes.map(recoveryDigest) };
}

export function wrongCode(): GatehouseError {
  return new GatehouseError('FORBIDDEN', 'code: is wrong, or was used before. Wait for the next one.');
}

function useRecoveryCode(kept: Kept, code: string): Kept | null {
  const digest = recoveryDigest(code);
  return kept.recovery.includes(digest)
    ? { ...kept, recovery: kept.recovery.filter((other) => other !== digest) }
    : null;
}

function recoveryDigest(code: string): string {
  return sha256(code.toLowerCase().replace(/[^0-9a-f]/g, ''));
}

function totpOf({ Secret, TOTP }: Otp, bytes: Buffer, label: string, issuer: string) {
  const buffer = Uint8Array.from(bytes).buffer;
  return new TOTP({
    secret: new Secret({ buffer }),
    label,
    issuer,
    algorithm: 'SHA1',
    digits: 6,
    period: PERIOD_SECONDS,
  });
}

function contextOf(userId: string): string {
  return `user/${userId}/totp`;
}
