import type { VerifyAnswer } from '../contract/keys.js';
import { AddressSet, parseNetwork } from '../kernel/addresses.js';
import type { Clock } from '../kernel/clock.js';
import { sha256 } from '../kernel/digest.js';
import { GatehouseError } from '../kernel/errors.js';
import type { Principal } from '../kernel/principal.js';

/** How long an answer is believed: what is revoked at Gatehouse is refused here so much later. */
export const VALID_MS = 10_000;
/** What is refused may be mended at any time, and what could not be asked may be asked again. */
export const INVALID_MS = 2_000;
const MAX_KNOWN = 10_000;
/** Beyond so many at once, more are refused: a flood of made-up keys must not become one of questions. */
const MAX_ASKING = 256;

/** What was learned about one presented key. */
type Known = { readonly untilMs: number } & ({ readonly answer: VerifyAnswer } | { readonly fault: GatehouseError });

/** Asks whether a key is valid. Rejects when there is no answer. */
export type Verify = (token: string) => Promise<VerifyAnswer>;

/**
 * Keys that another Gatehouse was asked about, by the digest of what was presented; fits the guard's look-ups for keys
 * and tokens. The asking happens before the decision, once for all requests that wait for the same key.
 */
export class VerifiedKeys {
  readonly #verify: Verify;
  readonly #clock: Clock;
  readonly #known = new Map<string, Known>();
  readonly #asking = new Map<string, Promise<void>>();

  constructor(verify: Verify, clock: Clock) {
    this.#verify = verify;
    this.#clock = clock;
  }

  /** Whether `learn` must run before `find` can answer. */
  isUnknown(presented: string): boolean {
    const known = this.#known.get(sha256(presented));
    return known === undefined || known.untilMs <= this.#clock.nowMs();
  }

  /** Never rejects: what could not be learned is a fault that `find` throws. */
  learn(presented: string): Promise<void> {
    const digest = sha256(presented);
    const running = this.#asking.get(digest);
    if (running !== undefined) return running;
    if (this.#asking.size >= MAX_ASKING) return Promise.resolve();
    const asking = this.#ask(digest, presented).finally(() => this.#asking.delete(digest));
    this.#asking.set(digest, asking);
    return asking;
  }

  async #ask(digest: string, presented: string): Promise<void> {
    const keep = (lifeMs: number, fact: { answer: VerifyAnswer } | { fault: GatehouseError }) => {
      this.#known.delete(digest);
      if (this.#known.size >= MAX_KNOWN) this.#known.delete(this.#known.keys().next().value ?? '');
      this.#known.set(digest, { untilMs: this.#clock.nowMs() + lifeMs, ...fact });
    };
    try {
      const answer = await this.#verify(presented);
      keep(answer.valid ? VALID_MS : INVALID_MS, { answer });
    } catch (error) {
      keep(INVALID_MS, { fault: cannotCheck(error) });
    }
  }

  /** @throws GatehouseError for what was learned and is a refusal of its own, and for what could not be learned */
  find(digest: string) {
    const known = this.#known.get(digest);
    if (known === undefined) throw cannotCheck(undefined);
    if ('fault' in known) throw known.fault;
    const { key, code } = known.answer;
    // Unknown, or a key of the environment, whose bounds nobody but Gatehouse itself knows.
    if (key === undefined) return undefined;
    if (code === 'WRONG_ENVIRONMENT')
      throw new GatehouseError(
        'FORBIDDEN',
        `This key is for ${key.environment}; Gatehouse admits keys of another one.`,
      );
    if (code === 'RATE_LIMITED')
      throw new GatehouseError('RATE_LIMITED', 'This key has spent its limit at Gatehouse. Try again later.');
    const endsAtMs = code === 'EXPIRED' ? 0 : key.expiresAt === null ? null : Date.parse(key.expiresAt);
    return {
      principal: principalOf(key),
      revoked: code === 'REVOKED',
      endsAtMs,
      addresses: key.allowedIps.length === 0 ? null : new AddressSet(key.allowedIps.map(parseNetwork)),
      secretDigest: digest,
    };
  }
}

function principalOf(key: NonNullable<VerifyAnswer['key']>): Principal {
  const { id, type, organizationId, workspaceIds, allowedIps, environment, rateLimit, expiresAt } = key;
  return {
    kind: type === 'svc' ? 'service_key' : type === 'mcp' ? 'mcp_token' : 'api_key',
    id,
    organizationId,
    scopes: new Set(key.scopes),
    workspaceIds,
    credentialIds: key.credentialIds ?? [],
    allowedIps,
    // A Gatehouse of before knows no such list.
    allowedOrigins: key.allowedOrigins ?? [],
    environment,
    expiresAtMs: expiresAt === null ? null : Date.parse(expiresAt),
    rateLimit,
    keyId: id,
    operator: false,
    role: null,
    person: null,
    traded: false,
  };
}

/** Which half of the set-up is wrong may be told; where Gatehouse is may not. */
function cannotCheck(cause: unknown): GatehouseError {
  const status = (cause as { status?: number | null } | undefined)?.status ?? null;
  const detail =
    status === 401 || status === 403
      ? 'Keys cannot be checked: Gatehouse refuses the service key of this app, which needs keys:read.'
      : 'Keys cannot be checked: Gatehouse does not answer. Try again.';
  return new GatehouseError('UNAVAILABLE', detail, { cause, retryAfterSeconds: INVALID_MS / 1000 });
}
