import { missingScopes } from '../../kernel/scopes.js';
import type { Policy } from '../policy.js';
import type { Deny } from '../verdict.js';

/** What to do about the first failure, in words for whoever runs the instance or holds the key. */
export function remedyOf(denied: Deny, policy: Policy): string {
  return (BY_REASON[denied.reason] ?? BY_REASON[denied.step] ?? GIVE_UP)(denied, policy);
}

type Remedy = (denied: Deny, policy: Policy) => string;

const GIVE_UP: Remedy = () => 'Look in the log of the server under the id of the request.';

/** A command on the key at hand, for its own family. */
function onKey({ principal }: Deny, act: string, options: string): string {
  const family =
    principal?.kind === 'service_key' ? 'service-keys' : principal?.kind === 'mcp_token' ? 'mcp-tokens' : 'keys';
  return principal?.keyId == null ? '' : `\`gatehouse ${family} ${act} ${principal.keyId}${options}\``;
}

const BY_REASON: Readonly<Record<string, Remedy>> = {
  address: () => 'Let the proxy in front of Gatehouse send one address a hop in X-Forwarded-For, or X-Real-IP once.',
  allowlist: () =>
    'Add the address to the list of allowed addresses (ALLOWED_IPS, or the one in the settings). Behind a proxy, name that in TRUST_PROXY: else every caller has its address.',
  credential: () => 'Send the key once, in one header.',
  missing: (_, { slots }) =>
    `Send a key in ${slots.includes('x-api-key') ? 'the x-api-key header' : 'Authorization: Bearer'}; \`gatehouse keys create NAME\` makes one. Behind a proxy, see that it passes the header on.`,
  empty: () => 'Set the variable that holds the key where the caller runs.',
  malformed: () => 'Copy the key again, whole and without blanks.',
  unknown: () =>
    'Compare its start and end with `gatehouse keys list`, and the instance with the one it was made on. A lost key cannot be found again: `gatehouse keys rotate KEY` gives it a new secret.',
  revoked: () => 'A revoked key does not come back: `gatehouse keys create NAME` makes another.',
  expired: (denied) => {
    const rotate = onKey(denied, 'rotate', '');
    return `Take the newest secret of the key${rotate === '' ? '' : `, or give it another with ${rotate}`}; a key that ended as a whole first needs a later end (\`--expires\`).`;
  },
  'session-ended': () => 'Sign in again.',
  'too-many-failures': () =>
    'Find the caller that sends wrong keys: `gatehouse audit tail --action request.refused`. The address is let in again a minute after it stops.',
  'key-address': (denied) =>
    `Call from an address in the list of the key, or change that: ${onKey(denied, 'update', ' --ip LIST')}.`,
  'key-origin': (denied) =>
    `Call from a page of an origin in the list of the key, or change that: ${onKey(denied, 'update', ' --allow-origin ORIGIN')}. A program that is no browser needs a key without such a list. To ask here as a page, name its origin: \`--header 'origin: https://app.example.com'\`.`,
  environment: () =>
    'Use a key of the environment that this instance admits (ENVIRONMENT): `gatehouse keys create NAME --env …`.',
  bounds: () =>
    'Name an organization and a workspace that the credential reaches, or use a credential that reaches them.',
  mode: (_, { authModes, operatorOnly, closed }) => {
    if (closed !== undefined)
      return 'Write the path plainly, as its route does, and see that routes.json has a route or a default for it: `gatehouse routes test METHOD PATH`.';
    return operatorOnly
      ? 'Use ADMIN_API_KEY or the command line on the host.'
      : `Use a credential of the kind ${authModes.join(' or ')}.`;
  },
  rate: (denied) => {
    const wait = `Wait ${denied.error.retryAfterSeconds ?? 1} s`;
    const raise = onKey(denied, 'update', ' --rate LIMIT');
    return raise === ''
      ? `${wait}, or raise the limit (API_RATE_LIMIT).`
      : `${wait}, or give the key a limit of its own: ${raise}.`;
  },
  scopes: (denied, { scopes }) => {
    const all = [...new Set([...(denied.principal?.scopes ?? []), ...scopes])].join(',');
    const missing = missingScopes(denied.principal?.scopes ?? new Set(), scopes);
    const give = onKey(denied, 'update', ` --scopes ${all}`);
    return give === ''
      ? `Use a credential that holds ${scopes.join(', ')}.`
      : `Give ${missing.length === 1 ? 'it' : 'them'} to the key: ${give}.`;
  },
};
