import { GatehouseError } from '../../kernel/errors.js';

const REMEDIES = {
  confirm: 'Sign up once more, or ask for a new password.',
  reset: 'Ask for a new one on the sign-in page, or an operator for one.',
  invite: 'Ask whoever invited you for a new one.',
} as const;

/** The same for a link that is unknown, over or used: nobody learns which by trying. */
export function badLink(kind: keyof typeof REMEDIES): GatehouseError {
  return new GatehouseError('FORBIDDEN', `This link is over: it works once, and not for long. ${REMEDIES[kind]}`);
}
