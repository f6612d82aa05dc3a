import type { AskRoom } from './ask/ask.js';
import type { Audit } from './audit/audit.js';
import type { Config } from './config/config.js';
import type { Egress, EgressOptions } from './egress/egress.js';
import type { FrontPage } from './front-page.js';
import type { OpenStreams } from './guard/adapters/open-streams.js';
import type { ClientResolver } from './guard/client-ip.js';
import type { Explainer } from './guard/explain/explainer.js';
import type { Guard } from './guard/guard.js';
import type { UpstreamRouter } from './guard/upstream-routes.js';
import type { IdentityRooms } from './identity/identity.js';
import type { SessionCookie } from './identity/sessions/cookie.js';
import type { Jobs } from './jobs/jobs.js';
import type { Clock } from './kernel/clock.js';
import type { Logger, RecentLines } from './kernel/logger.js';
import type { Live } from './live/live.js';
import type { Models } from './models/models.js';
import type { Prompts } from './prompts/prompts.js';
import type { Seal } from './seal/instance-key.js';
import type { LanTargetLists } from './settings/lan-targets.js';
import type { Settings } from './settings/settings.js';
import type { DataFolder } from './store/data-folder.js';
import type { Usage } from './usage/usage.js';
import type { Vault } from './vault/vault.js';
import type { WorkspaceFiles } from './workspaces/files.js';
import type { WorkspaceLife } from './workspaces/life.js';
import type { Ownership } from './workspaces/ownership.js';
import type { Workspaces } from './workspaces/workspaces.js';

/** Every room, built from one Config. Doors see this, and nothing behind it. */
export interface Gatehouse extends IdentityRooms, FrontPage {
  readonly config: Config;
  readonly clock: Clock;
  readonly log: Logger;
  readonly folder: DataFolder;
  readonly seal: Seal;
  readonly audit: Audit;
  readonly usage: Usage;
  readonly guard: Guard;
  readonly explainer: Explainer;
  /** Answers that go on after their request was let in: ended when its caller would be refused. */
  readonly openStreams: OpenStreams;
  /** Client addresses and trusted proxies. */
  readonly clients: ClientResolver;
  readonly sessionCookie: SessionCookie;
  /** Whether letters go out. */
  readonly sendsMail: boolean;
  readonly settings: Settings;
  /** What the apps behind us ask of their callers. */
  readonly upstream: UpstreamRouter;
  readonly workspaces: Workspaces;
  readonly ownership: Ownership;
  readonly workspaceFiles: WorkspaceFiles;
  /** Makes and deletes workspaces. */
  readonly workspaceLife: WorkspaceLife;
  /** What workspaces may call besides the public internet over TLS. */
  readonly lanTargets: LanTargetLists;
  readonly egress: Egress;
  readonly vault: Vault;
  readonly prompts: Prompts;
  readonly models: Models;
  readonly ask: AskRoom;
  readonly jobs: Jobs;
  /** Tells open pages what happens. */
  readonly live: Live;
  /** From now on readiness says `unavailable`, so that a proxy sends nobody here. */
  drain(): void;
  /** Aborted by `drain`: answers without an end of their own end now. */
  readonly stopping: AbortSignal;
  /** Whether it is stopping: connections are not kept alive any more. */
  readonly draining: boolean;
  /** Saves what is in memory and gives the folder back. */
  close(): Promise<void>;
}

export interface GatehouseParts {
  readonly log: Logger & RecentLines;
  readonly clock?: Clock;
  /** Overrides where the command socket goes; default: `config.socket`. */
  readonly socket?: 'off' | string;
  /** How names are resolved and who is trusted on the way out; default: as this machine does. */
  readonly egress?: EgressOptions;
}
