import type { Ask, AskResult } from '../contract/ask.js';
import type { IndexView } from '../contract/workspaces.js';
import { GatehouseError } from '../kernel/errors.js';
import type { Bounds } from '../kernel/principal.js';
import { renderAnswer } from './answer.js';
import { type AskRun, type IndexesOptions, NO_WORKSPACE, openIndexes } from './indexes.js';

/** Answers questions about the files of a workspace. */
export interface AskRoom {
  /** How far the index over a workspace is; `pending` when it was not begun, or there is no such workspace. */
  indexOf(workspaceId: string): IndexView;
  /**
   * Answers from the files alone, without a model (`model: null`). The first line of the answer says so.
   * @throws GatehouseError `NOT_FOUND` for a workspace, credential, prompt or job that is unknown or out of bounds, alike;
   *   `BAD_REQUEST` for a `model` without a `credentialId`; `INDEX_BUILDING` with `retryAfterSeconds` when the index is
   *   not ready within `waitMs`; `UNAVAILABLE` when the files cannot be read
   */
  ask(bounds: Bounds, request: Ask, run?: AskRun): Promise<AskResult>;
  /** Refuses what cannot be asked at all, before it waits in a queue. @returns the organization of the workspace */
  check(bounds: Bounds, request: Ask): Promise<{ organizationId: string }>;
  /** Builds the indexes of all workspaces in the background, one after the other. */
  start(): void;
  /** Stops building. Resolves when nothing runs any more. */
  close(): Promise<void>;
}

export type AskOptions = IndexesOptions;

/** Opens the room. Nothing is read before `start` or the first question. */
export function openAsk(options: AskOptions): AskRoom {
  const { workspaces } = options;
  const indexes = openIndexes(options);

  async function check(bounds: Bounds, request: Ask): Promise<{ organizationId: string }> {
    const { workspaceId } = request;
    if (workspaces.get(workspaceId) === undefined) {
      // It may be a folder made a moment ago.
      await indexes.refresh();
    }
    const { organizationId } = bounds.require({ workspaceId });
    refuseWhatIsNotThere(bounds, request);
    if (workspaces.get(workspaceId) === undefined) throw new GatehouseError('NOT_FOUND', NO_WORKSPACE);
    return { organizationId };
  }

  return {
    indexOf: (workspaceId) => indexes.viewOf(workspaceId),

    check,

    async ask(bounds, request, run) {
      await check(bounds, request);
      const found = await indexes.find(request.workspaceId, request.question, run);
      const citations = found.map((passage, at) => ({ number: at + 1, ...passage, cited: true }));
      const nothing = { model: null, credentialId: null, usage: null, droppedCitations: 0 };
      return { answer: renderAnswer(found), citations, ...nothing };
    },

    start: () => indexes.start(),

    close: () => indexes.close(),
  };
}

/** What a request may name but this version has none of: unknown and not yet possible look alike. */
function refuseWhatIsNotThere(bounds: Bounds, request: Ask): void {
  if (request.credentialId !== undefined) bounds.require({ credentialId: request.credentialId });
  else if (request.model !== undefined) {
    throw new GatehouseError('BAD_REQUEST', 'model: needs a credentialId, since without one no model is asked.');
  }
  if (request.promptId !== undefined) throw new GatehouseError('NOT_FOUND', 'promptId: there is no such prompt.');
  if (request.previousJobId !== undefined) {
    throw new GatehouseError('NOT_FOUND', 'previousJobId: there is no such job.');
  }
}
