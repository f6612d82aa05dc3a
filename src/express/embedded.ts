import { readConfig } from '../config/config.js';
import { type Gatehouse, openGatehouse } from '../gatehouse.js';
import { GatehouseError } from '../kernel/errors.js';
import { createLogger } from '../kernel/logger.js';
import type { EmbeddedOptions } from './types.js';

/**
 * A whole Gatehouse in this process, without its doors.
 * @throws GatehouseError `BAD_REQUEST` with every fault of the settings; `CONFLICT` when another process owns the folder
 */
export async function openEmbedded({ folder, settings = {} }: EmbeddedOptions): Promise<Gatehouse> {
  // The app's own environment is not ours to read: its PORT is not our PORT.
  const result = readConfig({ LOG_LEVEL: 'warn', ...settings, WORKSPACES_DIR: folder }, null);
  if (!result.ok) throw new GatehouseError('BAD_REQUEST', result.faults.join(' '));
  return openGatehouse(result.config, { log: createLogger(result.config.logLevel), socket: 'off' });
}
