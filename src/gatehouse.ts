import { setMaxListeners } from 'node:events';
import { openAsk } from './ask/ask.js';
import { fileJudge } from './ask/file-judge.js';
import { answeringSources, answersFor, indexing } from './asking.js';
import { openAudit } from './audit/audit.js';
import { renewChainKey } from './audit/chain-key.js';
import type { Config } from './config/config.js';
import { Ask } from './contract/ask.js';
import { createEgress } from './egress/egress.js';
import { openFrontPage } from './front-page.js';
import type { Gatehouse, GatehouseParts } from './gatehouse-rooms.js';
import { OpenStreams } from './guard/adapters/open-streams.js';
import { ClientResolver } from './guard/client-ip.js';
import { Explainer } from './guard/explain/explainer.js';
import { Guard, type GuardOptions } from './guard/guard.js';
import { isSpent } from './guard/rate-limit.js';
import { UpstreamRouter } from './guard/upstream-routes.js';
import { openIdentity } from './identity/identity.js';
import { openDirectory } from './identity/organizations/directory.js';
import { sessionCookie } from './identity/sessions/cookie.js';
import { openJobs } from './jobs/jobs.js';
import { AddressSet } from './kernel/addresses.js';
import { systemClock } from './kernel/clock.js';
import { LOCAL } from './kernel/principal.js';
import { knowsKey } from './live/connect.js';
import { Live } from './live/live.js';
import { openMail } from './mail/mail.js';
import { Models } from './models/models.js';
import { openPrompts } from './prompts/prompts.js';
import { openSeal } from './seal/instance-key.js';
import { LanTargetLists } from './settings/lan-targets.js';
import { openSettings } from './settings/settings.js';
import { claimDataFolder } from './store/data-folder.js';
import { Usage } from './usage/usage.js';
import { openVault } from './vault/vault.js';
import { openOwnership } from './workspaces/ownership.js';
import { openWorkspaceRooms } from './workspaces/rooms.js';
import { openWorkspaces } from './workspaces/workspaces.js';

export type { Config, ConfigResult } from './config/config.js';
export type { Gatehouse, GatehouseParts } from './gatehouse-rooms.js';

const PURGE_EVERY_MS = 86_400_000;
/** Most of a question is waiting for a provider, and one that hangs must not hold up those that ask the files alone. */
const ASK_CONCURRENCY = 12;

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
    const live = new Live({
      clock,
      requests: { watch: (keyId) => usage.recent.watch(keyId) },
      knowsKey: (by, keyId) => knowsKey(by, keyId, identity.index),
    });
    const { announce } = live;
    const audit = await openAudit({ folder, seal, clock, log, announce, maxBytes: config.auditMaxMb * 1_000_000 });
    closers.push(() => audit.close());
    const mail = openMail({ ...config, from: config.mailFrom, audit, log });
    closers.push(() => mail.close());
    const usage = await Usage.open({ folder, clock, log });
    closers.push(() => usage.close());
    const directory = await openDirectory({ folder, clock, log, announce });
    closers.push(() => directory.close());
    const ownership = await openOwnership({ folder, organizations: directory, audit, clock, log, announce });
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
      credentials: {
        resolve: (name, workspaceIds) => vault.resolve(name, workspaceIds),
        nameOf: (id) => vault.nameOf(id),
      },
      prompts: { named: (id) => prompts.named(id) },
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
      announce,
    });
    closers.push(() => identity.close());
    const lanTargets = await LanTargetLists.open({ folder, audit, clock, log });
    closers.push(() => lanTargets.close());
    const egress = createEgress({ allow: (workspaceId) => lanTargets.of(workspaceId), ...egressOptions });
    closers.push(() => egress.close());
    const sources = answeringSources(() => ({ vault, jobs, ownership, prompts }));
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
      announce,
      clock,
      log,
    });
    closers.push(() => vault.close());
    const prompts = await openPrompts({ folder, audit, clock, log });
    closers.push(() => prompts.close());
    const { workspaceFiles, workspaceLife } = await openWorkspaceRooms({
      folder,
      workspaces,
      ownership,
      judge: fileJudge((workspaceId) => ownership.rulesOf(workspaceId)),
      vault,
      lanTargets,
      ask,
      keysBoundTo: (workspaceId) => identity.keysOnlyFor(workspaceId),
      audit,
      clock,
      log,
    });
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
      announce,
    });
    closers.push(() => jobs.close());

    const schedule = { address: 'schedule', requestId: 'schedule' };
    vault.startRetests({ ...schedule, bounds: guard.boundsFor({ ...LOCAL, id: 'gatehouse' }) });
    const purgeTimer = setInterval(() => void identity.purge(), PURGE_EVERY_MS).unref();
    void identity.purge();
    const stopping = new AbortController();
    // Every open stream listens.
    setMaxListeners(0, stopping.signal);
    const indexes = { list: workspaces.list, ownerOf: workspaces.ownerOf, indexOf: ask.indexOf };
    const kept = { folder, seal, audit, usage, settings, lanTargets, ownership, jobs };
    const rooms = { ...kept, config, clock, clients, live };
    const frontPage = openFrontPage({
      ...rooms,
      log,
      identity,
      directory,
      indexes,
      closers,
      stopping: stopping.signal,
    });
    return {
      ...identity.rooms,
      ...rooms,
      ...frontPage,
      log,
      guard,
      explainer: new Explainer({
        guard: guardOptions,
        namedKeys: identity.index,
        upstream,
        basePath: config.basePath,
      }),
      openStreams: new OpenStreams(guard),
      sessionCookie: cookie,
      sendsMail: mail.available,
      upstream,
      workspaces,
      egress,
      vault,
      workspaceFiles,
      workspaceLife,
      prompts,
      models: new Models({ vendors: vault.vendorCalls, organizationOf: (id) => workspaces.ownerOf(id) ?? null, clock }),
      ask,
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
