import type { RateLimit } from '../contract/fields.js';
import { CommandError, EXIT } from './exit-codes.js';

const SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, min: 60, h: 3600, d: 86_400, w: 604_800 };

/** `90d`, `24h`, `15m`, `0` in seconds. */
export function parseDuration(text: string, option: string): number {
  const match = /^(\d{1,9})(s|m|min|h|d|w)?$/.exec(text);
  if (match === null || (match[2] === undefined && text !== '0')) {
    throw new CommandError(EXIT.usage, `${option} ${JSON.stringify(text)}: write it like 24h, 90d or 0.`);
  }
  return Number(match[1]) * (SECONDS[match[2] ?? 's'] ?? 1);
}

/** `90d` from now, a date, or `never`; ISO 8601. */
export function parseExpiry(text: string, nowMs: number): string | null {
  if (text === 'never') return null;
  if (/^\d+[a-z]+$/.test(text)) return new Date(nowMs + parseDuration(text, '--expires') * 1000).toISOString();
  const atMs = Date.parse(text);
  if (Number.isNaN(atMs))
    throw new CommandError(EXIT.usage, `--expires ${JSON.stringify(text)}: write it like 90d, 2027-01-31 or never.`);
  return new Date(atMs).toISOString();
}

/** `100/h`, `600/min`, `off`. */
export function parseRate(text: string): RateLimit | null {
  if (text === 'off') return null;
  const match = /^(\d{1,9})\/(s|m|min|h|d)$/.exec(text);
  if (match === null)
    throw new CommandError(EXIT.usage, `--rate ${JSON.stringify(text)}: write it like 100/h, 60/min or off.`);
  return { requests: Number(match[1]), windowSeconds: SECONDS[match[2] ?? 'h'] ?? 3600 };
}

export function formatRate(limit: RateLimit | null): string {
  if (limit === null) return 'the instance limit';
  const unit = Object.entries({ s: 1, min: 60, h: 3600, d: 86_400 }).find(
    ([, seconds]) => seconds === limit.windowSeconds,
  )?.[0];
  return `${limit.requests}/${unit ?? `${limit.windowSeconds}s`}`;
}
