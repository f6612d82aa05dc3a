import { constants } from 'node:fs';
import { type FileHandle, lstat, mkdir, open, readlink } from 'node:fs/promises';
import path from 'node:path';

/** What a name in a folder is; links are not followed. */
export type EntryKind = 'file' | 'folder' | 'link' | 'other' | 'nothing';

/**
 * A folder that is held open. What is named through it is in that very folder, even when a part of the path it was
 * opened by has become a link since: Linux resolves `/proc/self/fd/<n>/<name>` as `openat` would. Elsewhere names are
 * looked up by path, and a link that somebody on this machine makes in that instant would be followed.
 */
export class HeldFolder {
  readonly #handle: FileHandle;
  readonly #base: string;

  private constructor(handle: FileHandle, base: string) {
    this.#handle = handle;
    this.#base = base;
  }

  /** @throws the system error; `ENOTDIR` or `ELOOP` for a last part that is a link or no folder */
  static async open(folder: string): Promise<HeldFolder> {
    const handle = await open(folder, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW);
    const held = `/proc/self/fd/${handle.fd}`;
    const isLinux = await readlink(held).then(
      () => true,
      () => false,
    );
    return new HeldFolder(handle, isLinux ? held : folder);
  }

  /** The path of a name in it. Good for calls that do not follow a last link. */
  child(name: string): string {
    return `${this.#base}${path.sep}${name}`;
  }

  /** For reading what is in it. */
  get itself(): string {
    return this.child('.');
  }

  async kindOf(name: string): Promise<EntryKind> {
    try {
      const found = await lstat(this.child(name));
      if (found.isSymbolicLink()) return 'link';
      if (found.isDirectory()) return 'folder';
      return found.isFile() ? 'file' : 'other';
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 'nothing';
      throw error;
    }
  }

  /** A folder in it, made when it is not there. @throws as `open` */
  async makeFolder(name: string): Promise<HeldFolder> {
    try {
      await mkdir(this.child(name), { mode: 0o700 });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    return this.folder(name);
  }

  folder(name: string): Promise<HeldFolder> {
    return HeldFolder.open(this.child(name));
  }

  /** Whether a path leads to this very folder now. */
  async is(folder: string): Promise<boolean> {
    const [own, there] = await Promise.all([this.#handle.stat(), lstat(folder).catch(() => null)]);
    return there !== null && there.dev === own.dev && there.ino === own.ino;
  }

  /** So that names made in it survive a power cut. */
  sync(): Promise<void> {
    return this.#handle.sync();
  }

  close(): Promise<void> {
    return this.#handle.close();
  }
}
