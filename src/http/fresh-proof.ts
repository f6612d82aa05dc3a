import { FAR_ROLES, FAR_SCOPES, type Fresh, type FreshCase } from '../contract/fresh.js';
import { holdsScope } from '../kernel/scopes.js';

/** Whether a request with this body, which fits its schema, needs a fresh proof of people. */
export function needsFreshProof(fresh: Fresh | undefined, body: unknown): boolean {
  if (fresh === undefined || fresh === true) return fresh === true;
  const fields = (body ?? {}) as Record<string, unknown>;
  return fresh.some((name) => CASES[name](fields));
}

const CASES: Readonly<Record<FreshCase, (body: Record<string, unknown>) => boolean>> = {
  role: ({ role }) => FAR_ROLES.includes(role as string),
  // Left out, an account is no operator, and one that is there stays what it is.
  operator: (body) => body['instanceOperator'] !== undefined && body['instanceOperator'] !== false,
  operatorChanged: (body) => body['instanceOperator'] !== undefined,
  secondFactor: ({ totp, passkeys }) => totp === false || passkeys === 0,
  scopes: ({ scopes }) => reachesFar(scopes),
  scopesOrAll: ({ scopes }) => scopes === undefined || reachesFar(scopes),
};

function reachesFar(scopes: unknown): boolean {
  const held = new Set(Array.isArray(scopes) ? (scopes as string[]) : []);
  return FAR_SCOPES.some((scope) => holdsScope(held, scope));
}
