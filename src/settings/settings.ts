import type { Audit } from '../audit/audit.js';
import { FIRST_ROUTES, type UpstreamRoutes } from '../contract/upstream-routes.js';
import type { Clock } from '../kernel/clock.js';
import type { Logger } from '../kernel/logger.js';
import type { DataFolder } from '../store/data-folder.js';
import { type LiveFile, openLiveFile } from '../store/live-file.js';
import { Network, type RecentAddresses } from './network.js';
import { FIRST_SETTINGS, SettingsRecord } from './record.js';
import { formatRoutes, parseRoutes, ROUTES_FILE, Routes } from './routes.js';
import { DeclaredScopes } from './scopes.js';

export interface SettingsOptions {
  readonly folder: DataFolder;
  readonly audit: Audit;
  readonly recent: RecentAddresses;
  /** `ALLOWED_IPS`, for people to see; `null`: every address. */
  readonly allowedIps: readonly string[] | null;
  readonly clock: Clock;
  readonly log: Logger;
}

/** What operators change while it runs. */
export interface Settings {
  readonly routes: Routes;
  readonly network: Network;
  readonly scopes: DeclaredScopes;
  /** Called after each change of anything but the routes. */
  subscribe(listener: () => void): void;
  /** Why what is in force is not what the files say now, or `null`. */
  readonly fault: string | null;
  close(): Promise<void>;
}

/**
 * Opens `.gatehouse/settings.json` and `.gatehouse/routes.json`, and writes both on the first run. A `routes.json` that
 * is missing later was removed, and stays so: then every request to the apps is refused.
 * @throws GatehouseError `STORE_UNAVAILABLE` when one is there and cannot be read: names file, place and remedy
 */
export async function openSettings(options: SettingsOptions): Promise<Settings> {
  const { folder, audit, recent, clock, log } = options;
  const file = await openLiveFile<SettingsRecord>({
    folder,
    log,
    file: '.gatehouse/settings.json',
    parse: (value) => SettingsRecord.parse(value),
  });
  const routesFile = await openRoutes(folder, log, file).catch(async (error) => {
    await file.close();
    throw error;
  });
  const scopes = new DeclaredScopes(file, audit);
  const routes = new Routes({ file: routesFile, audit, isKnownScope: (scope) => scopes.isKnown(scope) });
  const network = new Network({ file, audit, recent, environment: options.allowedIps, clock, log });
  await network.revertIfDue();
  if (routes.fault !== null) log.error('requests to the apps are refused', { fault: routes.fault });
  return {
    routes,
    network,
    scopes,
    subscribe: (listener) => file.subscribe(listener),
    get fault() {
      return file.fault ?? routes.fault;
    },
    async close() {
      network.close();
      await Promise.all([file.close(), routesFile.close()]);
    },
  };
}

async function openRoutes(
  folder: DataFolder,
  log: Logger,
  settings: LiveFile<SettingsRecord>,
): Promise<LiveFile<UpstreamRoutes>> {
  const file = await openLiveFile<UpstreamRoutes>({
    folder,
    log,
    file: ROUTES_FILE,
    parse: parseRoutes,
    format: formatRoutes,
  });
  try {
    if (settings.value === null) {
      // This order: killed in between, the next start goes on where this one stopped.
      if (file.value === null) await file.change((current) => current ?? FIRST_ROUTES);
      await settings.change((current) => current ?? FIRST_SETTINGS);
    }
    return file;
  } catch (error) {
    await file.close();
    throw error;
  }
}
