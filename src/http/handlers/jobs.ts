import type { Gatehouse } from '../../gatehouse.js';
import type { Handlers } from '../handler.js';

export function jobHandlers({ jobs }: Gatehouse): Pick<Handlers, 'listJobs' | 'showJob' | 'cancelJob' | 'retryJob'> {
  return {
    listJobs: ({ caller, query }) => jobs.list(caller.bounds, query),
    showJob: ({ caller, params }) => jobs.show(caller.bounds, params['id'] ?? ''),
    cancelJob: async ({ caller, params }) => ({ job: await jobs.cancel(caller, params['id'] ?? '') }),
    retryJob: async ({ caller, params }) => ({ job: await jobs.retry(caller, params['id'] ?? '') }),
  };
}
