/** A run of lines that stands on its own: one function, a few short ones, one section. */
export interface Passage {
  /** From 1; both ends are included. */
  readonly startLine: number;
  readonly endLine: number;
  /** Names defined in it, each once. */
  readonly symbols: readonly string[];
  /** Names of what encloses it, the innermost last. */
  readonly outer: readonly string[];
}
