import type { LiveEvent } from '../contract/live.js';
import type { Principal } from './principal.js';

/** An event of the contract, but for what only a stream itself says. */
export type HappeningEvent = Exclude<LiveEvent, { readonly type: 'hello' | 'many' }>;

/** Something that happened, and what tells who may hear of it. */
export interface Happening {
  readonly event: HappeningEvent;
  /** The key it is about. */
  readonly key?: Pick<Principal, 'kind' | 'id' | 'organizationId' | 'workspaceIds'>;
  /** The workspace it is in. */
  readonly workspaceId?: string;
  /** The user it belongs to. */
  readonly userId?: string;
  /** Who started the job. */
  readonly startedBy?: string;
}

/** Tells whoever listens. Never throws, and waits for nobody. */
export type Announce = (happening: Happening) => void;

/** Where nobody listens. */
export const UNHEARD: Announce = () => {};
