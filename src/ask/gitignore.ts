import ignore, { type Ignore } from 'ignore';

/**
 * The rules that hold in one folder: its own `.gitignore` after those of the folders above, so the deeper one decides
 * (gitignore(5)). Folders without a `.gitignore` share the rules of the folder above.
 */
export class IgnoreRules {
  static readonly none = new IgnoreRules(null);
  readonly #rules: Ignore | null;

  private constructor(rules: Ignore | null) {
    this.#rules = rules;
  }

  /**
   * Adds the `.gitignore` of a folder.
   * @param folder - the folder, relative to the workspace with `/`; `''` for the workspace itself
   */
  with(folder: string, gitignore: string): IgnoreRules {
    const patterns = gitignore
      .split(/\r?\n/)
      .slice(0, MAX_PATTERNS)
      .map((line) => rebase(folder, line))
      .filter((line) => line !== null);
    if (patterns.length === 0) return this;
    const rules = ignore({ ignorecase: false });
    if (this.#rules !== null) rules.add(this.#rules);
    return new IgnoreRules(rules.add(patterns));
  }

  /** @param path - relative to the workspace with `/`; a folder ends with `/` */
  ignores(path: string): boolean {
    return this.#rules?.ignores(path) ?? false;
  }
}

const MAX_PATTERNS = 5000;

/**
 * One line of `folder/.gitignore` as the same rule in the workspace's own. One set of rules for the whole path keeps
 * git's "a file in an ignored folder cannot be taken back" right, which asking each file's rules in turn does not.
 */
function rebase(folder: string, line: string): string | null {
  const negated = line.startsWith('!');
  const pattern = negated ? line.slice(1) : line;
  if (pattern.trim() === '' || line.startsWith('#') || isCostly(pattern)) return null;
  if (folder === '') return line;
  const anchored = pattern.replace(/\/\s*$/, '').includes('/');
  const prefix = folder.replace(/[\\*?[\]!# ]/g, '\\$&');
  // A leading `\!` or `\#` is an escape for the start of a line, which it no longer is; `\` before either stays harmless.
  const rest = pattern.startsWith('/') ? pattern.slice(1) : pattern;
  return `${negated ? '!' : ''}/${prefix}/${anchored ? '' : '**/'}${rest}`;
}

/** A pattern becomes a regular expression, and each `*` in it multiplies the worst case over a 255-byte name. */
function isCostly(pattern: string): boolean {
  return pattern.length > 500 || (pattern.replaceAll('**', '').match(/\*/g)?.length ?? 0) > 5;
}
