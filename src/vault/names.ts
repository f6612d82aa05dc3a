import type { CredentialStore } from './credential-store.js';

/**
 * What a request calls a credential, as its id: the id itself, `workspace/name`, or a bare name where the key has
 * exactly one workspace. `null`: there is none. It says nothing of anybody's bounds.
 */
export function resolveName(
  store: CredentialStore,
  name: string,
  workspaceIds: readonly string[] | null,
): string | null {
  if (store.workspaceOf(name) !== null) return name;
  const slash = name.indexOf('/');
  if (slash !== -1) return store.find(name.slice(0, slash), name.slice(slash + 1));
  const [only, ...more] = workspaceIds ?? [];
  return only === undefined || more.length > 0 ? null : store.find(only, name);
}
