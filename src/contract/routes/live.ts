import { ListenEvents, LiveEvent } from '../live.js';
import { ListNames, NameList } from '../names.js';
import { Overview, ShowOverview } from '../overview.js';
import { ListRequests, RequestList } from '../requests.js';
import { base, K, type RouteSpec } from '../route-spec.js';

/** What pages show of an instance that runs: what happens now, what was asked lately, what deserves a look. */
export const liveRoutes = {
  listenEvents: {
    ...base,
    method: 'GET',
    path: '/api/events',
    summary: 'What changes, as server-sent events, each to those who may read what it is about.',
    authModes: ['jwt'],
    reach: 'either',
    events: true,
    query: ListenEvents,
    answer: LiveEvent,
  },
  listRequests: {
    ...base,
    method: 'GET',
    path: '/api/requests',
    summary: 'Requests that were answered lately, newest first, with what became of each.',
    authModes: K,
    scopes: ['keys:read'],
    reach: 'either',
    query: ListRequests,
    answer: RequestList,
  },
  listNames: {
    ...base,
    method: 'GET',
    path: '/api/names',
    summary:
      'What keys, people, organizations, credentials and prompts are called, as far as the caller may know of them.',
    authModes: K,
    reach: 'either',
    query: ListNames,
    answer: NameList,
  },
  showOverview: {
    ...base,
    method: 'GET',
    path: '/api/overview',
    summary: 'The last 24 hours in numbers, and what deserves a look.',
    authModes: K,
    scopes: ['keys:read'],
    reach: 'either',
    query: ShowOverview,
    answer: Overview,
  },
} as const satisfies Record<string, RouteSpec>;
