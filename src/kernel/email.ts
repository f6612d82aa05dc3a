import { domainToASCII } from 'node:url';
import { GatehouseError } from './errors.js';

/** An e-mail address as it is kept. */
export interface EmailAddress {
  /** For letters and for people: the local part as typed, the domain in ASCII, so that no look-alike hides in it. */
  readonly email: string;
  /** The one spelling of the address: what accounts are found by, counted by and unique in. */
  readonly key: string;
}

/** The dot-atom of RFC 5322 §3.2.3. Quoted local parts are nobody's. */
const LOCAL_PART = /^[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*$/;
const DOMAIN = /^([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+([a-z]{2,}|xn--[a-z0-9-]+)$/;
/** Controls, and what is invisible or turns the writing direction. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u;

/**
 * Reads an address into its one spelling, before any check or count looks at it: compatibility forms (NFKC) and case are
 * levelled, the domain becomes ASCII. So two spellings of one address are one account, and no letter of another script
 * makes a second account that looks like the first.
 * @throws GatehouseError `BAD_REQUEST` that names the field `email` and what is wrong
 */
export function parseEmail(text: string): EmailAddress {
  if (UNSEEN.test(text)) throw unusable('holds a character that cannot be seen');
  const [local = '', domain = '', ...rest] = text.trim().normalize('NFKC').split('@');
  if (rest.length > 0 || local === '' || domain === '') throw unusable('is not an e-mail address');
  if (!/^[\x21-\x7e]+$/.test(local))
    throw unusable(
      'may hold letters of other scripts only behind the @: before it, letters that look alike could not be told apart',
    );
  const ascii = domainToASCII(domain).toLowerCase();
  if (!LOCAL_PART.test(local) || !DOMAIN.test(ascii) || local.length > 64 || ascii.length > 253)
    throw unusable('is not an e-mail address');
  return { email: `${local}@${ascii}`, key: `${local.toLowerCase()}@${ascii}` };
}

function unusable(why: string): GatehouseError {
  return new GatehouseError('BAD_REQUEST', `email: ${why}.`);
}
