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
  role: 'with the role `owner` or `admin`',
  operator: 'of an operator',
  operatorChanged: 'that makes an operator, or makes one none any more',
  secondFactor: "that ends somebody's second factor",
  scopes: `with ${FAR_SCOPES.map((scope) => `\`${scope}\``).join(', ')} or a \`*\` that holds one of them`,
  scopesOrAll: `with one of the same scopes, or with no list of scopes, which means all`,
} as const;
export type FreshCase = keyof typeof FRESH_CASES;

/** `true`: always; else in these cases only. */
export type Fresh = true | readonly FreshCase[];
