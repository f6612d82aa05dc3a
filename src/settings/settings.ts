import { FIRST_ROUTES, type UpstreamRoutes } from '../contract/upstream-routes.js';
import type { Logger } from '../kernel/logger.js';
import type { DataFolder } from '../store/data-folder.js';
import { openLiveFile } from '../store/live-file.js';
import { FIRST_SETTINGS, SettingsRecord } from './record.js';
import { formatRoutes, parseRoutes, ROUTES_FILE, type RoutesSetting, routesSetting } from './routes-file.js';

export interface SettingsOptions {
  readonly folder: DataFolder;
  readonly log: Logger;
  /** How often the files are looked at for edits by hand; default 500 ms. */
  readonly pollMs?: number;
}

/** What operators change while it runs. */
export interface Settings {
  readonly routes: RoutesSetting;
  /** Why what is in force is not what the files say now, or `null`. */
  readonly fault: string | null;
  close(): Promise<void>;
}

/**
 * Opens `.gatehouse/settings.json` and `.gatehouse/routes.json`, and writes both on the first run. A `routes.json` that
 * is missing later was removed, and stays so: then every upstream request is refused.
 * @throws GatehouseError `STORE_UNAVAILABLE` when one is there and cannot be read: names file, place and remedy
 */
export async function openSettings(options: SettingsOptions): Promise<Settings> {
  const settings = await openLiveFile<SettingsRecord>({
    ...options,
    file: '.gatehouse/settings.json',
    parse: (value) => SettingsRecord.parse(value),
  });
  try {
    const routes = await openLiveFile<UpstreamRoutes>({
      ...options,
      file: ROUTES_FILE,
      parse: parseRoutes,
      format: formatRoutes,
    });
    try {
      if (settings.value === null) {
        // This order: killed in between, the next start goes on where this one stopped.
        if (routes.value === null) await routes.change((current) => current ?? FIRST_ROUTES);
        await settings.change((current) => current ?? FIRST_SETTINGS);
      }
    } catch (error) {
      await routes.close();
      throw error;
    }
    const setting = routesSetting(routes);
    if (setting.fault !== null) options.log.error('upstream requests are refused', { fault: setting.fault });
    return {
      routes: setting,
      get fault() {
        return settings.fault ?? setting.fault;
      },
      async close() {
        await Promise.all([settings.close(), routes.close()]);
      },
    };
  } catch (error) {
    await settings.close();
    throw error;
  }
}
