import type { Audit } from './audit/audit.js';
import { checkup, diskOf, type Patient, readinessOf } from './checkup.js';
import type { Config } from './config/config.js';
import type { SystemCheck } from './contract/system.js';
import type { ClientResolver } from './guard/client-ip.js';
import { Forwarders } from './guard/forwarders.js';
import type { Identity } from './identity/identity.js';
import type { Directory } from './identity/organizations/directory.js';
import type { Jobs } from './jobs/jobs.js';
import type { Clock } from './kernel/clock.js';
import type { RecentLines } from './kernel/logger.js';
import { announceRequests } from './live/connect.js';
import type { Live } from './live/live.js';
import { type IndexSource, watchIndexes } from './live/sources.js';
import { Overviews } from './overview/overview.js';
import { SystemReports } from './overview/system.js';
import type { Seal } from './seal/instance-key.js';
import type { LanTargetLists } from './settings/lan-targets.js';
import type { Settings } from './settings/settings.js';
import { UsageReports } from './usage/reports.js';
import { RequestReports } from './usage/requests.js';
import type { Usage } from './usage/usage.js';

export interface FrontPageParts extends Patient {
  readonly audit: Audit;
  readonly seal: Seal;
  readonly settings: Settings;
  readonly clock: Clock;
  readonly live: Live;
  readonly usage: Usage;
  readonly identity: Identity;
  readonly directory: Directory;
  readonly lanTargets: LanTargetLists;
  readonly jobs: Jobs;
  readonly clients: ClientResolver;
  readonly log: RecentLines;
  readonly indexes: IndexSource;
  /** Each is called when everything is closed. */
  readonly closers: (() => Promise<unknown>)[];
}

export interface FrontPage {
  readonly usageReports: UsageReports;
  readonly requestReports: RequestReports;
  readonly overviews: Overviews;
  readonly system: SystemReports;
  /** Peers that say they forward for others and are not believed. */
  readonly forwarders: Forwarders;
  /** `degraded`: decides and saves, but the vault is locked or an edit of the settings cannot be used. `unavailable`: changes cannot be saved, or it is stopping. */
  readiness(): 'ok' | 'degraded' | 'unavailable';
  /** A look at files, keys and settings. */
  checkup(): Promise<SystemCheck[]>;
}

/** What pages show first: who sent how much and what was answered, what deserves a look, how the instance is. */
export function openFrontPage(parts: FrontPageParts): FrontPage {
  const { config, clock, live, usage, identity, directory, lanTargets, jobs, indexes, settings } = parts;
  const { index, envKeys } = identity;
  const usageReports = new UsageReports({ traffic: usage.traffic, keys: index, clock });
  const requestReports = new RequestReports(usage.recent, index);
  announceRequests(usage.recent, (seen) => requestReports.view(seen), index, live.announce);
  usage.onFirstUse = (secret) => {
    const record = index.recordOf(secret.replace(/^sha256:/, ''));
    if (record !== undefined) usage.recent.expectFirst(record.id);
  };
  const changed = (id: string) => () =>
    live.announce({ event: { type: 'settings.changed', id, organizationId: null } });
  settings.subscribe(changed('settings'));
  settings.routes.subscribe(changed('routes'));
  lanTargets.subscribe(changed('lan-targets'));
  const stopLooking = watchIndexes(indexes, live.announce, () => live.size > 0);
  parts.closers.push(async () => stopLooking());
  const forwarders = new Forwarders(parts.clients);

  const look = () => checkup(parts);
  const overviews = new Overviews({
    survey: (by, only) => identity.surveyKeys(by, only),
    report: (by, organizationId) => usageReports.report(by, { groupBy: 'hour', organizationId }),
    jobs: (by, only) => jobs.count(by, only),
    checkup: look,
    instance: () => ({
      warnings: config.warnings,
      envKeys: envKeys.all.filter(({ digest }) => index.recordOf(digest.toString('base64url')) === undefined).length,
      isOpen: isReachable(config) && config.allowedIps === null && settings.network.allowed() === null,
      untrustedForwarders: forwarders.untrusted,
    }),
  });
  const system = new SystemReports({
    config,
    clock,
    seal: parts.seal,
    folder: parts.folder.path,
    disk: () => diskOf(parts.folder.path),
    printed: () => parts.log.recent?.() ?? [],
    readiness: () => readinessOf(parts),
    checkup: look,
    attention: (by) => overviews.attention(by),
    audit: parts.audit,
    signingKeys: () => identity.rooms.signingKeys.list(),
    counts: () => ({
      keys: identity.rooms.keys.count,
      workspaces: indexes.list().length,
      users: identity.userCount,
      organizations: directory.all().length,
      openStreams: live.size,
    }),
  });
  return {
    usageReports,
    requestReports,
    overviews,
    system,
    forwarders,
    readiness: () => readinessOf(parts),
    checkup: look,
  };
}

/** Whether other machines reach it. */
function isReachable({ host }: Config): boolean {
  return !['127.0.0.1', 'localhost', '::1'].includes(host);
}
