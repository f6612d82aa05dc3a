import { IDENTITY_HEADER, NONE } from '../../contract/headers.js';
import type { Principal } from '../../kernel/principal.js';

/** The values of the headers that stay the same as long as the principal does. */
interface Identity {
  readonly subject: string;
  readonly keyId: string;
  readonly org: string;
  readonly scopes: string;
  /** The lines of a head up to the id of the request, and those behind it with the assertion they were made for. */
  readonly linesBefore: string;
  assertion: string;
  linesAfter: string;
}

const known = new WeakMap<Principal, Identity>();

/**
 * What an app behind us is told about its caller, as name, value, name, value … : always all seven headers, since a
 * proxy that finds one missing may let the caller's own copy through (GHSA-7r4p-vjf4-gxv4).
 * @param assertion - the signed form of the same, or `none`
 */
export function identityHeaders(principal: Principal, requestId: string, assertion: string): string[] {
  const identity = identityFor(principal);
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

/** The same as lines of a head, each with its line end: two of three parts are made once for a caller. */
export function identityLines(principal: Principal, requestId: string, assertion: string): string {
  const identity = identityFor(principal);
  if (identity.assertion !== assertion) {
    identity.assertion = assertion;
    identity.linesAfter = `\r\n${IDENTITY_HEADER.assertion}: ${shown(assertion)}\r\n`;
  }
  return identity.linesBefore + requestId + identity.linesAfter;
}

function identityFor(principal: Principal): Identity {
  let identity = known.get(principal);
  if (identity === undefined) {
    identity = identityOf(principal);
    known.set(principal, identity);
  }
  return identity;
}

function identityOf({ kind, id, keyId, organizationId, scopes }: Principal): Identity {
  const words = [...scopes].filter(isVisible).join(' ');
  const values = {
    subject: kind === 'anonymous' ? NONE : shown(id),
    keyId: shown(keyId),
    org: shown(organizationId),
    scopes: words === '' ? NONE : words,
  };
  const names = IDENTITY_HEADER;
  const lines = [
    `${names.subject}: ${values.subject}`,
    `${names.type}: ${kind}`,
    `${names.keyId}: ${values.keyId}`,
    `${names.org}: ${values.org}`,
    `${names.scopes}: ${values.scopes}`,
    `${names.requestId}: `,
  ];
  return { ...values, linesBefore: lines.join('\r\n'), assertion: '', linesAfter: '' };
}

function shown(text: string | null): string {
  return text !== null && isVisible(text) ? text : NONE;
}

/** Records may be edited by hand: what no header can carry, or would end one early, is left out. */
function isVisible(text: string): boolean {
  return /^[\x21-\x7e]+$/.test(text);
}
