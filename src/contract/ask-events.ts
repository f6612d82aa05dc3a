import { type AskAnswer, CitationsEvent, DeltaEvent } from './ask.js';
import type { JobProgress, JobView } from './jobs.js';
import type { Problem } from './problem.js';

export { CitationsEvent, DeltaEvent };

/**
 * What `POST /api/ask` streams where `Accept` is `text/event-stream`, by the name of the event. `done` or `error` is the
 * last one. A `status` that says `running` begins a run: pieces of an answer that came before it are void.
 * `/api/jobs/:id/events` streams the same but for its end: always `done` with `{job, result}`, see `JobShown`.
 */
export interface AskEvents {
  readonly status: JobView;
  readonly progress: JobProgress;
  readonly citations: CitationsEvent;
  readonly delta: DeltaEvent;
  readonly done: AskAnswer;
  readonly error: Problem;
}
