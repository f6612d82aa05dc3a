import { useEffect, useState } from 'react';
import type { AskResult, Citation, CitationsEvent, DeltaEvent } from '../../../contract/ask.js';
import type { JobProgress, JobShown, JobView } from '../../../contract/jobs.js';
import { addressOf, call, type GatehouseError } from '../../api/call.js';
import { asGatehouseError } from '../../api/use-route.js';

/** A job as it is seen while it goes on: what was told so far, and at last its result. */
export interface FollowedJob {
  readonly job: JobView | null;
  readonly progress: JobProgress | null;
  readonly citations: readonly Citation[];
  /** The answer as far as it has come. */
  readonly text: string;
  readonly result: AskResult | null;
  readonly error: GatehouseError | null;
}

const NOTHING: FollowedJob = { job: null, progress: null, citations: [], text: '', result: null, error: null };

/**
 * Follows a job by its stream of events, from its beginning: whoever comes back sees all of it.
 * @param again - changes when it was begun anew
 */
export function useJob(id: string, again = 0): FollowedJob {
  const [seen, setSeen] = useState(NOTHING);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a job that runs again is followed again
  useEffect(() => {
    setSeen(NOTHING);
    const source = new EventSource(addressOf('jobEvents', { id }));
    const on = <T>(name: string, change: (before: FollowedJob, data: T) => FollowedJob) =>
      source.addEventListener(name, (event) => {
        const data = JSON.parse((event as MessageEvent<string>).data) as T;
        setSeen((before) => change(before, data));
      });
    // A run that begins anew makes the pieces before it void.
    on<JobView>('status', (before, job) => (job.status === 'running' ? { ...NOTHING, job } : { ...before, job }));
    on<JobProgress>('progress', (before, progress) => ({ ...before, progress }));
    on<CitationsEvent>('citations', (before, { citations }) => ({ ...before, citations }));
    on<DeltaEvent>('delta', (before, { text }) => ({ ...before, text: before.text + text }));
    on<JobShown>('done', (before, shown) => ended(before, shown));
    source.addEventListener('done', () => source.close());
    source.onerror = () => {
      // A stream that breaks comes back by itself; one that was refused says by an ordinary call why.
      if (source.readyState !== EventSource.CLOSED) return;
      call('showJob', { params: { id } }).then(
        (shown) => setSeen((before) => ended(before, shown)),
        (failure) => setSeen((before) => ({ ...before, error: asGatehouseError(failure) })),
      );
    };
    return () => source.close();
  }, [id, again]);
  return seen;
}

function ended(before: FollowedJob, { job, result }: JobShown): FollowedJob {
  return { ...before, job, result, progress: null, citations: result?.citations ?? before.citations };
}
