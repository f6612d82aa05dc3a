import type { NextFunction, Request, RequestHandler, Response } from 'express';
import type { Bounds, NamedIds, Principal } from '../../kernel/principal.js';
import type { Allow, Guard, RequestFacts, Verdict } from '../guard.js';
import { POLICIES, type PolicyName } from '../policy.js';
import { factsOf, rateHeaders } from './facts.js';
import type { OpenStreams } from './open-streams.js';

/** How a request came in: over TCP, or through the command socket. */
export type Door = RequestFacts['door'];

/** What handlers behind the guard know about their caller. */
export interface Caller extends Allow {
  readonly requestId: string;
  readonly bounds: Bounds;
}

/** Beside the response and not in its `locals`, where a handler could overwrite it. */
const callers = new WeakMap<Response, Caller>();

/** Who the guard took a request for and from where, let in or not; `null`: nobody, or no address, that is known. */
export interface Judged {
  readonly principal: Principal | null;
  readonly address: string | null;
  /** Names the secret that was shown; `null`: none was, or it was a JWT. */
  readonly secret: string | null;
}

const judged = new WeakMap<Response, Judged>();

/** `undefined`: the guard was never asked. */
export function judgedAs(response: Response): Judged | undefined {
  return judged.get(response);
}

/**
 * The guard as an Express middleware. It decides before any body is read; a refusal goes to the error handler.
 * @param requestIdOf - the id that the answer, the log and the audit carry
 */
export function guardExpress(
  guard: Guard,
  policyName: PolicyName,
  door: Door,
  requestIdOf: (response: Response) => string,
): RequestHandler {
  const policy = POLICIES[policyName];
  return (request, response, next) => {
    const facts = factsFrom(request, response, door, requestIdOf);
    const judge = () => {
      const verdict = guard.decide(facts, policy);
      if (verdict.allow) {
        const rate = rateHeaders(verdict);
        for (let index = 0; index < rate.length; index += 2) {
          response.setHeader(rate[index] as string, rate[index + 1] as string);
        }
      }
      admit(guard, verdict, facts, response, next);
    };
    const unchecked = guard.prepare(facts, policy);
    if (unchecked === null) judge();
    else unchecked.then(judge, next);
  };
}

/** Decides once more when the body has arrived, however slowly; goes behind the body parser of every route with one. */
export function guardAgainExpress(
  guard: Guard,
  policyName: PolicyName,
  door: Door,
  requestIdOf: (response: Response) => string,
): RequestHandler {
  return (request, response, next) => {
    const facts = { ...factsFrom(request, response, door, requestIdOf), inBody: namedIn(request.body) };
    admit(guard, guard.decideAgain(facts, POLICIES[policyName]), facts, response, next);
  };
}

/**
 * For routes that set the session cookie, behind the body parser: whoever asks for one has to be a page of ours, or no
 * page at all. Else another site could sign somebody in as somebody else.
 */
export function ownPageExpress(guard: Guard): RequestHandler {
  return (request, _response, next) => {
    const { use } = (request.body ?? {}) as Record<string, unknown>;
    if (use === 'cookie') guard.requireOwnPage(request.socket.remoteAddress, request.rawHeaders);
    next();
  };
}

/** Ids in the parameters of a path, or in a body whose schema is checked later: what is no text names nothing. */
function namedIn(body: unknown): NamedIds {
  const { organizationId, workspaceId } = (body ?? {}) as Record<string, unknown>;
  return {
    organizationId: typeof organizationId === 'string' ? organizationId : undefined,
    workspaceId: typeof workspaceId === 'string' ? workspaceId : undefined,
  };
}

/** Ends an answer that goes on when its caller would be refused. @returns to be called when it has ended by itself */
export function watchExpress(
  streams: OpenStreams,
  policyName: PolicyName,
  door: Door,
  requestIdOf: (response: Response) => string,
): (request: Request, response: Response, end: () => void) => () => void {
  return (request, response, end) =>
    streams.watch({ facts: factsFrom(request, response, door, requestIdOf), policy: () => POLICIES[policyName], end });
}

/** Notes who a request was judged to be, at doors that do not go through `guardExpress`. */
export function noteJudged(response: Response, { principal, address, secret }: Judged): void {
  judged.set(response, { principal, address, secret });
}

function factsFrom(
  request: Request,
  response: Response,
  door: Door,
  requestIdOf: (response: Response) => string,
): RequestFacts {
  return factsOf(request, door, requestIdOf(response), namedIn(request.params));
}

function admit(
  guard: Guard,
  verdict: Verdict,
  { requestId }: RequestFacts,
  response: Response,
  next: NextFunction,
): void {
  noteJudged(response, verdict);
  if (!verdict.allow) {
    next(verdict.error);
    return;
  }
  callers.set(response, { ...verdict, requestId, bounds: guard.boundsFor(verdict.principal) });
  next();
}

/** The checked caller of this request. @throws when the route is not behind the guard: a mistake of ours */
export function callerOf(response: Response): Caller {
  const caller = callers.get(response);
  if (caller === undefined) throw new Error('this route is not behind the guard');
  return caller;
}
