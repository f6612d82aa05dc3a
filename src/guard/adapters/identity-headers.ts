import { IDENTITY_HEADER, NONE } from '../../contract/headers.js';
import type { Principal } from '../../kernel/principal.js';

/** The values of the headers that stay the same as long as the principal does. */
interface Identity {
  readonly subject: string;
  readonly keyId: string;
  readonly org: string;
  readonly scopes: string;
}

const known = new WeakMap<Principal, Identity>();

/**
 * What an app behind us is told about its caller, as name, value, name, value … : always all seven headers, since a
 * proxy that finds one missing may let the caller's own copy through (GHSA-7r4p-vjf4-gxv4).
 * @param assertion - the signed form of the same, or `none`
 */
export function identityHeaders(principal: Principal, requestId: string, assertion: string): string[] {
  let identity = known.get(principal);
  if (identity === undefined) {
    identity = identityOf(principal);
    known.set(principal, identity);
  }
  const { subject, type, keyId, org, scopes } = IDENTITY_HEADER;
  const { requestId: requestIdName, assertion: assertionName } = IDENTITY_HEADER;
  // Written out: joining lists costs more than all the rest here.
  return [
    subject,
    identity.subject,
    type,
    principal.kind,
    keyId,
    identity.keyId,
    org,
    identity.org,
    scopes,
    identity.scopes,
    requestIdName,
    requestId,
    assertionName,
    assertion,
  ];
}

function identityOf({ kind, id, keyId, organizationId, scopes }: Principal): Identity {
  const words = [...scopes].filter(isVisible).join(' ');
  return {
    subject: kind === 'anonymous' ? NONE : shown(id),
    keyId: shown(keyId),
    org: shown(organizationId),
    scopes: words === '' ? NONE : words,
  };
}

function shown(text: string | null): string {
  return text !== null && isVisible(text) ? text : NONE;
}

/** Records may be edited by hand: what no header can carry, or would end one early, is left out. */
function isVisible(text: string): boolean {
  return /^[\x21-\x7e]+$/.test(text);
}
