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
}

/** One route: parsed input in, the answer's shape out. */
export type Handler<Id extends RouteId> = (input: Input<Id>) => AnswerOf<Id> | Promise<AnswerOf<Id>>;

/** A route of the table without a handler, or the reverse, does not compile. */
export type Handlers = { readonly [Id in RouteId]: Handler<Id> };
