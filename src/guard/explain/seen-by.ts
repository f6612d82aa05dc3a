import { knowsOf, type Principal } from '../../kernel/principal.js';
import type { GuardOptions } from '../verdict.js';

/**
 * What the guard looks things up in, as far as `asker` may know of them. What is not theirs to see reads exactly as if
 * it were not there, so a question is no way to find out.
 */
export function seenBy(asker: Principal, options: GuardOptions): GuardOptions {
  if (asker.operator) return options;
  const { keys, envKeys, tokens, sessions, windows } = options;
  const ifKnown = <T extends { readonly principal: Principal }>(found: T | undefined): T | undefined =>
    found !== undefined && knowsOf(asker, found.principal) ? found : undefined;
  return {
    ...options,
    keys: {
      find: (digest) => ifKnown(keys.find(digest)),
      describeUnknown: (presentedKey) => keys.describeUnknown(presentedKey),
    },
    envKeys: { find: (digest) => ifKnown(envKeys.find(digest)) },
    tokens: {
      isToken: (presented) => tokens.isToken(presented),
      isUnchecked: (presented) => tokens.isUnchecked(presented),
      check: (presented) => tokens.check(presented),
      find: (presented) => ifKnown(tokens.find(presented)),
    },
    sessions: { find: (digest, nowMs) => ifKnown(sessions.find(digest, nowMs)), touch: () => {} },
    windows: {
      window: (counter, lengthMs, nowMs) => windows.window(counter, lengthMs, nowMs),
      // How often an address failed is nobody's business but the operators'.
      peek: (counter) => (counter.startsWith('f:') ? undefined : windows.peek(counter)),
    },
  };
}
