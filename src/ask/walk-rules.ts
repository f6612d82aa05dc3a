/** What a workspace's owners leave out of its index, in `.gitignore` syntax. */
export interface WalkRules {
  /** When there are any, only files that one of them matches. */
  readonly include: readonly string[];
  readonly exclude: readonly string[];
}

export const NO_RULES: WalkRules = { include: [], exclude: [] };
