import { lstat, rmdir, unlink } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import type { Audit } from '../audit/audit.js';
import { audited } from '../audit/audited.js';
import {
  type ArchiveWritten,
  type FileDeleted,
  type FileLines,
  type FileList,
  type FileWritten,
  type LeftOut,
  type ListFiles,
  MAX_LINES_SHOWN,
  MAX_PATHS_TOLD,
  type ReadFile,
  UPLOAD_LIMITS,
} from '../contract/workspace-files.js';
import type { Clock } from '../kernel/clock.js';
import { GatehouseError } from '../kernel/errors.js';
import type { Actor, Bounds } from '../kernel/principal.js';
import { readArchive } from './archive.js';
import type { FileJudge } from './file-judge.js';
import { inFolder } from './folder-faults.js';
import type { HeldFolder } from './held-folder.js';
import { listFiles } from './listing.js';
import { checkPlaces, placeFiles } from './placing.js';
import { Staging } from './staging.js';
import type { Turns } from './turns.js';
import { UsedSpace } from './used-space.js';
import type { Workspaces } from './workspaces.js';
import { holdForChanges, requireFolder } from './writable.js';

/** Something that arrives piece by piece, from a caller who is judged again when it is here. */
export interface Arriving {
  readonly stream: Readable;
  admitAgain(): Promise<Actor>;
}

export interface WorkspaceFilesOptions {
  /** `WORKSPACES_DIR`. */
  readonly root: string;
  readonly workspaces: Workspaces;
  readonly judge: FileJudge;
  /** Changes of one workspace happen one after the other. */
  readonly turns: Turns;
  readonly audit: Audit;
  readonly clock: Clock;
}

/** The files of workspaces: listed, read by lines, written whole or not at all, deleted. */
export class WorkspaceFiles {
  readonly #o: WorkspaceFilesOptions;
  readonly #space: UsedSpace;

  constructor(options: WorkspaceFilesOptions) {
    this.#o = options;
    this.#space = new UsedSpace(options.clock);
  }

  async list(by: Bounds, workspaceId: string, query: ListFiles): Promise<FileList> {
    by.require({ workspaceId });
    const { path } = await requireFolder(this.#o.workspaces, workspaceId);
    return inFolder(() => listFiles({ id: workspaceId, path }, this.#o.judge, query));
  }

  /**
   * Lines of a file that the index reads, or would.
   * @throws GatehouseError `NOT_FOUND` for what is not there and what is not shown, alike; `BAD_REQUEST` for what is no text
   */
  async read(by: Bounds, workspaceId: string, { path, startLine, endLine }: ReadFile): Promise<FileLines> {
    by.require({ workspaceId });
    const { path: root } = await requireFolder(this.#o.workspaces, workspaceId);
    const text = await this.#textOf(workspaceId, root, path);
    const all = text.split('\n');
    const last = Math.min(endLine ?? all.length, all.length, startLine + MAX_LINES_SHOWN - 1);
    const lines = all.slice(startLine - 1, Math.max(last, startLine - 1));
    return { path, startLine, endLine: startLine + lines.length - 1, totalLines: all.length, lines };
  }

  /** Writes one file. @throws GatehouseError `BAD_REQUEST`, `PAYLOAD_TOO_LARGE`, `CONFLICT`, `STORE_UNAVAILABLE` */
  async write(by: Actor, workspaceId: string, wanted: string, arriving: Arriving): Promise<FileWritten> {
    by.bounds.require({ workspaceId });
    const path = wanted.normalize('NFC');
    const reason = this.#o.judge.refuses(path);
    if (reason !== null)
      throw new GatehouseError(
        'BAD_REQUEST',
        `path: a workspace takes no such files (${reason}). Secrets go into the vault.`,
      );
    const { replaced, bytes } = await this.#receive(workspaceId, arriving, (staging) =>
      staging.add(path, arriving.stream, UPLOAD_LIMITS.fileBytes).then(() => {}),
    );
    return { workspaceId, path, bytes, replaced: replaced > 0 };
  }

  /** Writes the files of a tar archive. @throws GatehouseError as `write`; `BAD_REQUEST` names the entry at fault */
  async unpack(by: Actor, workspaceId: string, arriving: Arriving): Promise<ArchiveWritten> {
    by.bounds.require({ workspaceId });
    const leftOut: LeftOut[] = [];
    let leftOutCount = 0;
    const { staged, replaced, bytes } = await this.#receive(workspaceId, arriving, (staging) =>
      readArchive(arriving.stream, UPLOAD_LIMITS, {
        take: (path, content) => staging.add(path, content, UPLOAD_LIMITS.fileBytes).then(() => {}),
        leavesOut: (path) => this.#o.judge.refuses(path),
        leftOut(path, reason) {
          leftOutCount += 1;
          if (leftOut.length < MAX_PATHS_TOLD) leftOut.push({ path, reason });
        },
      }),
    );
    const paths = staged.slice(0, MAX_PATHS_TOLD);
    return { workspaceId, files: staged.length, replaced, bytes, paths, leftOut, leftOutCount };
  }

  /** @throws GatehouseError `NOT_FOUND`; `CONFLICT` for what is no file, and where nothing can be changed */
  async remove(by: Actor, workspaceId: string, path: string): Promise<FileDeleted> {
    by.bounds.require({ workspaceId });
    const event = { action: 'workspace.delete-file', target: workspaceId, detail: { path } };
    return this.#o.turns.take(workspaceId, () =>
      inFolder(async () => {
        const top = await holdForChanges(this.#o.workspaces, this.#o.root, workspaceId);
        const names = path.split('/');
        const name = names.pop() ?? '';
        const held = [top];
        try {
          for (const folder of names) held.push(await enter(held[held.length - 1] as HeldFolder, folder));
          const folder = held[held.length - 1] as HeldFolder;
          const kind = await folder.kindOf(name);
          if (kind === 'nothing') throw noSuchFile();
          if (kind !== 'file' && kind !== 'link') throw new GatehouseError('CONFLICT', 'path: this is no file.');
          const { size } = await lstat(folder.child(name));
          await audited(this.#o.audit, by, event, () => unlink(folder.child(name)));
          this.#space.add(workspaceId, { bytes: -size, files: -1 });
          await folder.sync();
          await removeEmpty(held, names);
        } finally {
          for (const folder of held.reverse()) await folder.close();
        }
        return { workspaceId, path, status: 'deleted' as const };
      }),
    );
  }

  /** What the room counted of a workspace that is gone. */
  forget(workspaceId: string): void {
    this.#space.forget(workspaceId);
  }

  /** Lets everything arrive beside its place, asks the guard again, and moves it in. */
  async #receive(
    workspaceId: string,
    arriving: Arriving,
    stage: (staging: Staging) => Promise<void>,
  ): Promise<{ staged: string[]; replaced: number; bytes: number }> {
    return inFolder(async () => {
      const top = await holdForChanges(this.#o.workspaces, this.#o.root, workspaceId);
      let staging: Staging | undefined;
      try {
        staging = await Staging.open(top);
        await stage(staging);
        await staging.settle();
        const by = await arriving.admitAgain();
        by.bounds.require({ workspaceId });
        return await this.#moveIn(by, workspaceId, top, staging);
      } finally {
        await staging?.remove();
        await top.close();
      }
    });
  }

  #moveIn(by: Actor, workspaceId: string, top: HeldFolder, staging: Staging) {
    const staged = staging.files.map(({ path }) => path);
    const bytes = staging.files.reduce((sum, file) => sum + file.bytes, 0);
    return this.#o.turns.take(workspaceId, async () => {
      // It may have been deleted while this arrived, and even made again: what is held open is the folder of before.
      const folder = await requireFolder(this.#o.workspaces, workspaceId);
      if (!(await top.is(folder.path))) throw new GatehouseError('NOT_FOUND', 'There is no such workspace any more.');
      const { replaced, freedBytes } = await checkPlaces(top, staging.files);
      const more = { bytes: bytes - freedBytes, files: staged.length - replaced };
      await this.#space.requireRoom(workspaceId, folder.path, more);
      const detail = { files: staged.length, replaced, bytes, paths: staged.slice(0, 20) };
      await audited(this.#o.audit, by, { action: 'workspace.upload', target: workspaceId, detail }, () =>
        placeFiles(top, staging),
      );
      this.#space.add(workspaceId, more);
      return { staged, replaced, bytes };
    });
  }

  async #textOf(workspaceId: string, root: string, path: string): Promise<string> {
    const names = path.split('/');
    const name = names.pop() ?? '';
    let rules = await this.#o.judge.top(root, workspaceId);
    for (const folder of names) {
      if (rules.folder(folder) !== null) throw noSuchFile();
      rules = await rules.below(folder);
    }
    const read = rules.file(name, 0) === 'binary' ? BINARY : await this.#o.judge.read(root, path);
    const reason = rules.file(name, 0) ?? (read.kind === 'text' ? null : read.reason);
    if (read.kind === 'text' && reason === null) return read.text;
    // Not shown looks like not there: whether a workspace holds keys is nobody's to ask.
    const words = NOT_TEXT[reason ?? ''];
    if (words === undefined) throw noSuchFile();
    throw new GatehouseError('BAD_REQUEST', `path: ${words}`);
  }
}

const BINARY = { kind: 'left out', reason: 'binary' } as const;
const NOT_TEXT: Readonly<Record<string, string>> = {
  binary: 'this file is binary; only text can be shown.',
  'not UTF-8': 'this file is not UTF-8; only text can be shown.',
  'too large': 'this file is larger than 512 KB, which is not shown.',
  generated: 'this file is generated and is not shown.',
};

function noSuchFile(): GatehouseError {
  return new GatehouseError('NOT_FOUND', 'There is no such file in this workspace, or none that is shown.');
}

async function enter(above: HeldFolder, name: string): Promise<HeldFolder> {
  if ((await above.kindOf(name)) !== 'folder') throw noSuchFile();
  return above.folder(name);
}

/** Folders are there for their files, as in git. */
async function removeEmpty(held: readonly HeldFolder[], names: readonly string[]): Promise<void> {
  for (let depth = names.length - 1; depth >= 0; depth -= 1) {
    try {
      await rmdir((held[depth] as HeldFolder).child(names[depth] ?? ''));
    } catch {
      return;
    }
  }
}
