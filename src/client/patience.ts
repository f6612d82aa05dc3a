import { GatehouseError } from './errors.js';

/** Longer waits are the caller's to decide: a limit of an hour is not slept through. */
const LONGEST_WAIT_MS = 10_000;
const FIRST_WAIT_MS = 250;

/** What may pass by itself. A time-out is not among them: it has cost its whole time already. */
const PASSING = new Set([429, 502, 503, 504]);

/** @returns how long to wait before the call is sent again; `null`: it is not */
export function waitBeforeRetry(error: unknown, retry: number): number | null {
  if (!(error instanceof GatehouseError)) return null;
  if (error.code !== 'NETWORK' && !PASSING.has(error.status ?? 0)) return null;
  // Spread, so that many clients that were refused together do not come back together.
  const jitter = Math.random();
  const asked = error.retryAfterSeconds;
  if (asked === null) return jitter * Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** retry);
  const waitMs = asked * 1000;
  return waitMs > LONGEST_WAIT_MS ? null : waitMs + jitter * FIRST_WAIT_MS;
}

/** @returns seconds; `null` when the header is not there. It may also be a date (RFC 9110 §10.2.3). */
export function parseRetryAfter(header: string | null): number | null {
  if (header === null) return null;
  const seconds = /^\d+$/.test(header) ? Number(header) : Math.ceil((Date.parse(header) - Date.now()) / 1000);
  return Number.isNaN(seconds) ? null : Math.max(0, seconds);
}

export function aborted(signal: AbortSignal): GatehouseError {
  return new GatehouseError('ABORTED', 'The call was ended by its signal.', { cause: signal.reason });
}

/** Waits for work that others wait for too: the signal ends the waiting, not the work. */
export function untilAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return work;
  return new Promise((resolve, reject) => {
    const stop = () => reject(aborted(signal));
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
  });
}

export function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  let timer: ReturnType<typeof setTimeout>;
  const over = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  return untilAborted(over, signal).finally(() => clearTimeout(timer));
}
