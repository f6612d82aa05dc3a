import type { z } from 'zod';
import type { ROUTES, RouteId } from '../contract/routes.js';
import type { Caller } from '../guard/adapters/express.js';
import type { CookieJar } from './session-cookie.js';

type Spec<Id extends RouteId> = (typeof ROUTES)[Id];
type QueryOf<Id extends RouteId> = Spec<Id> extends { query: infer S extends z.ZodType } ? z.infer<S> : null;
type BodyOf<Id extends RouteId> = Spec<Id> extends { body: infer S extends z.ZodType } ? z.infer<S> : null;
export type AnswerOf<Id extends RouteId> = Spec<Id> extends { answer: infer S extends z.ZodType } ? z.infer<S> : never;

/** A request that was let in and whose query and body fit their schemas. */
export interface Input<Id extends RouteId> {
  readonly caller: Caller;
  readonly params: Readonly<Record<string, string>>;
  readonly query: QueryOf<Id>;
  readonly body: BodyOf<Id>;
  /** The caller, and the name that their browser or program gives itself. */
  readonly visitor: Caller & { readonly userAgent: string };
  readonly cookie: CookieJar;
  /** Aborted when the caller has gone before the answer. */
  readonly signal: AbortSignal;
  /** RFC 7240: whether the caller would rather not wait for the work to be done. */
  readonly prefersAsync: boolean;
  /** Whether the caller would rather see the answer come as a stream of events, where the route has one. */
  readonly prefersEvents: boolean;
}

/** An answer with another status than the route's own, or with headers. */
export class Reply<T> {
  readonly status: number;
  readonly body: T;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, body: T, headers: Readonly<Record<string, string>> = {}) {
    this.status = status;
    this.body = body;
    this.headers = headers;
  }
}

/** An answer as a stream of events: begun when the first one is there. */
export class EventReply {
  readonly events: AsyncIterable<ServerEvent>;

  constructor(events: AsyncIterable<ServerEvent>) {
    this.events = events;
  }
}

/** One route: parsed input in, the answer's shape out. */
export type Handler<Id extends RouteId> = (
  input: Input<Id>,
) => AnswerOf<Id> | Reply<unknown> | EventReply | Promise<AnswerOf<Id> | Reply<unknown> | EventReply>;

/** Routes whose answer is a stream of events. */
export type EventRouteId = { [Id in RouteId]: Spec<Id> extends { events: true } ? Id : never }[RouteId];

/** A route of the table without a handler, or the reverse, does not compile. */
export type Handlers = { readonly [Id in Exclude<RouteId, EventRouteId>]: Handler<Id> };

/** One server-sent event; `data` is sent as JSON. */
export interface ServerEvent {
  readonly id: number;
  readonly event: string;
  readonly data: unknown;
}

export interface EventInput {
  readonly caller: Caller;
  readonly params: Readonly<Record<string, string>>;
  /** Of the last event the caller has seen; 0: none. */
  readonly lastEventId: number;
  readonly signal: AbortSignal;
}

export type EventSource = (input: EventInput) => AsyncIterable<ServerEvent>;
export type EventSources = { readonly [Id in EventRouteId]: EventSource };
