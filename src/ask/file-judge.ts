import { judgeFileName, judgeFolderName } from './file-names.js';
import { IgnoreRules } from './gitignore.js';
import { MAX_FILE_BYTES, type ReadResult, readTextFile } from './text-file.js';

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
const UNPRINTABLE = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\ufffd]/;

/**
 * Why an upload does not take a file, by its path alone; `null`: it does. What is generated or binary is taken: it may
 * be wanted as a file, and the index leaves it out by itself.
 */
export function refusesUpload(path: string): string | null {
  const folders = path.split('/');
  const name = folders.pop() ?? '';
  for (const folder of folders) {
    const reason = judgeFolderName(folder);
    if (reason !== null) return reason;
  }
  const reason = judgeFileName(name);
  return reason === 'secret' || reason === 'hidden' ? reason : null;
}

/** What the index does with the files of a folder, by name: for lists, and before one file is shown. */
export class FolderRules {
  readonly #root: string;
  readonly #path: string;
  readonly #rules: IgnoreRules;

  private constructor(root: string, path: string, rules: IgnoreRules) {
    this.#root = root;
    this.#path = path;
    this.#rules = rules;
  }

  static async top(root: string): Promise<FolderRules> {
    return new FolderRules(root, '', await rulesIn(root, '', IgnoreRules.none));
  }

  folder(name: string): string | null {
    if (UNPRINTABLE.test(name)) return 'unprintable name';
    return judgeFolderName(name) ?? (this.#rules.ignores(`${this.#path}${name}/`) ? IGNORED : null);
  }

  file(name: string, bytes: number): string | null {
    if (UNPRINTABLE.test(name)) return 'unprintable name';
    const byName = judgeFileName(name) ?? (this.#rules.ignores(`${this.#path}${name}`) ? IGNORED : null);
    return byName ?? (bytes > MAX_FILE_BYTES ? 'too large' : null);
  }

  async below(name: string): Promise<FolderRules> {
    const path = `${this.#path}${name}`;
    return new FolderRules(this.#root, `${path}/`, await rulesIn(this.#root, path, this.#rules));
  }
}

const IGNORED = 'ignored by .gitignore';

/** As the index has it: `ask` fits `FileJudge` of the room `workspaces`. */
export const fileJudge = {
  refuses: refusesUpload,
  top: (root: string) => FolderRules.top(root),
  read: (root: string, path: string): Promise<ReadResult> => readTextFile(root, path),
};

async function rulesIn(root: string, folder: string, above: IgnoreRules): Promise<IgnoreRules> {
  const read = await readTextFile(root, folder === '' ? '.gitignore' : `${folder}/.gitignore`);
  return read.kind === 'text' ? above.with(folder, read.text) : above;
}
