import { JobList, JobOnly, JobShown, ListJobs } from '../jobs.js';
import { base, change, K, type RouteSpec } from '../route-spec.js';

const read = { ...base, authModes: K, scopes: ['jobs:read'] } as const;
const write = { ...change, authModes: K, scopes: ['jobs:write'] } as const;

/** Runs of questions: what waits, what runs, and what came of it. */
export const jobRoutes = {
  listJobs: {
    ...read,
    method: 'GET',
    path: '/api/jobs',
    summary: 'Jobs this caller started, newest first; with `jobs:read_all` those of the whole organization.',
    query: ListJobs,
    answer: JobList,
  },
  showJob: { ...read, method: 'GET', path: '/api/jobs/:id', summary: 'One job, and its result.', answer: JobShown },
  jobEvents: {
    ...read,
    method: 'GET',
    path: '/api/jobs/:id/events',
    summary: 'Its progress as server-sent events, until it has ended.',
    events: true,
    answer: JobShown,
  },
  cancelJob: {
    ...write,
    method: 'POST',
    path: '/api/jobs/:id/cancel',
    summary: 'Stop it, or take it out of the queue.',
    answer: JobOnly,
  },
  retryJob: {
    ...write,
    method: 'POST',
    path: '/api/jobs/:id/retry',
    summary: 'Run a failed or cancelled job once more.',
    answer: JobOnly,
  },
} as const satisfies Record<string, RouteSpec>;
