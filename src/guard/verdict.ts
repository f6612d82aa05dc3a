import type { Environment } from '../contract/fields.js';
import type { GatehouseError } from '../kernel/errors.js';
import type { NamedIds, Principal } from '../kernel/principal.js';
import type { Authentication } from './authenticate.js';
import type { BoundsLookups } from './bounds.js';
import type { ClientResolver } from './client-ip.js';
import type { CountOptions } from './count.js';
import type { Credential, HeaderFacts } from './credential.js';
import type { EnvKeyLookup, KeyLookup, LastUsed, RefusalSink, SessionLookup, TokenLookup } from './lookups.js';
import type { RateState } from './rate-limit.js';
import type { SessionRules } from './session.js';
import type { Step } from './trace.js';

/** What a door knows about a request before its body is read. */
export interface RequestFacts {
  /** `socket`: the command socket, whose file mode is the credential. */
  readonly door: 'tcp' | 'socket';
  readonly peerAddress: string | undefined;
  /** Name, value, name, value …, as they came. */
  readonly rawHeaders: readonly string[];
  /** The same, read: once for all that is asked of one request. */
  readonly headers?: HeaderFacts;
  readonly method: string;
  readonly requestId: string;
  /** Ids named in the path or the query. */
  readonly named: NamedIds | null;
  /** What the door found in slots of its own, instead of those of the policy. */
  readonly credential?: Credential;
  /** Ids named in the body, once it has arrived: they say where a user acts. Rooms check them like all ids of bodies. */
  readonly inBody?: NamedIds;
}

export interface Allow {
  readonly allow: true;
  readonly principal: Principal;
  /** `socket` for the command socket. */
  readonly address: string;
  /** Names the secret that was shown, as in last-used records; `null`: none was, or it was a JWT. */
  readonly secret: string | null;
  /** What is left of the limit this request was counted against; `null`: it was not counted. */
  readonly rate: RateState | null;
}

export interface Deny {
  readonly allow: false;
  readonly step: Step;
  /** A finer word than the step, where there is one. */
  readonly reason: string;
  readonly error: GatehouseError;
  /** Who it was refused to, as far as that was known. */
  readonly principal: Principal | null;
  /** The client's; `null`: it was not found. */
  readonly address: string | null;
  /** As in `Allow`: a key that may not do this was shown all the same. */
  readonly secret: string | null;
}

/** The guard's answer to one request. */
export type Verdict = Allow | Deny;

export interface GuardOptions extends BoundsLookups, CountOptions {
  readonly clients: ClientResolver;
  readonly keys: KeyLookup;
  readonly envKeys: EnvKeyLookup;
  readonly tokens: TokenLookup;
  readonly sessions: SessionLookup;
  readonly sessionRules: SessionRules;
  readonly lastUsed: LastUsed;
  readonly refusals: RefusalSink;
  /** `null`: keys of every environment are admitted. */
  readonly environment: Environment | null;
}

/** What an explanation takes as given, since its request was never sent. */
export interface Assumed {
  /**
   * The client's address. `null`: nobody named one, and no list of addresses is judged; left out: found as always.
   */
  readonly address?: string | null;
  /** The credential, as if it had been shown; left out: found as always. */
  readonly shown?: Authentication;
  /** Whether the instance's own lists of addresses may be told to whoever asks. */
  readonly showsLists: boolean;
}

/**
 * `decide`: counts and notes. `again`: the same request once more when its body has arrived; nothing is counted or
 * noted twice. `explain`: for a trace; limits are looked at and nothing is counted.
 */
export type Purpose = 'decide' | 'again' | 'explain';
