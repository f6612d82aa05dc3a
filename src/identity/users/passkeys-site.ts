import { isIP } from 'node:net';
import type { PasskeySite } from '../../contract/passkeys.js';
import { GatehouseError } from '../../kernel/errors.js';

/** Where passkeys are made and used: the origin that browsers vouch for, and the host name they bind them to. */
export interface UsableSite {
  readonly origin: string;
  readonly rpId: string;
}

/**
 * The one site of this instance: `PUBLIC_URL`, whatever address a request came to. Only where nobody said it, the
 * address that was called counts, as for the origin of changes.
 */
export function siteOf(publicUrl: string | null, calledAt: string): PasskeySite {
  const url = parsed(publicUrl ?? calledAt);
  if (url === null) return { origin: calledAt, lacks: 'name' };
  const { origin, protocol, hostname } = url;
  if (isIP(hostname.replace(/^\[|\]$/g, '')) !== 0) return { origin, lacks: 'name' };
  return { origin, lacks: protocol === 'https:' || isThisMachine(hostname) ? null : 'https' };
}

/** @throws GatehouseError `CONFLICT` with what is missing and how to get it */
export function requireSite(site: PasskeySite): UsableSite {
  const { origin, lacks } = site;
  if (lacks === null) return { origin, rpId: new URL(origin).hostname };
  const reason =
    lacks === 'name'
      ? `Browsers bind passkeys to a host name, and ${origin} is an IP address or none.`
      : `Browsers make passkeys for https only, and this is ${origin}.`;
  throw new GatehouseError(
    'CONFLICT',
    `${reason} Set PUBLIC_URL to the https address that people use, such as https://gate.example.com; on the machine itself http://localhost works, too.`,
  );
}

/** Hosts that browsers trust without TLS. */
function isThisMachine(hostname: string): boolean {
  return hostname === 'localhost' || hostname.endsWith('.localhost');
}

/** `null` for a Host header that is none. */
function parsed(address: string): URL | null {
  return URL.canParse(address) ? new URL(address) : null;
}
