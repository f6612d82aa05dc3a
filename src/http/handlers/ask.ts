import type { AskResult } from '../../contract/ask.js';
import type { JobQueued } from '../../contract/jobs.js';
import type { Gatehouse } from '../../gatehouse.js';
import { type Handlers, Reply } from '../handler.js';

export function askHandlers({ ask, jobs, config }: Gatehouse): Pick<Handlers, 'ask'> {
  return {
    async ask({ caller, body, signal, prefersAsync }) {
      const startedMs = performance.now();
      const { organizationId } = await ask.check(caller.bounds, body);
      const { workspaceId, question } = body;
      const job = { kind: 'ask', organizationId, workspaceId, title: question, input: body } as const;
      if (prefersAsync) {
        const { id } = await jobs.submit(caller, job);
        const queued: JobQueued = { jobId: id, status: 'queued' };
        const headers = { Location: `${config.basePath}/api/jobs/${id}`, 'Preference-Applied': 'respond-async' };
        return new Reply(202, queued, headers);
      }
      const done = await jobs.perform(caller, job, signal);
      // What the room of questions gave is what the queue hands back.
      const result = done.result as AskResult;
      const durationMs = Math.round(performance.now() - startedMs);
      return { jobId: done.job.id, status: 'completed', ...result, durationMs };
    },
  };
}
