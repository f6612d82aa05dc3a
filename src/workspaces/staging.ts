import { randomBytes } from 'node:crypto';
import { type FileHandle, open, readdir, rm, rmdir } from 'node:fs/promises';
import { GatehouseError } from '../kernel/errors.js';
import { HeldFolder } from './held-folder.js';

/** In the workspace itself, so that moving a file to its place is one rename. The index never looks into it. */
export const STAGING_PARENT = '.gatehouse';
const SYNCS_AT_ONCE = 16;

/** A file that is whole and on disk, and not yet in its place. */
export interface StagedFile {
  /** Where it goes, with `/`. */
  readonly path: string;
  /** What it is called in the staging folder: a number, so that no name of a caller's is one there. */
  readonly name: string;
  readonly bytes: number;
}

/** Where an upload lies until all of it has arrived. */
export class Staging {
  readonly files: StagedFile[] = [];
  readonly held: HeldFolder;
  readonly #parent: HeldFolder;
  readonly #top: HeldFolder;
  readonly #name: string;
  readonly #syncs = new Set<Promise<void>>();

  private constructor(top: HeldFolder, parent: HeldFolder, held: HeldFolder, name: string) {
    this.#top = top;
    this.#parent = parent;
    this.held = held;
    this.#name = name;
  }

  /** @param top - the folder of the workspace */
  static async open(top: HeldFolder): Promise<Staging> {
    // Another upload that ends may take the empty parent away between the two steps.
    for (let tries = 0; ; tries += 1) {
      const parent = await top.makeFolder(STAGING_PARENT);
      const name = `upload-${randomBytes(8).toString('hex')}`;
      try {
        return new Staging(top, parent, await parent.makeFolder(name), name);
      } catch (error) {
        await parent.close();
        if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || tries === 10) throw error;
      }
    }
  }

  /** Takes one file whole. @throws GatehouseError `PAYLOAD_TOO_LARGE` beyond `maxBytes`; what the content throws */
  async add(path: string, content: AsyncIterable<Buffer>, maxBytes: number): Promise<StagedFile> {
    const name = String(this.files.length);
    const handle = await open(this.held.child(name), 'wx', 0o600);
    let bytes = 0;
    try {
      for await (const chunk of content) {
        bytes += chunk.length;
        if (bytes > maxBytes)
          throw new GatehouseError('PAYLOAD_TOO_LARGE', `${path} is larger than ${maxBytes / 1_000_000} MB.`);
        await handle.writeFile(chunk);
      }
    } catch (error) {
      await handle.close();
      throw error;
    }
    const file = { path, name, bytes };
    this.files.push(file);
    await this.#syncSoon(handle);
    return file;
  }

  /** Resolves when everything is on disk. */
  async settle(): Promise<void> {
    await Promise.all(this.#syncs);
  }

  async remove(): Promise<void> {
    await Promise.allSettled(this.#syncs);
    await rm(this.#parent.child(this.#name), { recursive: true, force: true }).catch(() => {});
    await Promise.all([this.held.close(), this.#parent.close()]);
    // Not empty: another upload is under way, or somebody keeps files there.
    await rmdir(this.#top.child(STAGING_PARENT)).catch(() => {});
  }

  /** Several at once share the disk's work: one after the other, ten thousand small files would take a minute. */
  async #syncSoon(handle: FileHandle): Promise<void> {
    const sync = handle.sync().finally(() => handle.close());
    this.#syncs.add(sync);
    sync.then(
      () => this.#syncs.delete(sync),
      () => {},
    );
    if (this.#syncs.size >= SYNCS_AT_ONCE) await Promise.race(this.#syncs);
  }
}

/** Takes away what uploads left behind that a crash ended. Only at start: then none is under way. */
export async function removeLeftovers(folder: string): Promise<void> {
  let top: HeldFolder | undefined;
  let parent: HeldFolder | undefined;
  try {
    top = await HeldFolder.open(folder);
    if ((await top.kindOf(STAGING_PARENT)) !== 'folder') return;
    parent = await top.folder(STAGING_PARENT);
    for (const name of await readdir(parent.itself))
      if (/^upload-[0-9a-f]{16}$/.test(name)) await rm(parent.child(name), { recursive: true, force: true });
    await rmdir(top.child(STAGING_PARENT)).catch(() => {});
  } catch {
    // A folder that cannot be read or written has nothing of ours to take away that we could.
  } finally {
    await parent?.close();
    await top?.close();
  }
}
