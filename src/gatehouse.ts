import { type AskRoom, openAsk } from './ask/ask.js';
import { answeringSources, answersFor, indexing } from './asking.js';
import { type Audit, openAudit } from './audit/audit.js';
import { renewChainKey } from './audit/chain-key.js';
import { checkup } from './checkup.js';
import type { Config } from './config/config.js';
import { Ask } from './contract/ask.js';
import type { SystemCheck } from './contract/system.js';
import { createEgress, type Egress, type EgressOptions } from './egress/egress.js';
import { OpenStreams } from './guard/adapters/open-streams.js';
import { ClientResolver } from './guard/client-ip.js';
import { Explainer } from './guard/explain/explainer.js';
import { Guard, type GuardOptions } from './guard/guard.js';
import { isSpent } from './guard/rate-limit.js';
import { UpstreamRouter } from './guard/upstream-routes.js';
import { type IdentityRooms, openIdentity } from './identity/identity.js';
import { openDirectory } from './identity/organizations/directory.js';
import { type SessionCookie, sessionCookie } from './identity/sessions/cookie.js';
import { type Jobs, openJobs } from './jobs/jobs.js';
import { AddressSet } from './kernel/addresses.js';
import { type Clock, systemClock } from './kernel/clock.js';
import type { Logger } from './kernel/logger.js';
import { LOCAL } from './kernel/principal.js';
import { openMail } from './mail/mail.js';
import { openSeal, type Seal } from './seal/instance-key.js';
import { LanTargetLists } from './settings/lan-targets.js';
import { openSettings, type Settings } from './settings/settings.js';
import { claimDataFolder, type DataFolder } from './store/data-folder.js';
import { UsageReports } from './usage/reports.js';
import { Usage } from './usage/usage.js';
import { openVault, type Vault } from './vault/vault.js';
import { type Ownership, openOwnership } from './workspaces/ownership.js';
import { openWorkspaces, type Workspaces } from './workspaces/workspaces.js';

export type { Config, ConfigResult } from './config/config.js';

const PURGE_EVERY_MS = 86_400_000;
/** Most of a question is waiting for a provider, and one that hangs must not hold up those that ask the files alone. */
const ASK_CONCURRENCY = 12;

/** Every room, built from one Config. Doors see this, and nothing behind it. */
export interface Gatehouse extends IdentityRooms {
  readonly config: Config;
  readonly clock: Clock;
  readonly log: Logger;
  readonly folder: DataFolder;
  readonly seal: Seal;
  readonly audit: Audit;
  readonly usage: Usage;
  readonly usageReports: UsageReports;
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
  /** What workspaces may call besides the public internet over TLS. */
  readonly lanTargets: LanTargetLists;
  readonly egress: Egress;
  readonly vault: Vault;
  readonly ask: AskRoom;
  readonly jobs: Jobs;
  /** `degraded`: decides and saves, but the vault is locked or an edit of the settings cannot be used. `unavailable`: changes cannot be saved, or it is stopping. */
  readiness(): 'ok' | 'degraded' | 'unavailable';
  /** A look at files, keys and settings. */
  checkup(): Promise<SystemCheck[]>;
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
  readonly log: Logger;
  readonly clock?: Clock;
  /** Overrides where the command socket goes; default: `config.socket`. */
  readonly socket?: 'off' | string;
  /** How names are resolved and who is trusted on the way out; default: as this machine does. */
  readonly egress?: EgressOptions;
}

/**
 * Opens every room on the folder of `config`.
 * @throws GatehouseError `CONFLICT` when another process owns the folder, `STORE_UNAVAILABLE` when it cannot be
 *   written or a file in it is damaged, naming file and remedy
 */
export async function openGatehouse(
  config: Config,
  { log, clock = systemClock, socket, egress: egressOptions }: GatehouseParts,
): Promise<Gatehouse> {
  const folder = await claimDataFolder({ path: config.workspacesDir, socket: socket ?? config.socket, clock, log });
  const closers: (() => Promise<unknown>)[] = [() => folder.release()];
  const closeAll = async () => {
    for (const close of closers.reverse()) await close();
  };
  try {
    const { seal, instance, keys: instanceKeys } = await openSeal({ folder, masterKey: config.masterKey, clock, log });
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
    const settings = await openSettings({
      folder,
      audit,
      recent: usage,
      allowedIps:
        config.allowedIps === null ? null : config.allowedIps.map(({ address, prefix }) => `${address}/${prefix}`),
      clock,
      log,
    });
    closers.push(() => settings.close());
    const upstream = new UpstreamRouter(config.publicUrl);
    const takeRoutes = () => upstream.use(settings.routes.value);
    takeRoutes();
    settings.routes.subscribe(takeRoutes);

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
      credentials: { resolve: (name, workspaceIds) => vault.resolve(name, workspaceIds) },
      knownScopes: settings.scopes,
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
      audiences: upstream,
    });
    closers.push(() => identity.close());
    const lanTargets = await LanTargetLists.open({ folder, audit, clock, log });
    closers.push(() => lanTargets.close());
    const egress = createEgress({ allow: (workspaceId) => lanTargets.of(workspaceId), ...egressOptions });
    closers.push(() => egress.close());
    const sources = answeringSources(() => ({ vault, jobs, ownership }));
    const answering = { sources, egress };
    const ask = openAsk({ workspaces, clock, log, ...indexing(config, folder, ownership), answering });
    closers.push(() => ask.close());
    const vault = await openVault({
      folder,
      seal,
      instanceKeys,
      resealers: [...identity.resealers, () => renewChainKey({ folder, seal, log })],
      egress,
      proxyDomain: config.proxyDomain,
      audit,
      uses: usage,
      usedBy: (id) => [...identity.keysBoundTo(id), ...answersFor(ownership, id)],
      organizationOf: (id) => workspaces.ownerOf(id) ?? null,
      clock,
      log,
    });
    closers.push(() => vault.close());
    const { sessions } = identity;
    const cookie = sessionCookie(config.publicUrl, config.basePath);
    const clients = new ClientResolver(
      config.trustProxy,
      config.allowedIps === null ? null : new AddressSet(config.allowedIps),
    );
    const takeNetwork = () => clients.useSaved(settings.network.allowed());
    takeNetwork();
    settings.subscribe(takeNetwork);
    const guardOptions: GuardOptions = {
      clients,
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
      credentials: vault,
      environment: config.environment,
      defaultLimit: config.rateLimit,
      clock,
    };
    const guard = new Guard(guardOptions);

    const jobs = await openJobs({
      folder,
      audit,
      clock,
      log,
      works: [
        { kind: 'ask', concurrency: ASK_CONCURRENCY, run: (input, run) => ask.ask(run.bounds, Ask.parse(input), run) },
      ],
      boundsOf(principalId, organizationId) {
        const principal = identity.principalOf(principalId, organizationId);
        return principal === null ? null : guard.boundsFor(principal);
      },
    });
    closers.push(() => jobs.close());

    const schedule = { address: 'schedule', requestId: 'schedule' };
    vault.startRetests({ ...schedule, bounds: guard.boundsFor({ ...LOCAL, id: 'gatehouse' }) });
    const purgeTimer = setInterval(() => void identity.purge(), PURGE_EVERY_MS).unref();
    void identity.purge();
    const stopping = new AbortController();
    return {
      ...identity.rooms,
      config,
      clock,
      log,
      folder,
      seal,
      audit,
      usage,
      usageReports: new UsageReports({ traffic: usage.traffic, keys: identity.index, clock }),
      guard,
      explainer: new Explainer({
        guard: guardOptions,
        namedKeys: identity.index,
        upstream,
        basePath: config.basePath,
      }),
      openStreams: new OpenStreams(guard),
      clients,
      sessionCookie: cookie,
      sendsMail: mail.available,
      settings,
      upstream,
      workspaces,
      ownership,
      lanTargets,
      egress,
      vault,
      ask,
      jobs,
      readiness() {
        if (
          stopping.signal.aborted ||
          folder.lost ||
          identity.fault !== null ||
          ownership.fault !== null ||
          !audit.writable
        )
          return 'unavailable';
        return seal.locked === null && settings.fault === null ? 'ok' : 'degraded';
      },
      checkup: () => checkup({ config, seal, folder, settings, keysFault: identity.fault, audit }),
      drain() {
        stopping.abort();
      },
      stopping: stopping.signal,
      get draining() {
        return stopping.signal.aborted;
      },
      async close() {
        stopping.abort();
        clearInterval(purgeTimer);
        await closeAll();
      },
    };
  } catch (error) {
    await closeAll();
    throw error;
  }
}
