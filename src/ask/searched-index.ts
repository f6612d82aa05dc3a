import type { Concept, Hit } from './inverted-index.js';
import type { FileStamp } from './text-file.js';
import type { PassageRef } from './workspace-index.js';

/** What retrieval needs of an index; `WorkspaceIndex` fits it. */
export interface SearchedIndex {
  /** Real path of the workspace. */
  readonly root: string;
  search(concepts: readonly Concept[], limit: number): Hit<PassageRef>[];
  /** Paths of all indexed files. */
  paths(): string[];
  /** The passages of one file, in order. */
  passagesOf(path: string): PassageRef[];
  /** What the file was when it was indexed. */
  stampOf(path: string): FileStamp | null;
  /** Reads one file again, which an answer found changed. */
  reread(path: string): Promise<void>;
}
