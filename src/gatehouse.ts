import { type AskRoom, openAsk } from './ask/ask.js';
import { type Audit, openAudit } from './audit/audit.js';
import { checkup } from './checkup.js';
import type { Config } from './config/config.js';
import type { SystemCheck } from './contract/system.js';
import { ClientResolver } from './guard/client-ip.js';
import { Guard } from './guard/guard.js';
import { isSpent } from './guard/rate-limit.js';
import { UpstreamRouter } from './guard/upstream-routes.js';
import { openIdentity } from './identity/identity.js';
import type { Keys } from './identity/keys/keys.js';
import type { Assertions } from './identity/tokens/assertions.js';
import type { SigningKeys } from './identity/tokens/signing-keys.js';
import type { Tokens } from './identity/tokens/tokens.js';
import { AddressSet } from './kernel/addresses.js';
import { type Clock, systemClock } from './kernel/clock.js';
import { describeError, type Logger } from './kernel/logger.js';
import { DEFAULT_ORGANIZATION } from './kernel/principal.js';
import { openSeal, type Seal } from './seal/instance-key.js';
import { openSettings, type Settings } from './settings/settings.js';
import { claimDataFolder, type DataFolder } from './store/data-folder.js';
import { Usage } from './usage/usage.js';
import { openWorkspaces, type Workspaces } from './workspaces/workspaces.js';

export type { Config, ConfigResult } from './config/config.js';

const PURGE_EVERY_MS = 86_400_000;

/** Every room, built from one Config. Doors see this, and nothing behind it. */
export interface Gatehouse {
  readonly config: Config;
  readonly clock: Clock;
  readonly log: Logger;
  readonly folder: DataFolder;
  readonly seal: Seal;
  readonly audit: Audit;
  readonly usage: Usage;
  readonly guard: Guard;
  /** Client addresses and trusted proxies. */
  readonly clients: ClientResolver;
  readonly keys: Keys;
  readonly serviceKeys: Keys;
  readonly mcpTokens: Keys;
  readonly signingKeys: SigningKeys;
  readonly tokens: Tokens;
  /** Signed statements about callers, for the apps behind us. */
  readonly assertions: Assertions;
  readonly settings: Settings;
  /** What the apps behind us ask of their callers. */
  readonly upstream: UpstreamRouter;
  readonly workspaces: Workspaces;
  readonly ask: AskRoom;
  /** `degraded`: decides and saves, but the vault is locked or an edit of the settings cannot be used. `unavailable`: changes cannot be saved, or it is stopping. */
  readiness(): 'ok' | 'degraded' | 'unavailable';
  /** A look at files, keys and settings. */
  checkup(): Promise<SystemCheck[]>;
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
    const usage = await Usage.open({ folder, clock, log });
    closers.push(() => usage.close());
    const workspaces = await openWorkspaces({ root: config.workspacesDir, log });
    const ask = openAsk({ workspaces, clock, log });
    closers.push(() => ask.close());

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
      // No vault yet, so no name of a credential means anything.
      credentials: { resolve: () => null },
      knownScopes: settings.scopes,
      settings: config,
      issuer: config.publicUrl ?? `urn:gatehouse:${instance.instanceId}`,
      audiences: upstream,
    });
    closers.push(() => identity.close());
    const { keys } = identity;
    const clients = new ClientResolver(
      config.trustProxy,
      config.allowedIps === null ? null : new AddressSet(config.allowedIps),
    );
    const takeNetwork = () => clients.useSaved(settings.network.allowed());
    takeNetwork();
    settings.subscribe(takeNetwork);
    const guard = new Guard({
      clients,
      keys: identity.index,
      envKeys: identity.envKeys,
      tokens: identity.accessTokens,
      sessions: { find: () => undefined, touch: () => {} },
      sessionRules: { cookieName: 'gatehouse_session', publicOrigin: null },
      lastUsed: usage,
      windows: usage,
      refusals: audit,
      organizations: { has: (id) => id === DEFAULT_ORGANIZATION, requestLimit: () => null },
      workspaces,
      credentials: { ownerOf: () => null },
      environment: config.environment,
      defaultLimit: config.rateLimit,
      clock,
    });

    const purge = () =>
      keys.purge().then(
        (gone) => usage.forget(gone),
        (error) => log.warn('old tombstones were not purged', describeError(error)),
      );
    const purgeTimer = setInterval(purge, PURGE_EVERY_MS);
    purgeTimer.unref();
    void purge();
    let draining = false;
    return {
      config,
      clock,
      log,
      folder,
      seal,
      audit,
      usage,
      guard,
      clients,
      keys,
      serviceKeys: identity.serviceKeys,
      mcpTokens: identity.mcpTokens,
      signingKeys: identity.signingKeys,
      tokens: identity.tokens,
      assertions: identity.assertions,
      settings,
      upstream,
      workspaces,
      ask,
      readiness() {
        if (draining || folder.lost || identity.fault !== null || !audit.writable) return 'unavailable';
        return seal.locked === null && settings.fault === null ? 'ok' : 'degraded';
      },
      checkup: () => checkup({ config, seal, folder, settings, keysFault: identity.fault, audit }),
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
