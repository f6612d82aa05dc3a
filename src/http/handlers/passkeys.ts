import type { PasskeySite } from '../../contract/passkeys.js';
import type { Gatehouse } from '../../gatehouse.js';
import type { Arrived } from '../../guard/adapters/address-trace.js';
import type { Handlers } from '../handler.js';

type PasskeyRoutes = Pick<
  Handlers,
  'listPasskeys' | 'passkeyOptions' | 'addPasskey' | 'renamePasskey' | 'removePasskey'
>;

/** Where passkeys work for whoever sent a request. */
export function passkeySiteOf({ guard, passkeys }: Gatehouse): (arrived: Arrived) => PasskeySite {
  return ({ peerAddress, rawHeaders }) => passkeys.site(guard.calledOrigin(peerAddress ?? undefined, rawHeaders));
}

export function passkeyHandlers(gatehouse: Gatehouse): PasskeyRoutes {
  const { passkeys } = gatehouse;
  const siteOf = passkeySiteOf(gatehouse);
  return {
    listPasskeys: ({ caller }) => ({ data: passkeys.list(caller), nextCursor: null }),
    passkeyOptions: ({ caller, arrived }) => passkeys.options(caller, siteOf(arrived)),
    addPasskey: async ({ visitor, arrived, body }) => ({ passkey: await passkeys.add(visitor, siteOf(arrived), body) }),
    renamePasskey: async ({ caller, params, body }) => ({
      passkey: await passkeys.rename(caller, params['id'] ?? '', body.name),
    }),
    removePasskey: async ({ caller, params }) => ({ passkey: await passkeys.remove(caller, params['id'] ?? '') }),
  };
}
