import type { Ask, AskAnswer, AskResult } from '../../contract/ask.js';
import type { AskEvents } from '../../contract/ask-events.js';
import type { ErrorCode } from '../../contract/codes.js';
import type { JobQueued, JobShown } from '../../contract/jobs.js';
import type { Gatehouse } from '../../gatehouse.js';
import { GatehouseError } from '../../kernel/errors.js';
import { maskKeys } from '../../kernel/key-form.js';
import { toProblem } from '../../kernel/problem.js';
import { EventReply, type Handlers, Reply, type ServerEvent } from '../handler.js';

export function askHandlers({ ask, jobs, config }: Gatehouse): Pick<Handlers, 'ask'> {
  return {
    async ask({ caller, body: asked, signal, prefersAsync, prefersEvents }) {
      // What is asked is kept with its job, and no key may be.
      const body = masked(asked);
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
      const toAnswer = (jobId: string, result: AskResult): AskAnswer => {
        const durationMs = Math.round(performance.now() - startedMs);
        return { jobId, status: 'completed', ...result, durationMs };
      };
      if (prefersEvents) return new EventReply(asAnswer(jobs.stream(caller, job, signal), toAnswer, caller.requestId));
      const done = await jobs.perform(caller, job, signal);
      // What the room of questions gave is what the queue hands back.
      return toAnswer(done.job.id, done.result as AskResult);
    },
  };
}

function masked(asked: Ask): Ask {
  const question = maskKeys(asked.question);
  if (asked.promptVariables === undefined) return { ...asked, question };
  const values = Object.entries(asked.promptVariables).map(([name, value]) => [name, maskKeys(value)]);
  return { ...asked, question, promptVariables: Object.fromEntries(values) };
}

/** The events of a job, the last one in the form that an answer without streaming has. */
async function* asAnswer(
  events: AsyncIterable<ServerEvent>,
  toAnswer: (jobId: string, result: AskResult) => AskAnswer,
  requestId: string,
): AsyncGenerator<ServerEvent> {
  for await (const event of events) yield event.event === 'done' ? lastOf(event) : event;

  function lastOf({ id, data }: ServerEvent): ServerEvent {
    const { job, result } = data as JobShown;
    if (job.status === 'completed' && result !== null) return named(id, 'done', toAnswer(job.id, result));
    const { code, detail } = job.error ?? { code: 'CONFLICT', detail: 'This job was cancelled.' };
    return named(id, 'error', toProblem(new GatehouseError(code as ErrorCode, detail), requestId));
  }
}

function named<Name extends keyof AskEvents>(id: number, event: Name, data: AskEvents[Name]): ServerEvent {
  return { id, event, data };
}
