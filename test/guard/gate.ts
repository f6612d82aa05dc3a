import type { RateLimit } from '../../src/contract/fields.js';
import { ClientResolver, type TrustProxy } from '../../src/guard/client-ip.js';
import { Guard, type GuardOptions, type RequestFacts, type Verdict } from '../../src/guard/guard.js';
import type { KeyMatch, RefusalFacts } from '../../src/guard/lookups.js';
import type { Policy } from '../../src/guard/policy.js';
import { DEFAULT_SLOTS } from '../../src/guard/policy.js';
import { type RateWindow, rateLimitHeader } from '../../src/guard/rate-limit.js';
import { Trace } from '../../src/guard/trace.js';
import { AddressSet, parseNetwork } from '../../src/kernel/addresses.js';
import { sha256, sha256Bytes } from '../../src/kernel/digest.js';
import type { Principal } from '../../src/kernel/principal.js';
import { TestClock } from '../support/clock.js';

export const KEY = 'test-key-0123456789abcdef';
export const PEER = '192.0.2.10';

export function principal(over: Partial<Principal> = {}): Principal {
  return {
    kind: 'api_key',
    id: 'key_one',
    organizationId: 'org_default',
    scopes: new Set(['ask:run']),
    workspaceIds: null,
    credentialIds: [],
    allowedIps: [],
    allowedOrigins: [],
    environment: 'development',
    expiresAtMs: null,
    rateLimit: null,
    keyId: 'key_one',
    operator: over.kind === 'local' || over.kind === 'env_admin',
    role: null,
    person: null,
    traded: false,
    ...over,
  };
}

export function keyMatch(over: Partial<KeyMatch> = {}): KeyMatch {
  return {
    principal: principal(),
    revoked: false,
    endsAtMs: null,
    addresses: null,
    secretDigest: 'sha256:one',
    ...over,
  };
}

export function policy(over: Partial<Policy> = {}): Policy {
  return {
    id: 'testRoute',
    authModes: ['api_key', 'service_role'],
    scopes: [],
    slots: DEFAULT_SLOTS,
    operatorOnly: false,
    reach: 'organization',
    readsBody: false,
    counted: true,
    rateLimit: null,
    health: false,
    ...over,
  };
}

export function facts(over: Partial<RequestFacts> & { key?: string } = {}): RequestFacts {
  const { key, ...rest } = over;
  return {
    door: 'tcp',
    peerAddress: PEER,
    rawHeaders: key === undefined ? [] : ['X-API-Key', key],
    method: 'GET',
    requestId: 'req_test',
    named: null,
    ...rest,
  };
}

export const networks = (...texts: string[]) => texts.map(parseNetwork);
export const addressSet = (...texts: string[]) => new AddressSet(networks(...texts));
export const trusting = (...texts: string[]): TrustProxy => ({ kind: 'networks', networks: networks(...texts) });
export const hops = (count: number): TrustProxy => ({ kind: 'hops', count });

export interface GateOptions {
  readonly keys?: Readonly<Record<string, KeyMatch>>;
  readonly envKeys?: Readonly<Record<string, Principal>>;
  readonly trust?: TrustProxy;
  readonly allowed?: AddressSet | null;
  readonly limit?: RateLimit | null;
  readonly over?: Partial<GuardOptions>;
}

/** A guard on look-ups in memory that writes down everything it was made to do. */
export class Gate {
  readonly clock = new TestClock();
  readonly windows = new Map<string, RateWindow>();
  readonly touched: { secret: string; address: string }[] = [];
  readonly refused: RefusalFacts[] = [];
  readonly guard: Guard;

  constructor({
    keys = { [KEY]: keyMatch() },
    envKeys = {},
    trust = null,
    allowed = null,
    limit = null,
    over = {},
  }: GateOptions = {}) {
    const known = new Map(Object.entries(keys).map(([key, match]) => [sha256(key), match]));
    const env = Object.entries(envKeys);
    this.guard = new Guard({
      clients: new ClientResolver(trust, allowed),
      keys: { find: (digest) => known.get(digest), describeUnknown: () => null },
      envKeys: {
        find(digest) {
          const found = env.find(([key]) => sha256Bytes(key).equals(digest));
          return found === undefined ? undefined : { principal: found[1], fingerprint: found[1].id };
        },
      },
      tokens: { isToken: () => false, isUnchecked: () => false, check: async () => {}, find: () => undefined },
      lastUsed: { touch: (secret, _nowMs, address) => void this.touched.push({ secret, address }) },
      windows: {
        window: (counter, _lengthMs, nowMs) => {
          const window = this.windows.get(counter) ?? { startMs: nowMs, count: 0 };
          this.windows.set(counter, window);
          return window;
        },
        peek: (counter) => this.windows.get(counter),
      },
      refusals: { refuse: (refusal) => void this.refused.push(refusal) },
      sessions: { find: () => undefined, touch: () => {} },
      sessionRules: { cookieName: 'gatehouse_session', publicOrigin: null },
      organizations: { has: (id) => id === 'org_default' || id === 'org_other', requestLimit: () => null },
      workspaces: {
        ownerOf: (id) => ({ mine: 'org_default', second: 'org_default', theirs: 'org_other', unassigned: null })[id],
      },
      credentials: {
        workspaceOf: (id) => ({ cred_mine: 'mine', cred_second: 'second', cred_theirs: 'theirs' })[id] ?? null,
      },
      environment: null,
      defaultLimit: limit,
      clock: this.clock,
      ...over,
    });
  }

  decide(request = facts({ key: KEY }), route = policy()): Verdict {
    return this.guard.decide(request, route);
  }

  explain(request = facts({ key: KEY }), route = policy()): { verdict: Verdict; trace: Trace } {
    const trace = new Trace();
    return { verdict: this.guard.explain(request, route, trace), trace };
  }
}

/** A verdict in one line: `allow key_one`, or `rate RATE_LIMITED`. */
export function shown(verdict: Verdict): string {
  return verdict.allow ? `allow ${verdict.principal.id}` : `${verdict.step} ${verdict.error.code}`;
}

export function rateShown(verdict: Verdict): string | null {
  return verdict.allow && verdict.rate !== null ? rateLimitHeader(verdict.rate) : null;
}

/** What a page of this instance sends for somebody who is signed in. */
export const SIGNED_IN: readonly string[] = ['Cookie', 'gatehouse_session=secret', 'Host', 'h', 'Origin', 'http://h'];

/** A gate where `SIGNED_IN` is this user. */
export function gateOf(who: Principal, over: Partial<GuardOptions> = {}): Gate {
  const sessions = { find: () => ({ principal: who, sessionId: 'ses_one' }), touch: () => {} };
  return new Gate({ over: { sessions, ...over } });
}
