/** So long after somebody proved who they are, they are not asked again. */
export const FRESH_SECONDS = 600;

/**
 * With one of these a key does what people are asked a fresh proof for, and nobody asks a key. So giving one of them to
 * a key is asked for as well.
 */
export const FAR_SCOPES = ['keys:write', 'secrets:write', 'members:write'] as const;
/** Roles that hold every scope. */
export const FAR_ROLES: readonly string[] = ['owner', 'admin'];

/** What of a body makes a change one that needs a fresh proof, as docs/people.md says it. */
export const FRESH_CASES = {
  role: 'the role is `owner` or `admin`',
  operator: "the account is an operator's",
  operatorChanged: 'it says who is an operator',
  secondFactor: 'it ends a second factor or takes passkeys away',
  scopes: 'the scopes reach far',
  scopesOrAll: 'the scopes reach far, or are left out, which means all',
} as const;
export type FreshCase = keyof typeof FRESH_CASES;

/** `true`: always; else in these cases only. */
export type Fresh = true | readonly FreshCase[];
