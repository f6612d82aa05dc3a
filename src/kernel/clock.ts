/** The time, as an argument: a test may stand at any instant. */
export interface Clock {
  /** Milliseconds since 1970-01-01 UTC. */
  nowMs(): number;
}

export const systemClock: Clock = { nowMs: () => Date.now() };

export function toIso(ms: number): string {
  return new Date(ms).toISOString();
}
