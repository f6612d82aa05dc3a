import type { ErrorCode } from '../contract/codes.js';

/** What a command's exit tells a script. */
export const EXIT = {
  ok: 0,
  failed: 1,
  usage: 2,
  notFound: 3,
  denied: 4,
  conflict: 5,
  unreachable: 6,
  checkFailed: 7,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

const BY_CODE: Readonly<Partial<Record<ErrorCode, ExitCode>>> = {
  BAD_REQUEST: EXIT.usage,
  PAYLOAD_TOO_LARGE: EXIT.usage,
  NOT_FOUND: EXIT.notFound,
  UNAUTHORIZED: EXIT.denied,
  FORBIDDEN: EXIT.denied,
  FRESH_PROOF_REQUIRED: EXIT.denied,
  IP_NOT_ALLOWED: EXIT.denied,
  ENTITLEMENT_REACHED: EXIT.denied,
  CONFLICT: EXIT.conflict,
  VAULT_LOCKED: EXIT.conflict,
  CREDENTIAL_UNREADABLE: EXIT.conflict,
  EGRESS_REFUSED: EXIT.denied,
  UPSTREAM_UNREACHABLE: EXIT.unreachable,
  UPSTREAM_TIMEOUT: EXIT.unreachable,
  UNAVAILABLE: EXIT.unreachable,
  INDEX_BUILDING: EXIT.unreachable,
  INDEX_FULL: EXIT.failed,
};

export function exitCodeOf(code: ErrorCode): ExitCode {
  return BY_CODE[code] ?? EXIT.failed;
}

/** Ends a command with an exit code and a sentence on standard error. */
export class CommandError extends Error {
  readonly exitCode: ExitCode;

  constructor(exitCode: ExitCode, message: string) {
    super(message);
    this.exitCode = exitCode;
  }
}
