/** Names of the headers Gatehouse reads and writes; request names in lower case, as they are compared. */
export const HEADER = {
  apiKey: 'x-api-key',
  authorization: 'authorization',
  contentLength: 'content-length',
  cookie: 'cookie',
  host: 'host',
  origin: 'origin',
  forwardedFor: 'x-forwarded-for',
  forwardedHost: 'x-forwarded-host',
  forwardedProto: 'x-forwarded-proto',
  realIp: 'x-real-ip',
  transferEncoding: 'transfer-encoding',
  forwardedMethod: 'x-forwarded-method',
  forwardedUri: 'x-forwarded-uri',
  originalMethod: 'x-original-method',
  originalUrl: 'x-original-url',
  requestId: 'X-Request-Id',
  rateLimit: 'RateLimit',
  rateLimitPolicy: 'RateLimit-Policy',
  retryAfter: 'Retry-After',
  wwwAuthenticate: 'WWW-Authenticate',
  /** The code of a refusal, where the status alone cannot say it. */
  gatehouseError: 'X-Gatehouse-Error',
} as const;

/** What an app behind Gatehouse is told about its caller: always all of them, `none` where there is nothing to tell. */
export const IDENTITY_HEADER = {
  subject: 'X-Gatehouse-Subject',
  type: 'X-Gatehouse-Type',
  keyId: 'X-Gatehouse-Key-Id',
  org: 'X-Gatehouse-Org',
  scopes: 'X-Gatehouse-Scopes',
  requestId: 'X-Gatehouse-Request-Id',
  assertion: 'X-Gatehouse-Assertion',
} as const;

/** The value of an identity header that has nothing to tell. */
export const NONE = 'none';
