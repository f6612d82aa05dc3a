import type { RateLimit } from '../contract/fields.js';

/** One client's fixed window. Changed in place: the hot path must not allocate. */
export interface RateWindow {
  startMs: number;
  count: number;
}

/** Where windows are kept. `usage` keeps them in memory and in a side file, so counts survive a restart. */
export interface RateWindows {
  /** The window of this counter, made when there is none. */
  window(counter: string, lengthMs: number, nowMs: number): RateWindow;
  /** The window, or `undefined` when there is none; nothing is made or counted. */
  peek(counter: string): RateWindow | undefined;
}

/** What the limiter concluded about one request. */
export interface RateState {
  readonly limit: RateLimit;
  readonly remaining: number;
  /** Until the window ends and the count begins anew; at least 1. */
  readonly resetSeconds: number;
}

/**
 * Counts one request in a fixed window. The window begins with the client's first request, so a steady client
 * below its limit is never locked out.
 * @returns whether the request is within the limit
 */
export function countHit(window: RateWindow, limit: RateLimit, nowMs: number): boolean {
  const lengthMs = limit.windowSeconds * 1000;
  // A clock that was set back must not stretch the window.
  if (window.startMs > nowMs) window.startMs = nowMs;
  if (nowMs - window.startMs >= lengthMs) {
    window.startMs = nowMs;
    window.count = 0;
  }
  if (window.count >= limit.requests) return false;
  window.count += 1;
  return true;
}

/** Whether one more request would be refused now; nothing is counted. */
export function isSpent(window: RateWindow | undefined, limit: RateLimit, nowMs: number): boolean {
  if (window === undefined || nowMs - window.startMs >= limit.windowSeconds * 1000) return false;
  return window.count >= limit.requests;
}

export function rateState(window: RateWindow, limit: RateLimit, nowMs: number): RateState {
  return {
    limit,
    remaining: Math.max(0, limit.requests - window.count),
    resetSeconds: Math.max(1, Math.ceil((window.startMs + limit.windowSeconds * 1000 - nowMs) / 1000)),
  };
}

const NAMES: Readonly<Record<number, string>> = { 1: 'second', 60: 'minute', 3600: 'hour', 86400: 'day' };

function policyName(limit: RateLimit): string {
  return NAMES[limit.windowSeconds] ?? 'window';
}

/** `RateLimit-Policy` as a structured field: `"hour";q=100;w=3600` (draft-ietf-httpapi-ratelimit-headers). */
export function rateLimitPolicyHeader(limit: RateLimit): string {
  return `"${policyName(limit)}";q=${limit.requests};w=${limit.windowSeconds}`;
}

/** `RateLimit` as a structured field: `"hour";r=42;t=1800`. */
export function rateLimitHeader(state: RateState): string {
  return `"${policyName(state.limit)}";r=${state.remaining};t=${state.resetSeconds}`;
}
