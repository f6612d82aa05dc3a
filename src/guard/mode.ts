import type { AuthMode } from '../contract/routes.js';
import { GatehouseError } from '../kernel/errors.js';
import { modesOf, type Principal } from '../kernel/principal.js';
import type { Policy } from './policy.js';

/**
 * Whether a route is for this kind of caller: the mode follows the principal, not the form of the credential.
 * @throws GatehouseError `FORBIDDEN` naming the modes it accepts
 */
export function requireMode(principal: Principal, { authModes, operatorOnly }: Policy): void {
  if (operatorOnly && !principal.operator)
    throw new GatehouseError(
      'FORBIDDEN',
      'This route is for operators: people who are one, ADMIN_API_KEY, or the command line on the host.',
    );
  if (authModes.includes('public') || fitsOne(modesOf(principal), authModes)) return;
  throw new GatehouseError(
    'FORBIDDEN',
    `This route accepts ${authModes.join(', ')}; the credential is ${principal.kind}.`,
  );
}

/** Asked by every request, so nothing is made for it. */
function fitsOne(modes: readonly AuthMode[], accepted: readonly AuthMode[]): boolean {
  for (const mode of modes) if (accepted.includes(mode)) return true;
  return false;
}
