import type { RateLimit } from '../contract/fields.js';
import { toIso } from '../kernel/clock.js';
import type { NamedIds, Principal } from '../kernel/principal.js';
import type { Authentication } from './authenticate.js';
import { USER_LIMIT } from './count.js';
import type { HeaderFacts } from './credential.js';
import type { Policy, Slot } from './policy.js';
import type { RateState } from './rate-limit.js';

/** What the steps of a decision say of themselves. Made for traces only; never a secret. */

/** Where a credential was found. */
export const SLOT_WORDS: Readonly<Record<Slot, string>> = {
  'x-api-key': 'x-api-key',
  bearer: 'Authorization: Bearer',
  session: 'the session cookie',
  vendor: "the slot of the vendor's own key",
};

type Known = Extract<Authentication, { kind: 'known' }>;

/** No credential was found: what is there that might have been meant for one. */
export function noneFound({ authorization }: HeaderFacts, { slots }: Policy): string {
  const looked = slots.map((slot) => (slot === 'bearer' ? 'Authorization: Bearer' : slot)).join(', ');
  const other = authorization === undefined ? '' : '; Authorization holds another scheme, which is not read';
  return `none in ${looked}${other}`;
}

/** Who the credential is, by what it is known, and until when. */
export function known({ principal, source, endsAtMs }: Known): string {
  const until = endsAtMs === null ? '' : `, good until ${toIso(endsAtMs)}`;
  switch (principal.kind) {
    case 'env_admin':
      return `${principal.id}, known by ADMIN_API_KEY`;
    case 'env_client':
      return `${principal.id}, known by VALID_API_KEYS`;
    default:
      return `${principal.id}, known by ${source}${until}`;
  }
}

/** What the bounds of the credential were compared with. */
export function withinBounds(
  principal: Principal,
  address: string | null,
  environment: string | null,
  named: NamedIds | null,
): string {
  const words: string[] = [];
  if (principal.allowedIps.length > 0)
    words.push(
      address === null
        ? 'its list of addresses is not judged: none was named'
        : `its list of addresses holds ${address}`,
    );
  if (principal.allowedOrigins.length > 0) words.push('its list of origins holds the one of the request');
  if (principal.environment !== null)
    words.push(`of ${principal.environment}${environment === null ? '' : ', which this instance admits'}`);
  if (principal.organizationId !== null) words.push(`in ${principal.organizationId}`);
  if (named?.workspaceId !== undefined) words.push(`workspace ${named.workspaceId} is within its bounds`);
  return words.length === 0 ? 'it has none' : words.join('; ');
}

/** Which limit counts, and what is left of it. */
export function withinLimit(
  { limit, remaining, resetSeconds }: RateState,
  principal: Principal,
  policy: Policy,
): string {
  return `${remaining} of ${limit.requests} left, anew in ${resetSeconds} s: ${whoseLimit(limit, principal, policy)}`;
}

function whoseLimit(limit: RateLimit, principal: Principal, policy: Policy): string {
  if (limit === USER_LIMIT) return 'the limit of signed-in users';
  if (limit === principal.rateLimit) return "the key's own limit";
  return limit === policy.rateLimit ? "the route's limit" : 'API_RATE_LIMIT';
}
