import { HEADER } from '../contract/headers.js';
import type { Slot } from './policy.js';

/** What the request's headers say, read in one pass over the raw list. */
export interface HeaderFacts {
  forwardedFor: string | undefined;
  realIp: string | undefined;
  apiKey: string | undefined;
  /** The whole `Authorization` value. */
  authorization: string | undefined;
  /** Headers that may be there once and were there twice. Node would join or drop the second one silently. */
  apiKeyTwice: boolean;
  authorizationTwice: boolean;
  realIpTwice: boolean;
  /** A body follows the head. */
  announcesBody: boolean;
  /** What a proxy says of the request it asks for; believed at the door for proxies only. */
  forwardedMethod: string | undefined;
  forwardedUri: string | undefined;
  forwardedHost: string | undefined;
  originalMethod: string | undefined;
  originalUrl: string | undefined;
  /** One of those that was there twice, of the first three and of the last two. */
  forwardedTwice: string | undefined;
  originalTwice: string | undefined;
}

/** Reads the headers the guard cares about from `rawHeaders` (name, value, name, value …). */
export function readHeaders(raw: readonly string[]): HeaderFacts {
  const facts: HeaderFacts = {
    forwardedFor: undefined,
    realIp: undefined,
    apiKey: undefined,
    authorization: undefined,
    apiKeyTwice: false,
    authorizationTwice: false,
    realIpTwice: false,
    announcesBody: false,
    forwardedMethod: undefined,
    forwardedUri: undefined,
    forwardedHost: undefined,
    originalMethod: undefined,
    originalUrl: undefined,
    forwardedTwice: undefined,
    originalTwice: undefined,
  };
  for (let index = 0; index + 1 < raw.length; index += 2) {
    const name = raw[index] as string;
    // Lengths first: most headers are dismissed without making a lower-case copy.
    switch (name.length) {
      case 9: {
        const lower = name.toLowerCase();
        if (lower === HEADER.apiKey) {
          if (facts.apiKey !== undefined) facts.apiKeyTwice = true;
          facts.apiKey = raw[index + 1];
        } else if (lower === HEADER.realIp) {
          if (facts.realIp !== undefined) facts.realIpTwice = true;
          facts.realIp = raw[index + 1];
        }
        break;
      }
      case 13:
        if (name.toLowerCase() === HEADER.authorization) {
          if (facts.authorization !== undefined) facts.authorizationTwice = true;
          facts.authorization = raw[index + 1];
        }
        break;
      case 14: {
        const lower = name.toLowerCase();
        if (lower === HEADER.contentLength) {
          if (raw[index + 1] !== '0') facts.announcesBody = true;
        } else if (lower === HEADER.originalUrl) {
          if (facts.originalUrl !== undefined) facts.originalTwice = name;
          facts.originalUrl = raw[index + 1];
        }
        break;
      }
      case 15: {
        const lower = name.toLowerCase();
        if (lower === HEADER.forwardedFor) {
          const value = raw[index + 1] as string;
          // Several lines are one list, in their order (RFC 9110 §5.3).
          facts.forwardedFor = facts.forwardedFor === undefined ? value : `${facts.forwardedFor},${value}`;
        } else if (lower === HEADER.forwardedUri) {
          if (facts.forwardedUri !== undefined) facts.forwardedTwice = name;
          facts.forwardedUri = raw[index + 1];
        }
        break;
      }
      case 16:
        if (name.toLowerCase() === HEADER.forwardedHost) {
          if (facts.forwardedHost !== undefined) facts.forwardedTwice = name;
          facts.forwardedHost = raw[index + 1];
        }
        break;
      case 17: {
        const lower = name.toLowerCase();
        if (lower === HEADER.originalMethod) {
          if (facts.originalMethod !== undefined) facts.originalTwice = name;
          facts.originalMethod = raw[index + 1];
        } else if (lower === HEADER.transferEncoding) facts.announcesBody = true;
        break;
      }
      case 18:
        if (name.toLowerCase() === HEADER.forwardedMethod) {
          if (facts.forwardedMethod !== undefined) facts.forwardedTwice = name;
          facts.forwardedMethod = raw[index + 1];
        }
        break;
    }
  }
  return facts;
}

/** The credential of a request: none, one, or more than one opinion. */
export type Credential =
  | { readonly kind: 'none' }
  | { readonly kind: 'presented'; readonly presentedKey: string; readonly slot: Slot }
  | { readonly kind: 'ambiguous'; readonly detail: string };

const NONE: Credential = { kind: 'none' };

/** Picks the credential out of the policy's slots. Another `Authorization` scheme is somebody else's and not read. */
export function findCredential(facts: HeaderFacts, slots: readonly Slot[]): Credential {
  const apiKey = slots.includes('x-api-key') ? facts.apiKey : undefined;
  const bearer = slots.includes('bearer') ? bearerOf(facts.authorization) : undefined;
  if (facts.apiKeyTwice && apiKey !== undefined) return ambiguous('The x-api-key header was sent twice. Send it once.');
  if (facts.authorizationTwice && slots.includes('bearer'))
    return ambiguous('The Authorization header was sent twice. Send it once.');
  if (apiKey !== undefined && bearer !== undefined && apiKey !== bearer) {
    return ambiguous('x-api-key and Authorization hold different keys. Send the key in one of them.');
  }
  if (apiKey !== undefined) return { kind: 'presented', presentedKey: apiKey, slot: 'x-api-key' };
  if (bearer !== undefined) return { kind: 'presented', presentedKey: bearer, slot: 'bearer' };
  return NONE;
}

function ambiguous(detail: string): Credential {
  return { kind: 'ambiguous', detail };
}

/** The token of `Bearer <token>`, the scheme in any case; `undefined` for other schemes. */
function bearerOf(authorization: string | undefined): string | undefined {
  if (authorization === undefined) return undefined;
  if (authorization.length < 7) return /^bearer$/i.test(authorization) ? '' : undefined;
  const scheme = authorization.slice(0, 7);
  if (scheme !== 'Bearer ' && scheme.toLowerCase() !== 'bearer ') return undefined;
  return authorization.slice(7).trimStart();
}
