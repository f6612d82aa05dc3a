import type { FoundPassage } from '../contract/ask.js';
import type { ErrorCode } from '../contract/codes.js';
import type { IndexView } from '../contract/workspaces.js';
import type { LogFields } from '../kernel/logger.js';

/** A workspace as its index sees it. */
export interface IndexedWorkspace {
  readonly id: string;
  /** Real path. */
  readonly root: string;
  /** In `.gitignore` syntax. When there are any, only files that one of them matches are indexed. */
  readonly include: readonly string[];
  readonly exclude: readonly string[];
}

/** What the worker is started with. */
export interface WorkerSettings {
  /** Where shards go: a folder for each workspace; `null`: nowhere. */
  readonly folder: string | null;
  /** What all indexes may take together. */
  readonly memoryBytes: number;
}

/** What the gate's thread asks of the index's. `nowMs` is the time there, which a test may move. */
export type Request =
  /** Brings the index up to date; answered when it is. `asked`: somebody wants it, so it is not let go first. */
  | { readonly kind: 'update'; readonly workspace: IndexedWorkspace; readonly asked: boolean }
  /** `waitMs`: how long to wait for an index that is being built; `null`: as long as it takes. */
  | {
      readonly kind: 'find';
      readonly workspace: IndexedWorkspace;
      readonly question: string;
      readonly waitMs: number | null;
    }
  /** The workspace is gone: nothing of it stays in memory or on disk. */
  | { readonly kind: 'drop'; readonly workspaceId: string }
  | { readonly kind: 'close' };

/** What each request is answered with. */
export interface Answers {
  readonly update: null;
  readonly find: FoundPassage[];
  readonly drop: null;
  readonly close: null;
}

export type ToWorker = { readonly id: number; readonly nowMs: number; readonly request: Request };

export type FromWorker =
  | { readonly kind: 'answer'; readonly id: number; readonly value: Answers[keyof Answers] }
  | { readonly kind: 'refusal'; readonly id: number; readonly refusal: Refusal }
  | { readonly kind: 'view'; readonly workspaceId: string; readonly view: IndexView }
  | {
      readonly kind: 'log';
      readonly level: 'debug' | 'info' | 'warn' | 'error';
      readonly message: string;
      readonly fields: LogFields;
    };

/** A `GatehouseError` on its way between threads. */
export interface Refusal {
  readonly code: ErrorCode;
  readonly detail: string;
  readonly retryAfterSeconds?: number;
}
