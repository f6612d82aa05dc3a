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
  FRESH_PROOF_REQUIRED: { status: 403, error: 'Confirm that it is you' },
  ENTITLEMENT_REACHED: { status: 403, error: 'The limit of the organization is reached' },
  IP_NOT_ALLOWED: { status: 403, error: 'Access denied from this IP address' },
  EGRESS_REFUSED: { status: 403, error: 'Outbound call refused' },
  UNTRUSTED_PROXY: { status: 403, error: 'Not a trusted proxy' },
  NOT_FOUND: { status: 404, error: 'Not found' },
  METHOD_NOT_ALLOWED: { status: 405, error: 'Method not allowed' },
  REQUEST_TIMEOUT: { status: 408, error: 'Request timeout' },
  CONFLICT: { status: 409, error: 'Conflict' },
  CREDENTIAL_UNREADABLE: { status: 409, error: 'The sealed value does not open' },
  PAYLOAD_TOO_LARGE: { status: 413, error: 'Payload too large' },
  URI_TOO_LONG: { status: 414, error: 'URI too long' },
  UNSUPPORTED_MEDIA_TYPE: { status: 415, error: 'Unsupported media type' },
  PROVIDER_CONTEXT_TOO_LONG: { status: 422, error: 'Question and passages are too long for the model' },
  PROVIDER_MODEL_UNKNOWN: { status: 422, error: 'The provider has no such model' },
  QUEUE_FULL: { status: 429, error: 'The queue is full' },
  RATE_LIMITED: { status: 429, error: 'Rate limit exceeded' },
  HEADERS_TOO_LARGE: { status: 431, error: 'Request headers too large' },
  INTERNAL: { status: 500, error: 'Internal error' },
  UPSTREAM_UNREACHABLE: { status: 502, error: 'The other side cannot be reached' },
  UPSTREAM_BAD_ANSWER: { status: 502, error: 'The other side gave an answer that cannot be passed on' },
  PROVIDER_KEY_REFUSED: { status: 502, error: 'The provider does not take the key' },
  PROVIDER_REFUSED: { status: 502, error: 'The provider refused to answer' },
  UNAVAILABLE: { status: 503, error: 'Temporarily unavailable' },
  STORE_UNAVAILABLE: { status: 503, error: 'Changes cannot be saved' },
  AUDIT_UNAVAILABLE: { status: 503, error: 'The audit log cannot be written' },
  VAULT_LOCKED: { status: 503, error: 'The vault is locked' },
  INDEX_BUILDING: { status: 503, error: 'The index is still being built' },
  PROVIDER_RATE_LIMITED: { status: 503, error: 'The provider takes no more requests for now' },
  PROVIDER_UNAVAILABLE: { status: 503, error: 'The provider cannot answer now' },
  UPSTREAM_TIMEOUT: { status: 504, error: 'The other side took too long' },
  INDEX_FULL: { status: 507, error: 'The index does not fit into its memory' },
} as const satisfies Record<string, { status: number; error: string }>;

export type ErrorCode = keyof typeof ERRORS;

/** What became of a request: `ALLOWED`, or the code it was answered with. */
export const OUTCOMES = ['ALLOWED', ...(Object.keys(ERRORS) as ErrorCode[])] as const;
export type Outcome = (typeof OUTCOMES)[number];

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
