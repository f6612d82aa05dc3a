import type { Gatehouse } from '../../gatehouse.js';
import { GatehouseError } from '../../kernel/errors.js';
import type { Handlers } from '../handler.js';

export function healthHandlers(gatehouse: Gatehouse): Pick<Handlers, 'healthz' | 'readyz'> {
  return {
    healthz: () => ({ status: 'ok' }),
    readyz() {
      const state = gatehouse.readiness();
      if (state === 'unavailable') throw new GatehouseError('UNAVAILABLE', 'Not ready. The log says why.');
      return { status: state };
    },
  };
}
