import type { Gatehouse } from '../../gatehouse.js';
import type { EventSources, Handlers, ServerEvent } from '../handler.js';

export function liveHandlers({
  requestReports,
  overviews,
  names,
}: Gatehouse): Pick<Handlers, 'listRequests' | 'listNames' | 'showOverview'> {
  return {
    listNames: ({ caller, query }) => names.list(caller.bounds, query),
    listRequests: ({ caller, query }) => requestReports.list(caller.bounds, query),
    showOverview: ({ caller, query }) => overviews.show(caller.bounds, query),
  };
}

export function eventSources({ jobs, live }: Gatehouse): EventSources {
  return {
    jobEvents: ({ caller, params, lastEventId, signal }) =>
      jobs.events(caller.bounds, params['id'] ?? '', lastEventId, signal),
    listenEvents: ({ caller, query, lastEventId, signal }) =>
      named(live.listen(caller.bounds, query, lastEventId, signal)),
  };
}

/** Under the one name that browsers call `onmessage` for: the type of each is in it. */
async function* named(
  events: AsyncIterable<{ readonly id: number; readonly event: unknown }>,
): AsyncGenerator<ServerEvent> {
  for await (const { id, event } of events) yield { id, event: 'message', data: event };
}
