import type { Audit } from '../audit/audit.js';
import type { Clock } from '../kernel/clock.js';
import type { Logger } from '../kernel/logger.js';
import type { DataFolder } from '../store/data-folder.js';
import type { FileJudge } from './file-judge.js';
import { WorkspaceFiles } from './files.js';
import { type Belongings, WorkspaceLife } from './life.js';
import type { Ownership } from './ownership.js';
import { Turns } from './turns.js';
import type { Workspaces } from './workspaces.js';

/** Opens what changes workspaces, and ends what a crash left half done. */
export async function openWorkspaceRooms(options: {
  readonly folder: DataFolder;
  readonly workspaces: Workspaces;
  readonly ownership: Ownership;
  readonly judge: FileJudge;
  readonly vault: { readonly belongings: readonly Belongings[] };
  readonly lanTargets: { namesOf(workspaceId: string): readonly string[]; forget(workspaceId: string): Promise<void> };
  readonly ask: { forget(workspaceId: string): Promise<void> };
  readonly keysBoundTo: (workspaceId: string) => number;
  readonly audit: Audit;
  readonly clock: Clock;
  readonly log: Logger;
}): Promise<{ workspaceFiles: WorkspaceFiles; workspaceLife: WorkspaceLife }> {
  const { folder, workspaces, ownership, judge, vault, lanTargets, ask, keysBoundTo, audit, clock, log } = options;
  const turns = new Turns();
  const root = folder.path;
  const workspaceFiles = new WorkspaceFiles({ root, workspaces, judge, turns, audit, clock });
  const belongings: Belongings[] = [
    ...vault.belongings,
    { what: 'lanTargets', of: (id) => lanTargets.namesOf(id), forget: (id) => lanTargets.forget(id) },
    // What is remembered or built again by itself is nobody's.
    { what: 'space', of: () => [], forget: async (id) => workspaceFiles.forget(id) },
    { what: 'index', of: () => [], forget: (id) => ask.forget(id) },
  ];
  const { statePath } = folder;
  const parts = { root, statePath, workspaces, ownership, belongings, keysBoundTo, turns, audit, log };
  const workspaceLife = new WorkspaceLife(parts);
  await workspaceLife.finishAtStart();
  return { workspaceFiles, workspaceLife };
}
