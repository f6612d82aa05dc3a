/** Scopes a principal holds; `*` holds everything, `projects:*` every action of one resource. */
export type ScopeSet = ReadonlySet<string>;

export function holdsScope(held: ScopeSet, wanted: string): boolean {
  if (held.has(wanted) || held.has('*')) return true;
  const colon = wanted.indexOf(':');
  return colon > 0 && held.has(`${wanted.slice(0, colon)}:*`);
}

/** The wanted scopes that are not held, in the order they were asked. */
export function missingScopes(held: ScopeSet, wanted: readonly string[]): string[] {
  return wanted.filter((scope) => !holdsScope(held, scope));
}
