/** Deliveries that were accepted; more than any vendor sends within the tolerance. */
const MAX_DELIVERIES = 100_000;

/**
 * Remembers which deliveries were accepted, for as long as they would be accepted again. Only what a signature proved
 * comes in here, so a stranger cannot fill it. In memory: after a restart, a delivery of the last minutes passes once
 * more. A vendor that sends an event again signs it anew, and that passes with the same event id.
 */
export class ReplayMemory {
  readonly #untilMs = new Map<string, number>();

  /**
   * Takes one delivery.
   * @param credentialId - two endpoints may be given the same delivery
   * @returns false: it was taken before
   */
  claim(credentialId: string, deliveryKey: string, untilMs: number, nowMs: number): boolean {
    const key = `${credentialId} ${deliveryKey}`;
    if ((this.#untilMs.get(key) ?? 0) > nowMs) return false;
    // Oldest first: those at the front end first, give or take a tolerance.
    for (const [known, until] of this.#untilMs) {
      if (until > nowMs && this.#untilMs.size < MAX_DELIVERIES) break;
      this.#untilMs.delete(known);
    }
    this.#untilMs.set(key, untilMs);
    return true;
  }
}
