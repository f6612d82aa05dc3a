import type { Gatehouse } from '../../gatehouse.js';
import { traceAddress } from '../../guard/adapters/address-trace.js';
import type { Handlers } from '../handler.js';

type SettingsRoutes = Pick<
  Handlers,
  | 'showNetwork'
  | 'showOwnAddress'
  | 'setNetwork'
  | 'confirmNetwork'
  | 'showRoutes'
  | 'setRoutes'
  | 'testRoute'
  | 'showScopes'
  | 'setScopes'
>;

export function settingsHandlers({ settings, upstream, clients, config }: Gatehouse): SettingsRoutes {
  const { network, routes, scopes } = settings;
  const { value, source } = config.shown.find(({ name }) => name === 'TRUST_PROXY') ?? { value: '', source: 'default' };
  const trustProxy = source === 'default' ? null : value;
  return {
    showNetwork: ({ caller }) => network.show(caller),
    showOwnAddress: ({ arrived }) => traceAddress(clients, arrived, trustProxy),
    setNetwork: ({ caller, body }) => network.set(caller, body),
    confirmNetwork: ({ caller }) => network.confirm(caller),
    showRoutes: () => routes.show(),
    setRoutes: ({ caller, body }) => routes.replace(caller, body),
    testRoute({ body }) {
      const policy = upstream.match(body.method, body.path, body.host);
      const refusal = policy.closed?.();
      return {
        policy: policy.id,
        refusal: refusal === undefined ? null : { code: refusal.code, detail: refusal.detail },
        authModes: [...policy.authModes],
        scopes: [...policy.scopes],
        slots: [...policy.slots],
      };
    },
    showScopes: () => scopes.show(),
    setScopes: ({ caller, body }) => scopes.replace(caller, body),
  };
}
