/** How long and how much one call may take. */
export interface EgressLimits {
  /** From the request's end to the answer's first line. */
  readonly headersMs: number;
  /** Between two pieces of the answer. */
  readonly idleMs: number;
  /** For all of it: a slow drip ends here. */
  readonly totalMs: number;
  /** Bytes of the answer's body as they come, and again once they are decompressed. */
  readonly responseBytes: number;
}

/** Until a connection stands: name, TCP and TLS. */
export const CONNECT_MS = 10_000;

/** For short calls whose answer is read whole. */
export const DEFAULT_LIMITS: EgressLimits = {
  headersMs: 30_000,
  idleMs: 30_000,
  totalMs: 60_000,
  responseBytes: 10_000_000,
};
