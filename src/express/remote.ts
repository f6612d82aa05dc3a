import { createClient } from '../client/index.js';
import { allowedNetworks, trustedProxies } from '../config/parsers.js';
import type { VerifyAnswer } from '../contract/keys.js';
import { ClientResolver } from '../guard/client-ip.js';
import { Guard } from '../guard/guard.js';
import { AddressSet } from '../kernel/addresses.js';
import { type Clock, systemClock } from '../kernel/clock.js';
import { GatehouseError } from '../kernel/errors.js';
import { MemoryWindows } from './memory-windows.js';
import type { RemoteOptions } from './types.js';
import { VerifiedKeys } from './verified-keys.js';

const DEFAULT_TIMEOUT_MS = 5000;
/** As long as the longest key or token; what is longer is refused without asking. */
const MAX_KEY_CHARACTERS = 8192;

/**
 * A guard that asks another Gatehouse about keys and decides all else here, by the same steps. It knows API keys,
 * service keys and MCP tokens; JWTs and sessions are known to Gatehouse alone.
 * @throws GatehouseError `BAD_REQUEST` for options that cannot be
 */
export function remoteGuard(options: RemoteOptions, clock: Clock = systemClock): Guard {
  const client = createClient(options.url, options.serviceKey, { timeoutMs: options.timeoutMs ?? DEFAULT_TIMEOUT_MS });
  const keys = new VerifiedKeys(async (token) => (await client.keys.verify({ token })) as VerifyAnswer, clock);
  const allowed =
    options.allowedIps === undefined ? null : read('allowedIps', () => allowedNetworks(options.allowedIps ?? ''));
  return new Guard({
    clients: new ClientResolver(
      options.trustProxy === undefined ? null : read('trustProxy', () => trustedProxies(options.trustProxy ?? '')),
      allowed === null ? null : new AddressSet(allowed),
    ),
    keys: { find: (digest) => keys.find(digest), describeUnknown: () => null },
    envKeys: { find: () => undefined },
    // What is presented is asked about where the guard lets tokens be checked: before it decides.
    tokens: {
      isToken: () => false,
      isUnchecked: (presented) => isSendable(presented) && keys.isUnknown(presented),
      check: (presented) => keys.learn(presented),
      find: () => undefined,
    },
    sessions: { find: () => undefined, touch: () => {} },
    sessionRules: { cookieName: 'gatehouse_session', publicOrigin: null },
    lastUsed: { touch: () => {} },
    windows: new MemoryWindows(),
    refusals: { refuse: () => {} },
    organizations: { has: () => true, requestLimit: () => null },
    workspaces: { ownerOf: () => null },
    credentials: { workspaceOf: () => null },
    environment: null,
    defaultLimit: null,
    clock,
  });
}

function isSendable(presented: string): boolean {
  return presented !== '' && presented.length <= MAX_KEY_CHARACTERS && /^[\x21-\x7e]+$/.test(presented);
}

function read<T>(name: string, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    throw new GatehouseError('BAD_REQUEST', `${name} ${(error as Error).message}.`);
  }
}
