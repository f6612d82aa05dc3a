import type { RequestHandler, Response } from 'express';
import { callerOf } from '../guard/adapters/express.js';
import type { EventSource, ServerEvent } from './handler.js';

/** Proxies cut connections that are silent for a minute. */
const HEARTBEAT_MS = 15_000;
/** How soon a caller who lost the right to listen is cut off, and a stop is noticed; promised are 5 s. */
const CHECK_EVERY_MS = 2000;

/**
 * Answers with server-sent events (HTML Living Standard §9.2), each at once. Ends with its source, when the caller has
 * gone, and when `mayGoOn` says no.
 */
export function streamEvents(source: EventSource, mayGoOn: (...request: Parameters<RequestHandler>) => boolean) {
  const handler: RequestHandler = async (request, response, next) => {
    const gone = new AbortController();
    response.once('close', () => gone.abort());
    const events = source({
      caller: callerOf(response),
      params: request.params as Record<string, string>,
      lastEventId: lastEventIdOf(request.headers['last-event-id']),
      signal: gone.signal,
    })[Symbol.asyncIterator]();
    // The first event is waited for before the head is sent: what refuses the request is an answer like any other.
    const first = await events.next();
    const timers = [
      setInterval(() => response.write(': still here\n\n'), HEARTBEAT_MS),
      setInterval(() => {
        if (!mayGoOn(request, response, next)) response.end();
      }, CHECK_EVERY_MS),
    ];
    response.once('close', () => timers.forEach(clearInterval));
    begin(response);
    for (let event = first; !event.done && !response.writableEnded; event = await events.next())
      response.write(textOf(event.value));
    response.end();
  };
  return handler;
}

function begin(response: Response): void {
  response.status(200);
  response.setHeader('Content-Type', 'text/event-stream; charset=utf-8');
  response.setHeader('Cache-Control', 'no-store');
  // nginx would collect events until its buffer is full.
  response.setHeader('X-Accel-Buffering', 'no');
  response.flushHeaders();
}

/** JSON holds no line break, so an event is three lines. */
function textOf({ id, event, data }: ServerEvent): string {
  return `id: ${id}\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
}

function lastEventIdOf(header: string | string[] | undefined): number {
  return typeof header === 'string' && /^\d{1,9}$/.test(header) ? Number(header) : 0;
}
