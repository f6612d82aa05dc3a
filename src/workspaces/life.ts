import { randomBytes } from 'node:crypto';
import { lstat, mkdir, readdir, readFile, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import type { Audit } from '../audit/audit.js';
import { audited } from '../audit/audited.js';
import type { CreateWorkspace, WorkspaceDeleted } from '../contract/workspace-files.js';
import { GatehouseError } from '../kernel/errors.js';
import { describeError, type Logger } from '../kernel/logger.js';
import type { Actor } from '../kernel/principal.js';
import { inFolder } from './folder-faults.js';
import { HeldFolder } from './held-folder.js';
import type { Ownership } from './ownership.js';
import { removeLeftovers } from './staging.js';
import type { Turns } from './turns.js';
import type { Workspaces } from './workspaces.js';
import { holdForChanges } from './writable.js';

/** What another room keeps for a workspace: it goes with it, and must not fall to the next one of that name. */
export interface Belongings {
  /** `credentials`, `secrets`, … in answers and the audit log. */
  readonly what: string;
  /** Names, for the audit log. */
  of(workspaceId: string): readonly string[];
  forget(workspaceId: string): Promise<void>;
}

export interface WorkspaceLifeOptions {
  /** `WORKSPACES_DIR`. */
  readonly root: string;
  /** `.gatehouse`. */
  readonly statePath: string;
  readonly workspaces: Workspaces;
  readonly ownership: Ownership;
  readonly belongings: readonly Belongings[];
  /** Keys that reach this workspace and no other. */
  readonly keysBoundTo: (workspaceId: string) => number;
  readonly turns: Turns;
  readonly audit: Audit;
  readonly log: Logger;
}

const TRASH = 'trash';

/** Workspaces are made and deleted here. */
export class WorkspaceLife {
  readonly #o: WorkspaceLifeOptions;

  constructor(options: WorkspaceLifeOptions) {
    this.#o = options;
  }

  /**
   * Makes an empty folder, 0700, that belongs to an organization.
   * @throws GatehouseError `CONFLICT` for a name that is taken; `ENTITLEMENT_REACHED`; `FORBIDDEN` for a caller who is
   *   bound to other workspaces
   */
  async create(by: Actor, { id, organizationId: wanted }: CreateWorkspace): Promise<void> {
    const { organizationId } = by.bounds.require({ organizationId: wanted });
    const { workspaceIds } = by.bounds.principal;
    if (workspaceIds !== null && !workspaceIds.includes(id))
      throw new GatehouseError('FORBIDDEN', 'id: this credential is bound to other workspaces.');
    // One at a time, so that two at once cannot both be the last that an organization may have.
    await this.#o.turns.take(' create', () =>
      this.#o.turns.take(id, async () => {
        await this.#o.workspaces.refresh();
        await this.#requireFree(id, organizationId);
        this.#o.ownership.requireRoom(organizationId, this.#owned(organizationId));
        await audited(this.#o.audit, by, { action: 'workspace.create', target: id, organizationId }, () =>
          inFolder(() => this.#make(id, organizationId)),
        );
        await this.#o.workspaces.refresh();
      }),
    );
  }

  /**
   * Deletes a workspace with everything that is kept for it. Where the folder cannot be taken away nothing is deleted.
   * @param confirm - its name once more
   */
  async remove(by: Actor, id: string, confirm: string): Promise<WorkspaceDeleted> {
    by.bounds.require({ workspaceId: id });
    if (confirm !== id)
      throw new GatehouseError('BAD_REQUEST', 'confirm: it is not the name of this workspace. Nothing was deleted.');
    return this.#o.turns.take(id, async () => {
      await this.#requireRemovable(id);
      const names = this.#o.belongings.map(({ what, of }) => [what, of(id)] as const);
      const counts = Object.fromEntries(names.map(([what, list]) => [what, list.length]));
      const detail = Object.fromEntries(names.flatMap(([what, list]) => (list.length > 0 ? [[what, [...list]]] : [])));
      const keysLeft = this.#o.keysBoundTo(id);
      await audited(this.#o.audit, by, { action: 'workspace.delete', target: id, detail }, () => this.#takeAway(id));
      const { credentials = 0, secrets = 0, variables = 0 } = counts;
      return { workspaceId: id, credentials, secrets, variables, keysLeft };
    });
  }

  /** At start: ends what a crash left half done. Never rejects. */
  async finishAtStart(): Promise<void> {
    try {
      for (const { path: folder } of this.#o.workspaces.list()) await removeLeftovers(folder);
      for (const name of await readdir(this.#trash).catch(() => [])) {
        const id = name.slice(0, name.lastIndexOf('~'));
        // A folder of that name is there again: what is kept for the name is that one's now.
        if (id !== '' && (await isNothing(path.join(this.#o.root, id)))) await this.#forget(id);
        await rm(path.join(this.#trash, name), { recursive: true, force: true });
      }
    } catch (error) {
      this.#o.log.warn('workspaces: what was deleted is still there', describeError(error));
    }
  }

  get #trash(): string {
    return path.join(this.#o.statePath, TRASH);
  }

  #owned(organizationId: string): number {
    const { workspaces } = this.#o;
    return workspaces.list().filter(({ id }) => workspaces.ownerOf(id) === organizationId).length;
  }

  async #requireFree(id: string, organizationId: string): Promise<void> {
    const taken = () =>
      new GatehouseError('CONFLICT', 'id: this name is taken. Names are shared by all organizations of this instance.');
    if (!(await isNothing(path.join(this.#o.root, id)))) throw taken();
    // A folder that somebody took away by hand left its credentials: they are not the next owner's.
    const isKept = this.#o.ownership.isListed(id) || this.#o.belongings.some(({ of }) => of(id).length > 0);
    if (isKept && this.#o.ownership.ownerOf(id) !== organizationId) throw taken();
  }

  async #make(id: string, organizationId: string): Promise<void> {
    const wasListed = this.#o.ownership.isListed(id);
    await this.#o.ownership.list(id, organizationId);
    try {
      await mkdir(path.join(this.#o.root, id), { mode: 0o700 });
    } catch (error) {
      if (!wasListed) await this.#o.ownership.forget(id);
      if ((error as NodeJS.ErrnoException).code === 'EEXIST')
        throw new GatehouseError('CONFLICT', 'id: this name is taken.');
      throw error;
    }
    const root = await HeldFolder.open(this.#o.root).catch(() => null);
    await root?.sync();
    await root?.close();
  }

  async #requireRemovable(id: string): Promise<void> {
    await inFolder(async () => (await holdForChanges(this.#o.workspaces, this.#o.root, id)).close());
    const folder = this.#o.workspaces.get(id)?.path ?? '';
    if ((await mountsIn(folder)).length > 0)
      throw new GatehouseError(
        'CONFLICT',
        'This workspace is mounted from elsewhere, all of it or a folder in it. Take the mount away first; nothing was deleted.',
      );
  }

  /** The folder goes first and in one step: what cannot be taken away keeps everything. */
  async #takeAway(id: string): Promise<void> {
    const from = path.join(this.#o.root, id);
    const to = path.join(this.#trash, `${id}~${randomBytes(8).toString('hex')}`);
    await inFolder(async () => {
      await mkdir(this.#trash, { recursive: true, mode: 0o700 });
      await rename(from, to);
    });
    try {
      await this.#forget(id);
    } catch (error) {
      await rename(to, from).catch(() => {});
      throw error;
    } finally {
      await this.#o.workspaces.refresh();
    }
    await rm(to, { recursive: true, force: true }).catch((error) =>
      this.#o.log.warn('workspaces: deleted files are still in .gatehouse/trash', describeError(error)),
    );
  }

  async #forget(id: string): Promise<void> {
    for (const { forget } of this.#o.belongings) await forget(id);
    await this.#o.ownership.forget(id);
  }
}

async function isNothing(name: string): Promise<boolean> {
  try {
    await lstat(name);
    return false;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return true;
    throw error;
  }
}

/** Mount points at or below a folder; elsewhere than on Linux nobody says. */
async function mountsIn(folder: string): Promise<string[]> {
  const text = await readFile('/proc/self/mountinfo', 'utf8').catch(() => '');
  return text
    .split('\n')
    .map((line) =>
      (line.split(' ')[4] ?? '').replace(/\\([0-7]{3})/g, (_, code) => String.fromCharCode(Number.parseInt(code, 8))),
    )
    .filter((mount) => mount === folder || mount.startsWith(`${folder}/`));
}
