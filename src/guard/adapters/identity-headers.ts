import { IDENTITY_HEADER, NONE } from '../../contract/headers.js';
import type { Principal } from '../../kernel/principal.js';

/** What stays the same as long as the principal does: all but the request id and the assertion. */
const known = new WeakMap<Principal, readonly string[]>();

/**
 * What an app behind us is told about its caller, as name, value, name, value … : always all seven headers, since a
 * proxy that finds one missing may let the caller's own copy through (GHSA-7r4p-vjf4-gxv4).
 * @param assertion - the signed form of the same, or `none`
 */
export function identityHeaders(principal: Principal, requestId: string, assertion: string): string[] {
  let base = known.get(principal);
  if (base === undefined) {
    base = baseHeaders(principal);
    known.set(principal, base);
  }
  return base.concat([IDENTITY_HEADER.requestId, requestId, IDENTITY_HEADER.assertion, assertion]);
}

function baseHeaders({ kind, id, keyId, organizationId, scopes }: Principal): string[] {
  const words = [...scopes].filter(isVisible).join(' ');
  return [
    IDENTITY_HEADER.subject,
    kind === 'anonymous' ? NONE : shown(id),
    IDENTITY_HEADER.type,
    kind,
    IDENTITY_HEADER.keyId,
    shown(keyId),
    IDENTITY_HEADER.org,
    shown(organizationId),
    IDENTITY_HEADER.scopes,
    words === '' ? NONE : words,
  ];
}

function shown(text: string | null): string {
  return text !== null && isVisible(text) ? text : NONE;
}

/** Records may be edited by hand: what no header can carry, or would end one early, is left out. */
function isVisible(text: string): boolean {
  return /^[\x21-\x7e]+$/.test(text);
}
