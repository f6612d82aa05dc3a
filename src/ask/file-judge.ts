import { judgeFileName, judgeFolderName } from './file-names.js';
import { IgnoreRules } from './gitignore.js';
import { MAX_FILE_BYTES, type ReadResult, readTextFile } from './text-file.js';
import { NO_RULES, type WalkRules } from './walk-rules.js';

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

/** The workspace's own choice of what is indexed, as patterns are matched. */
interface Choice {
  readonly all: boolean;
  readonly wanted: IgnoreRules;
  readonly unwanted: IgnoreRules;
}

/** What the index does with the files of a folder, by name: for lists, and before one file is shown. */
export class FolderRules {
  readonly #root: string;
  readonly #path: string;
  readonly #rules: IgnoreRules;
  readonly #choice: Choice;

  private constructor(root: string, path: string, rules: IgnoreRules, choice: Choice) {
    this.#root = root;
    this.#path = path;
    this.#rules = rules;
    this.#choice = choice;
  }

  /** @param root - real path; @param rules - what is indexed of it, where somebody chose */
  static async top(root: string, { include, exclude }: WalkRules = NO_RULES): Promise<FolderRules> {
    const of = (patterns: readonly string[]) => IgnoreRules.none.with('', patterns.join('\n'));
    const choice = { all: include.length === 0, wanted: of(include), unwanted: of(exclude) };
    return new FolderRules(root, '', await rulesIn(root, '', IgnoreRules.none), choice);
  }

  folder(name: string): string | null {
    if (UNPRINTABLE.test(name)) return 'unprintable name';
    const own = `${this.#path}${name}/`;
    const byRules = this.#rules.ignores(own) ? IGNORED : null;
    return judgeFolderName(name) ?? byRules ?? (this.#choice.unwanted.ignores(own) ? 'excluded' : null);
  }

  file(name: string, bytes: number): string | null {
    if (UNPRINTABLE.test(name)) return 'unprintable name';
    const own = `${this.#path}${name}`;
    const byName = judgeFileName(name) ?? (this.#rules.ignores(own) ? IGNORED : null);
    return byName ?? this.#notChosen(own) ?? (bytes > MAX_FILE_BYTES ? 'too large' : null);
  }

  async below(name: string): Promise<FolderRules> {
    const path = `${this.#path}${name}`;
    return new FolderRules(this.#root, `${path}/`, await rulesIn(this.#root, path, this.#rules), this.#choice);
  }

  #notChosen(own: string): string | null {
    const { all, wanted, unwanted } = this.#choice;
    if (unwanted.ignores(own)) return 'excluded';
    return all || wanted.ignores(own) ? null : 'not included';
  }
}

const IGNORED = 'ignored by .gitignore';

/** As the index has it: `ask` fits `FileJudge` of the room `workspaces`. */
export function fileJudge(rulesOf: (workspaceId: string) => WalkRules) {
  return {
    refuses: refusesUpload,
    top: (root: string, workspaceId: string) => FolderRules.top(root, rulesOf(workspaceId)),
    read: (root: string, path: string): Promise<ReadResult> => readTextFile(root, path),
  };
}

async function rulesIn(root: string, folder: string, above: IgnoreRules): Promise<IgnoreRules> {
  const read = await readTextFile(root, folder === '' ? '.gitignore' : `${folder}/.gitignore`);
  return read.kind === 'text' ? above.with(folder, read.text) : above;
}
