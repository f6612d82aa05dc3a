import { type AskRoom, openAsk } from './ask/ask.js';
import { type Audit, openAudit } from './audit/audit.js';
import type { Config } from './config/config.js';
import { Ask } from './contract/ask.js';
import { ClientResolver } from './guard/client-ip.js';
import { Guard } from './guard/guard.js';
import { isSpent } from './guard/rate-limit.js';
import { openIdentity } from './identity/identity.js';
import type { Keys } from './identity/keys/keys.js';
import type { PeopleRooms } from './identity/open-people.js';
import { openDirectory } from './identity/organizations/directory.js';
import type { Invitations } from './identity/organizations/invitations.js';
import type { Members } from './identity/organizations/members.js';
import type { Organizations } from './identity/organizations/organizations.js';
import { type SessionCookie, sessionCookie } from './identity/sessions/cookie.js';
import type { SigningKeys } from './identity/tokens/signing-keys.js';
import type { Tokens } from './identity/tokens/tokens.js';
import { type Jobs, openJobs } from './jobs/jobs.js';
import { AddressSet } from './kernel/addresses.js';
import { type Clock, systemClock } from './kernel/clock.js';
import { describeError, type Logger } from './kernel/logger.js';
import { openMail } from './mail/mail.js';
import { openSeal, type Seal } from './seal/instance-key.js';
import { claimDataFolder, type DataFolder } from './store/data-folder.js';
import { Usage } from './usage/usage.js';
import { type Ownership, openOwnership } from './workspaces/ownership.js';
import { openWorkspaces, type Workspaces } from './workspaces/workspaces.js';

export type { Config, ConfigResult } from './config/config.js';

const PURGE_EVERY_MS = 86_400_000;

/** Every room, built from one Config. Doors see this, and nothing behind it. */
export interface Gatehouse extends PeopleRooms {
  readonly config: Config;
  readonly clock: Clock;
  readonly log: Logger;
  readonly folder: DataFolder;
  readonly seal: Seal;
  readonly audit: Audit;
  readonly usage: Usage;
  readonly guard: Guard;
  readonly keys: Keys;
  readonly serviceKeys: Keys;
  readonly mcpTokens: Keys;
  readonly signingKeys: SigningKeys;
  readonly tokens: Tokens;
  readonly organizations: Organizations;
  readonly members: Members;
  readonly invitations: Invitations;
  readonly sessionCookie: SessionCookie;
  /** Whether letters go out. */
  readonly sendsMail: boolean;
  readonly workspaces: Workspaces;
  readonly ownership: Ownership;
  readonly ask: AskRoom;
  readonly jobs: Jobs;
  /** `degraded`: decides and saves, but the vault is locked. `unavailable`: changes cannot be saved, or it is stopping. */
  readiness(): 'ok' | 'degraded' | 'unavailable';
  /** From now on readiness says `unavailable`, so that a proxy sends nobody here. */
  drain(): void;
  /** Whether it is stopping: connections are not kept alive any more. */
  readonly draining: boolean;
  /** Saves what is in memory and gives the folder back. */
  close(): Promise<void>;
}

export interface GatehouseParts {
  readonly log: Logger;
  readonly clock?: Clock;
  /** Overrides where the command socket goes; default: `config.socket`. */
  readonly socket?: 'off' | string;
}

/**
 * Opens every room on the folder of `config`.
 * @throws GatehouseError `CONFLICT` when another process owns the folder, `STORE_UNAVAILABLE` when it cannot be
 *   written or a file in it is damaged, naming file and remedy
 */
export async function openGatehouse(
  config: Config,
  { log, clock = systemClock, socket }: GatehouseParts,
): Promise<Gatehouse> {
  const folder = await claimDataFolder({ path: config.workspacesDir, socket: socket ?? config.socket, clock, log });
  const closers: (() => Promise<unknown>)[] = [() => folder.release()];
  const closeAll = async () => {
    for (const close of closers.reverse()) await close();
  };
  try {
    const { seal, instance } = await openSeal({ folder, masterKey: config.masterKey, clock, log });
    const audit = await openAudit({ folder, seal, clock, log, maxBytes: config.auditMaxMb * 1_000_000 });
    closers.push(() => audit.close());
    const mail = openMail({ ...config, from: config.mailFrom, audit, log });
    closers.push(() => mail.close());
    const usage = await Usage.open({ folder, clock, log });
    closers.push(() => usage.close());
    const directory = await openDirectory({ folder, clock, log });
    closers.push(() => directory.close());
    const ownership = await openOwnership({ folder, organizations: directory, audit, clock, log });
    closers.push(() => ownership.close());
    const workspaces = await openWorkspaces({ root: config.workspacesDir, log, ownership });
    const ask = openAsk({ workspaces, clock, log });
    closers.push(() => ask.close());

    const identity = await openIdentity({
      folder,
      seal,
      audit,
      clock,
      log,
      uses: usage,
      isSpent(keyId, own) {
        const limit = own ?? config.rateLimit;
        return limit !== null && isSpent(usage.peek(`c:${keyId}`), limit, clock.nowMs());
      },
      // No vault yet, so no name of a credential means anything.
      credentials: { resolve: () => null },
      directory,
      folders: {
        async settle() {
          await workspaces.refresh();
          await ownership.settle(workspaces.list().map(({ id }) => id));
        },
        countOf: (organizationId) =>
          workspaces.list().filter(({ id }) => ownership.ownerOf(id) === organizationId).length,
      },
      mailer: mail,
      settings: config,
      issuer: config.publicUrl ?? `urn:gatehouse:${instance.instanceId}`,
    });
    closers.push(() => identity.close());
    const { keys, sessions } = identity;
    const cookie = sessionCookie(config.publicUrl, config.basePath);
    const guard = new Guard({
      clients: new ClientResolver(
        config.trustProxy,
        config.allowedIps === null ? null : new AddressSet(config.allowedIps),
      ),
      keys: identity.index,
      envKeys: identity.envKeys,
      tokens: identity.accessTokens,
      sessions,
      sessionRules: {
        cookieName: cookie.name,
        publicOrigin: config.publicUrl === null ? null : new URL(config.publicUrl).origin,
      },
      lastUsed: usage,
      windows: usage,
      refusals: audit,
      organizations: directory,
      workspaces,
      credentials: { ownerOf: () => null },
      environment: config.environment,
      defaultLimit: config.rateLimit,
      clock,
    });

    const jobs = await openJobs({
      folder,
      audit,
      clock,
      log,
      works: [{ kind: 'ask', concurrency: 4, run: (input, run) => ask.ask(run.bounds, Ask.parse(input), run) }],
      boundsOf(principalId, organizationId) {
        const principal = identity.principalOf(principalId, organizationId);
        return principal === null ? null : guard.boundsFor(principal);
      },
    });
    closers.push(() => jobs.close());

    const purge = () => {
      void sessions.purge();
      identity.invitations
        .purge()
        .catch((error) => log.warn('invites that are over were not purged', describeError(error)));
      return keys.purge().then(
        (gone) => usage.forget(gone),
        (error) => log.warn('old tombstones were not purged', describeError(error)),
      );
    };
    const purgeTimer = setInterval(purge, PURGE_EVERY_MS);
    purgeTimer.unref();
    void purge();
    let draining = false;
    return {
      ...peopleRooms(identity),
      config,
      clock,
      log,
      folder,
      seal,
      audit,
      usage,
      guard,
      keys,
      serviceKeys: identity.serviceKeys,
      mcpTokens: identity.mcpTokens,
      signingKeys: identity.signingKeys,
      tokens: identity.tokens,
      organizations: identity.organizations,
      members: identity.members,
      invitations: identity.invitations,
      sessionCookie: cookie,
      sendsMail: mail.available,
      workspaces,
      ownership,
      ask,
      jobs,
      readiness() {
        if (draining || folder.lost || identity.fault !== null || ownership.fault !== null || !audit.writable)
          return 'unavailable';
        return seal.locked === null ? 'ok' : 'degraded';
      },
      drain() {
        draining = true;
      },
      get draining() {
        return draining;
      },
      async close() {
        draining = true;
        clearInterval(purgeTimer);
        await closeAll();
      },
    };
  } catch (error) {
    await closeAll();
    throw error;
  }
}

function peopleRooms(rooms: PeopleRooms): PeopleRooms {
  const { firstRun, signIn, signup, invites, recovery, account, secondFactor, users } = rooms;
  return { firstRun, signIn, signup, invites, recovery, account, secondFactor, users };
}
