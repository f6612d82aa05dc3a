import { HttpError } from './http-error.js';

interface Bucket {
  tokens: number;
  refilledAt: number;
}

/**
 * Token bucket for each library card: `perMinute` requests may come at once, and one more is allowed every
 * 60 / perMinute seconds. Kinder to a page that loads ten things together than a fixed window.
 */
export class RateLimiter {
  private readonly buckets = new Map<string, Bucket>();

  constructor(private readonly perMinute: number) {}

  /** Takes one token. @throws HttpError 429 with `Retry-After` in seconds when none is left */
  consume(memberId: string, now: number): void {
    const bucket = this.buckets.get(memberId) ?? { tokens: this.perMinute, refilledAt: now };
    const refill = ((now - bucket.refilledAt) / 60_000) * this.perMinute;
    bucket.tokens = Math.min(this.perMinute, bucket.tokens + refill);
    bucket.refilledAt = now;
    this.buckets.set(memberId, bucket);
    if (bucket.tokens < 1) {
      const seconds = Math.ceil(((1 - bucket.tokens) * 60) / this.perMinute);
      throw new HttpError(429, 'slow_down', 'Too many requests from this card.', { 'Retry-After': String(seconds) });
    }
    bucket.tokens -= 1;
  }

  /** Forgets cards that have a full bucket again, so that memory does not grow with every visitor. */
  sweep(now: number): void {
    for (const [memberId, bucket] of this.buckets) {
      if (now - bucket.refilledAt > 60_000) this.buckets.delete(memberId);
    }
  }
}
