import type { Announce } from '../kernel/happening.js';
import type { Collection } from '../store/collection.js';

/** Tells that something in a workspace changed, by its id; what it holds is told nobody. */
export function announceChanges(
  records: Collection<{ readonly id: string }>,
  type: 'credential.changed' | 'secret.changed' | 'variable.changed',
  organizationOf: (workspaceId: string) => string | null,
  announce: Announce,
): void {
  records.subscribe((changes) => {
    for (const { id, before, after } of changes) {
      const { workspaceId } = (after ?? before ?? {}) as { readonly workspaceId?: unknown };
      // A line that was damaged by hand may name none.
      if (typeof workspaceId !== 'string') continue;
      announce({ event: { type, id, organizationId: organizationOf(workspaceId) }, workspaceId });
    }
  });
}
