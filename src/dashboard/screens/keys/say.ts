import type { RateLimit } from '../../../contract/fields.js';
import { number } from '../../words/words.js';
import { t } from './words.js';

/** `100 an hour`. */
export function sayLimit(limit: RateLimit | null): string {
  if (limit === null) return t('limitInstance');
  const requests = number(limit.requests);
  if (limit.windowSeconds === 60) return t('perMinute', { requests });
  if (limit.windowSeconds === 3600) return t('perHour', { requests });
  if (limit.windowSeconds === 86_400) return t('perDay', { requests });
  return t('perSeconds', { requests, seconds: limit.windowSeconds });
}

export function sayScopes(scopes: readonly string[]): string {
  if (scopes.includes('*')) return t('scopeAll');
  return scopes.length === 0 ? t('scopeNone') : t('scopeCount', { count: scopes.length });
}

const DAY_MS = 86_400_000;

/** Whether it ends within two weeks, and has not ended yet. */
export function endsSoon(expiresAt: string | null, nowMs = Date.now()): boolean {
  if (expiresAt === null) return false;
  const leftMs = Date.parse(expiresAt) - nowMs;
  return leftMs > 0 && leftMs <= 14 * DAY_MS;
}
