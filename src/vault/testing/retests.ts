import type { Clock } from '../../kernel/clock.js';
import { sha256Bytes } from '../../kernel/digest.js';
import { describeError, type Logger } from '../../kernel/logger.js';
import type { Actor } from '../../kernel/principal.js';
import type { CredentialStore } from '../credential-store.js';
import type { CredentialRecord } from '../record.js';
import type { Tester } from './tester.js';

const LOOK_EVERY_MS = 3_600_000;
const RETEST_AFTER_MS = 86_400_000;
/** Spread over four hours, so that a restart does not ask every vendor in the same minute. */
const JITTER_MS = 4 * 3_600_000;

export interface RetestsOptions {
  readonly store: CredentialStore;
  readonly tester: Tester;
  readonly by: Actor;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Tests every credential about once a day, one after another. Types without a test are left alone. */
export class Retests {
  readonly #o: RetestsOptions;
  readonly #timer: NodeJS.Timeout;
  #round: Promise<void> | null = null;
  #stopped = false;

  constructor(options: RetestsOptions) {
    this.#o = options;
    this.#timer = setInterval(() => void this.look(), LOOK_EVERY_MS).unref();
  }

  /** Tests what is due now; a round that is under way goes on instead. */
  look(): Promise<void> {
    this.#round ??= this.#testDue().finally(() => {
      this.#round = null;
    });
    return this.#round;
  }

  /** Waits for the one test that is under way. */
  async stop(): Promise<void> {
    this.#stopped = true;
    clearInterval(this.#timer);
    await this.#round;
  }

  async #testDue(): Promise<void> {
    const { store, tester, by, clock, log } = this.#o;
    const due = [...store.readable()].filter((record) => tester.asks(record) && dueAtMs(record) <= clock.nowMs());
    for (const record of due) {
      if (this.#stopped) return;
      try {
        const { outcome } = (await tester.run(by, record)).test;
        if (outcome === 'invalid' && record.lastTest?.outcome !== 'invalid')
          log.warn('a credential is refused by its vendor', { credential: record.id, workspace: record.workspaceId });
      } catch (error) {
        // Locked, damaged, not saved: told where it is listed.
        log.debug('a credential was not tested', { credential: record.id, ...describeError(error) });
      }
    }
  }
}

function dueAtMs({ id, lastTest, updatedAt }: CredentialRecord): number {
  const jitterMs = (sha256Bytes(id).readUInt32BE(0) / 2 ** 32) * JITTER_MS;
  return Date.parse(lastTest?.at ?? updatedAt) + RETEST_AFTER_MS + jitterMs;
}
