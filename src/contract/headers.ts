/** Names of the headers Gatehouse reads and writes; request names in lower case, as they are compared. */
export const HEADER = {
  apiKey: 'x-api-key',
  authorization: 'authorization',
  cookie: 'cookie',
  host: 'host',
  origin: 'origin',
  forwardedFor: 'x-forwarded-for',
  forwardedHost: 'x-forwarded-host',
  forwardedProto: 'x-forwarded-proto',
  realIp: 'x-real-ip',
  requestId: 'X-Request-Id',
  rateLimit: 'RateLimit',
  rateLimitPolicy: 'RateLimit-Policy',
  retryAfter: 'Retry-After',
  wwwAuthenticate: 'WWW-Authenticate',
} as const;
