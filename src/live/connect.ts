import type { RecentRequest } from '../contract/requests.js';
import type { Announce, Happening } from '../kernel/happening.js';
import { type Bounds, knowsOf, type Principal } from '../kernel/principal.js';

/** Just as much of a key as tells who may know of it. */
type KeySubject = Pick<Principal, 'kind' | 'id' | 'organizationId' | 'workspaceIds'>;

export interface KeySubjects {
  named(id: string): KeySubject | undefined;
}

/** Whether there is such a key and somebody may know of it; environment keys are the operators'. */
export function knowsKey(by: Bounds, keyId: string, keys: KeySubjects): boolean {
  const key = keys.named(keyId);
  return key === undefined ? by.principal.operator && keyId.startsWith('env:') : knowsOf(by.principal, key);
}

/** Requests of keys as happenings: the first one with a secret, and each one of a key that is watched. */
export function announceRequests<Seen extends { readonly principalId: string; readonly organizationId: string | null }>(
  recent: { onRequest: (seen: Seen, isFirst: boolean) => void },
  view: (seen: Seen) => RecentRequest,
  keys: KeySubjects,
  announce: Announce,
): void {
  recent.onRequest = (seen, isFirst) => {
    const { principalId: id, organizationId } = seen;
    const data = view(seen);
    const key = keys.named(id);
    const happening = (type: 'request' | 'key.first-used'): Happening => ({
      event: { type, id, organizationId, data },
      ...(key === undefined ? {} : { key }),
    });
    if (isFirst) announce(happening('key.first-used'));
    announce(happening('request'));
  };
}
