import type { IndexView } from '../contract/workspaces.js';
import type { Announce } from '../kernel/happening.js';

/** How often indexes and folders are looked at while somebody listens; they tell of no change by themselves. */
const LOOK_EVERY_MS = 1000;

export interface IndexSource {
  list(): readonly { readonly id: string }[];
  ownerOf(workspaceId: string): string | null | undefined;
  indexOf(workspaceId: string): IndexView;
}

/**
 * Announces workspaces that came or went and how far their indexes are.
 * @param isHeard - whether anybody listens: else nothing is looked at
 * @returns how to stop it
 */
export function watchIndexes(source: IndexSource, announce: Announce, isHeard: () => boolean): () => void {
  let hasLooked = false;
  let known = new Map<string, { readonly organizationId: string | null; readonly index: string }>();
  const look = () => {
    const before = known;
    known = new Map();
    for (const { id } of source.list()) {
      const organizationId = source.ownerOf(id) ?? null;
      const view = source.indexOf(id);
      const index = JSON.stringify(view);
      known.set(id, { organizationId, index });
      const old = before.get(id);
      // The first look finds what there was at the start, which is no news.
      if (!hasLooked) continue;
      if (old === undefined) announce({ event: { type: 'workspace.changed', id, organizationId }, workspaceId: id });
      if (old?.index !== index)
        announce({ event: { type: 'index.progress', id, organizationId, data: view }, workspaceId: id });
    }
    hasLooked = true;
    for (const [id, { organizationId }] of before)
      if (!known.has(id)) announce({ event: { type: 'workspace.changed', id, organizationId }, workspaceId: id });
  };
  look();
  const timer = setInterval(() => isHeard() && look(), LOOK_EVERY_MS).unref();
  return () => clearInterval(timer);
}
