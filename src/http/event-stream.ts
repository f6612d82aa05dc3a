import type { Request, RequestHandler, Response } from 'express';
import { callerOf } from '../guard/adapters/express.js';
import type { EventSource, ServerEvent } from './handler.js';

/** Proxies cut connections that are silent for a minute. */
const HEARTBEAT_MS = 15_000;

export interface StreamFacts {
  /** Ends the stream when its caller would be refused now. @returns to be called when it has ended by itself */
  readonly watch: (request: Request, response: Response, end: () => void) => () => void;
  /** Aborted when the program stops. */
  readonly stopping: AbortSignal;
}

/** A route whose answer is a stream of events. */
export function streamEvents(source: EventSource, facts: StreamFacts): RequestHandler {
  return async (request, response) => {
    const gone = new AbortController();
    response.once('close', () => gone.abort());
    const events = source({
      caller: callerOf(response),
      params: request.params as Record<string, string>,
      lastEventId: lastEventIdOf(request.headers['last-event-id']),
      signal: gone.signal,
    });
    await sendEvents(request, response, events, facts);
  };
}

/**
 * Answers with server-sent events (HTML Living Standard §9.2), each at once. Ends with its source, when the caller has
 * gone or lost the right to listen, and when the program stops.
 */
export async function sendEvents(
  request: Request,
  response: Response,
  source: AsyncIterable<ServerEvent>,
  { watch, stopping }: StreamFacts,
): Promise<void> {
  const events = source[Symbol.asyncIterator]();
  // The first event is waited for before the head is sent: what refuses the request is an answer like any other.
  const first = await events.next();
  const end = () => response.end();
  const unwatch = watch(request, response, end);
  const heartbeat = setInterval(() => response.write(': still here\n\n'), HEARTBEAT_MS);
  stopping.addEventListener('abort', end, { once: true });
  response.once('close', () => {
    unwatch();
    clearInterval(heartbeat);
    stopping.removeEventListener('abort', end);
  });
  begin(response);
  for (let event = first; !event.done && !response.writableEnded; event = await events.next())
    response.write(textOf(event.value));
  response.end();
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
