import { readFile, rename, writeFile } from 'node:fs/promises';
import type { Library } from './types.js';

const EMPTY: Library = { books: [], members: [], loans: [], reservations: [] };

/**
 * Keeps the library in memory and in one JSON file.
 *
 * A change is made on a copy, written to a temporary file, and renamed over the old one. So a crash leaves either the old
 * state or the new one, never half of each, and memory never knows something that the disk does not.
 */
export class Storage {
  private queue: Promise<unknown> = Promise.resolve();

  private constructor(
    private readonly file: string,
    private library: Library,
  ) {}

  /** Opens the data file. A missing file is an empty library; a damaged one stops the start. */
  static async open(file: string): Promise<Storage> {
    try {
      return new Storage(file, JSON.parse(await readFile(file, 'utf8')) as Library);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return new Storage(file, structuredClone(EMPTY));
      throw error;
    }
  }

  read(): Readonly<Library> {
    return this.library;
  }

  /**
   * Runs `change` on a copy and saves it. Changes wait for each other, so two people cannot borrow the last copy.
   * When `change` throws, nothing is written and nothing changed.
   */
  update<T>(change: (draft: Library) => T): Promise<T> {
    const result = this.queue.then(async () => {
      const draft = structuredClone(this.library);
      const value = change(draft);
      await this.save(draft);
      this.library = draft;
      return value;
    });
    this.queue = result.catch(() => undefined);
    return result;
  }

  private async save(draft: Library): Promise<void> {
    const temporary = `${this.file}.new`;
    await writeFile(temporary, JSON.stringify(draft, null, 1), { mode: 0o600 });
    await rename(temporary, this.file);
  }
}
