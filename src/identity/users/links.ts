import { randomBase62 } from '../../kernel/base62.js';
import { toIso } from '../../kernel/clock.js';
import { sha256 } from '../../kernel/digest.js';

/** What a one-time link is kept as. */
export interface KeptLink {
  readonly digest: string;
  readonly createdAt: string;
  readonly expiresAt: string;
}

/** A new one-time secret: the token goes to its holder, the rest is kept. 32 random bytes, so a plain digest is enough. */
export function newLink(nowMs: number, lifetimeMs: number): { readonly token: string; readonly kept: KeptLink } {
  const token = randomBase62(32);
  return { token, kept: { digest: sha256(token), createdAt: toIso(nowMs), expiresAt: toIso(nowMs + lifetimeMs) } };
}

export function isLive({ expiresAt }: KeptLink, nowMs: number): boolean {
  return Date.parse(expiresAt) > nowMs;
}

/** The pages that one-time links open. */
export type LinkPage = 'setup' | 'invite' | 'reset' | 'confirm';

/**
 * Where a link leads. The secret goes behind `#`, which no browser sends, so that it stands in no log of a proxy.
 * @param publicUrl - never taken from a request: whoever asks could else have the secret sent to a host of theirs
 * @returns `url: null` when nobody said where this instance is reached
 */
export function linkTo(publicUrl: string | null, page: LinkPage, token: string): { path: string; url: string | null } {
  const path = `/${page}#${token}`;
  return { path, url: publicUrl === null ? null : `${publicUrl}${path}` };
}
