import { randomBytes } from 'node:crypto';
import { type AskRoom, openAsk } from './ask/ask.js';
import { type Audit, openAudit } from './audit/audit.js';
import { renewChainKey } from './audit/chain-key.js';
import type { Config } from './config/config.js';
import type { CredentialUser } from './contract/credentials.js';
import type { RateLimit } from './contract/fields.js';
import { createEgress, type Egress, type EgressOptions } from './egress/egress.js';
import { ClientResolver } from './guard/client-ip.js';
import { Guard } from './guard/guard.js';
import { isSpent } from './guard/rate-limit.js';
import { EnvKeys } from './identity/keys/env-keys.js';
import { apiKeys, MCP_TOKENS, SERVICE_KEYS } from './identity/keys/family.js';
import { KeyIndex } from './identity/keys/key-index.js';
import { Keys } from './identity/keys/keys.js';
import { KeyRecord, SCHEMA_VERSION } from './identity/keys/record.js';
import { AccessTokens, type Holders } from './identity/tokens/access-tokens.js';
import { SigningKeyRecord, SigningKeys } from './identity/tokens/signing-keys.js';
import { Tokens } from './identity/tokens/tokens.js';
import { AddressSet } from './kernel/addresses.js';
import { type Clock, systemClock } from './kernel/clock.js';
import { describeError, type Logger } from './kernel/logger.js';
import { DEFAULT_ORGANIZATION, LOCAL } from './kernel/principal.js';
import { openSeal, type Seal } from './seal/instance-key.js';
import { LanTargetLists } from './settings/lan-targets.js';
import { openCollection } from './store/collection.js';
import { claimDataFolder, type DataFolder } from './store/data-folder.js';
import { Usage } from './usage/usage.js';
import { openVault, type Vault } from './vault/vault.js';
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
  readonly keys: Keys;
  readonly serviceKeys: Keys;
  readonly mcpTokens: Keys;
  readonly signingKeys: SigningKeys;
  readonly tokens: Tokens;
  readonly workspaces: Workspaces;
  /** What workspaces may call besides the public internet over TLS. */
  readonly lanTargets: LanTargetLists;
  readonly egress: Egress;
  readonly vault: Vault;
  readonly ask: AskRoom;
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
    const usage = await Usage.open({ folder, clock, log });
    closers.push(() => usage.close());
    const records = await openCollection<KeyRecord>({
      folder,
      file: 'api-keys.json',
      member: 'keys',
      schemaVersion: SCHEMA_VERSION,
      parse: (record) => KeyRecord.parse(record),
      clock,
      log,
    });
    closers.push(() => records.close());
    const signingRecords = await openCollection<SigningKeyRecord>({
      folder,
      file: '.gatehouse/signing-keys.json',
      member: 'keys',
      schemaVersion: 1,
      parse: (record) => SigningKeyRecord.parse(record),
      clock,
      log,
    });
    closers.push(() => signingRecords.close());
    const workspaces = await openWorkspaces({ root: config.workspacesDir, log });
    const lanTargets = await LanTargetLists.open({ folder, audit, clock, log });
    closers.push(() => lanTargets.close());
    const egress = createEgress({ allow: (workspaceId) => lanTargets.of(workspaceId), ...egressOptions });
    closers.push(() => egress.close());
    const signingKeys = new SigningKeys(signingRecords, seal, clock);
    const vault = await openVault({
      folder,
      seal,
      instanceKeys,
      resealers: [() => signingKeys.renewSeals(), () => renewChainKey({ folder, seal, log })],
      egress,
      proxyDomain: config.proxyDomain,
      audit,
      uses: usage,
      usedBy: (credentialId) => usersAmong(records.values(), credentialId),
      organizationOf: (id) => workspaces.ownerOf(id),
      clock,
      log,
    });
    closers.push(() => vault.close());
    const ask = openAsk({ workspaces, clock, log });
    closers.push(() => ask.close());

    const index = new KeyIndex(records, config.keyPrefix);
    const envKeys = new EnvKeys({
      adminKey: config.adminKey,
      clientKeys: config.clientKeys,
      clientScopes: config.clientScopes,
      environment: config.environment,
      // While the vault is locked the gate goes on: fingerprints then differ until it is open again.
      fingerprintKey: seal.locked === null ? seal.derive('env-key-fingerprint') : randomBytes(32),
    });
    const shared = {
      records,
      index,
      envKeys,
      audit,
      uses: usage,
      credentials: vault,
      isSpent: (keyId: string, own: RateLimit | null) => {
        const limit = own ?? config.rateLimit;
        return limit !== null && isSpent(usage.peek(`c:${keyId}`), limit, clock.nowMs());
      },
      brand: config.keyPrefix,
      defaultLimit: config.rateLimit,
      environment: config.environment,
      defaultEnvironment: config.environment ?? 'development',
      clock,
    };
    const keys = new Keys({ ...shared, family: apiKeys(config.clientScopes) });
    const serviceKeys = new Keys({ ...shared, family: SERVICE_KEYS });
    const mcpTokens = new Keys({ ...shared, family: MCP_TOKENS });
    const holders: Holders = {
      holderOf: (subject, secretCreatedAt) =>
        index.holderOf(subject, secretCreatedAt) ?? envKeys.holderOf(subject, index),
      secretCreatedAt: (subject, secret) => index.secretCreatedAt(subject, secret),
    };
    const accessTokens = new AccessTokens({
      signingKeys,
      holders,
      issuer: config.publicUrl ?? `urn:gatehouse:${instance.instanceId}`,
      clock,
    });
    const guard = new Guard({
      clients: new ClientResolver(
        config.trustProxy,
        config.allowedIps === null ? null : new AddressSet(config.allowedIps),
      ),
      keys: index,
      envKeys,
      tokens: accessTokens,
      lastUsed: usage,
      windows: usage,
      refusals: audit,
      organizations: { has: (id) => id === DEFAULT_ORGANIZATION },
      workspaces,
      credentials: vault,
      environment: config.environment,
      defaultLimit: config.rateLimit,
      clock,
    });

    const schedule = { address: 'schedule', requestId: 'schedule' };
    vault.startRetests({ ...schedule, bounds: guard.boundsFor({ ...LOCAL, id: 'gatehouse' }) });
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
      keys,
      serviceKeys,
      mcpTokens,
      signingKeys,
      tokens: new Tokens({ accessTokens, signingKeys, holders, audit }),
      workspaces,
      lanTargets,
      egress,
      vault,
      ask,
      readiness() {
        if (draining || folder.lost || records.fault !== null || !audit.writable) return 'unavailable';
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

/** Keys that are bound to a credential by name; those that may use all of their organization's are not listed. */
function usersAmong(keys: Iterable<KeyRecord>, credentialId: string): CredentialUser[] {
  return [...keys].flatMap(({ id, name, revokedAt, credentialIds }) =>
    revokedAt === null && credentialIds?.includes(credentialId) ? [{ kind: 'key' as const, id, name }] : [],
  );
}
