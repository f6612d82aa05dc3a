/**
 * The closed set of error codes a caller can meet, with the HTTP status and the short fixed sentence of each.
 * Callers branch on the code; the sentences of 401, 403 (address) and 429 are promises too (G1).
 */
export const ERRORS = {
  BAD_REQUEST: { status: 400, error: 'Bad request' },
  AMBIGUOUS_CREDENTIALS: { status: 400, error: 'Ambiguous credentials' },
  UNAUTHORIZED: { status: 401, error: 'Invalid API key' },
  TOTP_REQUIRED: { status: 401, error: 'A code of the authenticator app is needed' },
  FORBIDDEN: { status: 403, error: 'Forbidden' },
  ENTITLEMENT_REACHED: { status: 403, error: 'The limit of the organization is reached' },
  IP_NOT_ALLOWED: { status: 403, error: 'Access denied from this IP address' },
  NOT_FOUND: { status: 404, error: 'Not found' },
  METHOD_NOT_ALLOWED: { status: 405, error: 'Method not allowed' },
  REQUEST_TIMEOUT: { status: 408, error: 'Request timeout' },
  CONFLICT: { status: 409, error: 'Conflict' },
  PAYLOAD_TOO_LARGE: { status: 413, error: 'Payload too large' },
  URI_TOO_LONG: { status: 414, error: 'URI too long' },
  UNSUPPORTED_MEDIA_TYPE: { status: 415, error: 'Unsupported media type' },
  QUEUE_FULL: { status: 429, error: 'The queue is full' },
  RATE_LIMITED: { status: 429, error: 'Rate limit exceeded' },
  HEADERS_TOO_LARGE: { status: 431, error: 'Request headers too large' },
  INTERNAL: { status: 500, error: 'Internal error' },
  UNAVAILABLE: { status: 503, error: 'Temporarily unavailable' },
  STORE_UNAVAILABLE: { status: 503, error: 'Changes cannot be saved' },
  AUDIT_UNAVAILABLE: { status: 503, error: 'The audit log cannot be written' },
  VAULT_LOCKED: { status: 503, error: 'The vault is locked' },
  INDEX_BUILDING: { status: 503, error: 'The index is still being built' },
} as const satisfies Record<string, { status: number; error: string }>;

export type ErrorCode = keyof typeof ERRORS;

/** The answers of `POST /api/keys/verify`. */
export const VERIFY_CODES = [
  'VALID',
  'NOT_FOUND',
  'REVOKED',
  'EXPIRED',
  'WRONG_ENVIRONMENT',
  'INSUFFICIENT_SCOPE',
  'IP_NOT_ALLOWED',
  'RATE_LIMITED',
] as const;

export type VerifyCode = (typeof VERIFY_CODES)[number];
