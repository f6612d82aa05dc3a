import type { Gatehouse } from '../../gatehouse.js';
import { version } from '../../kernel/version.js';
import type { Handlers } from '../handler.js';

export function systemHandlers(gatehouse: Gatehouse): Pick<Handlers, 'showSystem'> {
  return {
    showSystem: async () => ({ version: version(), node: process.version, checks: await gatehouse.checkup() }),
  };
}
