import type { Ask, AskResult } from '../contract/ask.js';
import type { IndexView } from '../contract/workspaces.js';
import type { Egress, EgressLimits } from '../egress/egress.js';
import { GatehouseError } from '../kernel/errors.js';
import type { Bounds } from '../kernel/principal.js';
import { type AnswerRun, answerByModel, answerFromFiles } from './answering/answering.js';
import { checkDefaultProvider, planOf } from './answering/plan.js';
import { findFor } from './answering/search.js';
import type { AnsweringSources, DefaultProvider } from './answering/sources.js';
import { type IndexesOptions, type AskRun as IndexRun, NO_WORKSPACE, openIndexes } from './indexes.js';

/** Answers questions about the files of a workspace. */
export interface AskRoom {
  /** How far the index over a workspace is; `pending` when it was not begun, or there is no such workspace. */
  indexOf(workspaceId: string): IndexView;
  /**
   * Answers with the model of the credential that the request names, or of the workspace's default provider; without
   * either from the files alone (`model: null`), and the first line of the answer says so.
   * @throws GatehouseError `NOT_FOUND` for a workspace, credential, prompt or job that is unknown or out of bounds, alike;
   *   `BAD_REQUEST` for a `model` without a `credentialId`; `INDEX_BUILDING` with `retryAfterSeconds` when the index is
   *   not ready within `waitMs`; `UNAVAILABLE` when the files cannot be read; `PROVIDER_…`, `UPSTREAM_…`
   */
  ask(bounds: Bounds, request: Ask, run?: AskRun): Promise<AskResult>;
  /** Refuses what cannot be asked at all, before it waits in a queue. @returns the organization of the workspace */
  check(bounds: Bounds, request: Ask): Promise<{ organizationId: string }>;
  /**
   * Whether a credential may answer for everyone in a workspace. @returns it by its id
   * @throws GatehouseError `NOT_FOUND`; `FORBIDDEN` without `credentials:use`; `BAD_REQUEST` for one of another
   *   workspace, and one that is not for models
   */
  checkDefaultProvider(bounds: Bounds, workspaceId: string, wanted: DefaultProvider): DefaultProvider;
  /** Brings an index up to date. Resolves when it is, or after two seconds, while the work goes on. */
  update(workspaceId: string): Promise<void>;
  /** Lets go of the index of a workspace that is being deleted; resolves when nothing of it is in memory or on disk. */
  forget(workspaceId: string): Promise<void>;
  /** Builds the indexes of all workspaces in the background, one after the other. */
  start(): void;
  /** Stops building. Resolves when nothing runs any more. */
  close(): Promise<void>;
}

/** How a question is run, and who listens; what is left out as for somebody who waits for the answer and hears nothing else. */
export type AskRun = IndexRun & AnswerRun;

export interface AskOptions extends IndexesOptions {
  /** Left out: answers come from the files alone. */
  readonly answering?: {
    readonly sources: AnsweringSources;
    readonly egress: Egress;
    /** Of one call to a provider. */
    readonly limits?: EgressLimits;
  };
}

/** Opens the room. Nothing is read before `start` or the first question. */
export function openAsk(options: AskOptions): AskRoom {
  const { workspaces, answering = null, clock } = options;
  const indexes = openIndexes(options);

  async function plan(bounds: Bounds, request: Ask) {
    const { workspaceId } = request;
    if (workspaces.get(workspaceId) === undefined) {
      // It may be a folder made a moment ago.
      await indexes.refresh();
    }
    const { organizationId } = bounds.require({ workspaceId });
    const planned = await planOf(answering?.sources ?? null, bounds, organizationId, request);
    const root = workspaces.get(workspaceId)?.path;
    if (root === undefined) throw new GatehouseError('NOT_FOUND', NO_WORKSPACE);
    return { organizationId, plan: planned, root };
  }

  return {
    indexOf: (workspaceId) => indexes.viewOf(workspaceId),

    checkDefaultProvider: (bounds, workspaceId, wanted) =>
      checkDefaultProvider(answering?.sources ?? null, bounds, workspaceId, wanted),

    async check(bounds, request) {
      const { organizationId } = await plan(bounds, request);
      return { organizationId };
    },

    async ask(bounds, request, given) {
      const run = given ?? nobodyListens();
      const planned = await plan(bounds, request);
      const { provider, searches, earlier } = planned.plan;
      const found = await findFor(searches, (text) => indexes.find(request.workspaceId, text, run));
      // Without a passage there is nothing to answer from, and what was said before may hold it.
      if (provider === null || answering === null || (found.length === 0 && earlier.length === 0))
        return answerFromFiles(found, run);
      const { sources, ...ways } = answering;
      const question = { ...planned, text: request.question, found };
      return answerByModel({ ...ways, clock, credentials: sources.credentials }, provider, question, run);
    },

    update: (workspaceId) => indexes.update(workspaceId),

    forget: (workspaceId) => indexes.forget(workspaceId),

    start: () => indexes.start(),

    close: () => indexes.close(),
  };
}

function nobodyListens(): AskRun {
  const by = { address: 'internal', requestId: 'internal' };
  return { by, signal: new AbortController().signal, waited: true, progress() {}, emit() {} };
}
