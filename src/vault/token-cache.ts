import type { Clock } from '../kernel/clock.js';
import type { ExchangedToken, ExchangeResult } from './exchange.js';

/** A vendor that refuses a token this young refuses the next one too. */
const YOUNG_MS = 10_000;

interface Kept {
  /** Of the sealed value the token was fetched for: another one makes it worthless. */
  readonly version: string;
  readonly token: ExchangedToken;
  readonly fetchedAtMs: number;
}

/** Exchanged tokens by credential, in memory only; one exchange of a credential at a time, however many wait for it. */
export class TokenCache {
  readonly #clock: Clock;
  readonly #kept = new Map<string, Kept>();
  readonly #flights = new Map<string, Promise<ExchangeResult>>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * @param version - changes when the credential is replaced
   * @param refresh - the kept token was refused: fetch another one, unless it was fetched just now
   */
  async get(
    credentialId: string,
    version: string,
    refresh: boolean,
    fetch: () => Promise<ExchangeResult>,
  ): Promise<ExchangeResult> {
    const nowMs = this.#clock.nowMs();
    const kept = this.#kept.get(credentialId);
    if (kept?.version === version && nowMs < kept.token.endsAtMs && (!refresh || nowMs - kept.fetchedAtMs < YOUNG_MS))
      return { kind: 'token', token: kept.token };
    const flight = `${credentialId} ${version}`;
    const running = this.#flights.get(flight);
    if (running !== undefined) return running;
    const started = fetch()
      .then((result) => {
        if (result.kind === 'token') this.#kept.set(credentialId, { version, token: result.token, fetchedAtMs: nowMs });
        else this.#kept.delete(credentialId);
        return result;
      })
      .finally(() => this.#flights.delete(flight));
    this.#flights.set(flight, started);
    return started;
  }

  forget(credentialId: string): void {
    this.#kept.delete(credentialId);
  }
}
