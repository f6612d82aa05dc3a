import * as z from 'zod';
import { ScopeName } from './scopes.js';
import { HostName } from './upstream-routes.js';

/** A JWT lives at most 15 minutes. */
export const MAX_TTL_SECONDS = 900;

/** Trades the presented key for a short JWT. */
export const TradeKey = z.strictObject({
  ttlSeconds: z.int().min(1).max(MAX_TTL_SECONDS).default(MAX_TTL_SECONDS),
  /** Left out: all the key holds. */
  scopes: z.array(ScopeName).max(100).optional(),
  /**
   * The host of the app it is for, listed in `routes.json` or that of `PUBLIC_URL`: then it is an assertion, which
   * Gatehouse itself does not accept. Left out: it is for Gatehouse.
   */
  audience: HostName.optional(),
});
export type TradeKey = z.infer<typeof TradeKey>;

/** The names of RFC 6749 §5.1. */
export const AccessToken = z.strictObject({
  access_token: z.string(),
  token_type: z.literal('Bearer'),
  expires_in: z.int(),
  /** Separated by blanks. */
  scope: z.string(),
});
export type AccessToken = z.infer<typeof AccessToken>;

/** The public keys that our tokens can be checked with (RFC 7517). */
export const Jwks = z.strictObject({
  keys: z.array(
    z.strictObject({
      kty: z.literal('EC'),
      crv: z.literal('P-256'),
      x: z.string(),
      y: z.string(),
      kid: z.string(),
      alg: z.literal('ES256'),
      use: z.literal('sig'),
    }),
  ),
});
export type Jwks = z.infer<typeof Jwks>;

export const SigningKeyRotated = z.strictObject({ kid: z.string() });
