import { lstat } from 'node:fs/promises';
import path from 'node:path';
import { GatehouseError } from '../kernel/errors.js';
import { HeldFolder } from './held-folder.js';
import type { WorkspaceFolder, Workspaces } from './workspaces.js';

/** A workspace that is there. @throws GatehouseError `NOT_FOUND` */
export async function requireFolder(workspaces: Workspaces, workspaceId: string): Promise<WorkspaceFolder> {
  // It may be a folder made a moment ago.
  if (workspaces.get(workspaceId) === undefined) await workspaces.refresh();
  const folder = workspaces.get(workspaceId);
  if (folder === undefined) throw new GatehouseError('NOT_FOUND', 'There is no such workspace.');
  return folder;
}

/**
 * The folder of a workspace, held open for changes.
 * @param root - `WORKSPACES_DIR`
 * @throws GatehouseError `NOT_FOUND`; `CONFLICT` for a workspace that is a link: what is behind it may be another's
 */
export async function holdForChanges(workspaces: Workspaces, root: string, workspaceId: string): Promise<HeldFolder> {
  const folder = await requireFolder(workspaces, workspaceId);
  const entry = await lstat(path.join(root, workspaceId)).catch(() => null);
  if (entry?.isSymbolicLink() === true)
    throw new GatehouseError(
      'CONFLICT',
      'This workspace is a link to another folder. Change files in that one, and take the link away by hand.',
    );
  return HeldFolder.open(folder.path);
}
