import type { IncomingMessage, ServerResponse } from 'node:http';
import { rateHeaders } from '../guard/adapters/facts.js';
import type { Allow, Guard } from '../guard/guard.js';
import type { Policy } from '../guard/policy.js';
import { upstreamPolicy } from '../guard/upstream-routes.js';
import { GatehouseError } from '../kernel/errors.js';
import { newRequestId } from '../kernel/ids.js';
import { problemHeaders, toProblem } from '../kernel/problem.js';
import type { Caller, GuardOptions, Middleware } from './types.js';

/** Beside the request, so that a body parser or a handler cannot make one up. */
const callers = new WeakMap<object, Caller>();

/**
 * The checked caller of a request.
 * @throws Error when no guard stands before this handler
 */
export function callerOf(request: object): Caller {
  const caller = callers.get(request);
  if (caller === undefined) throw new Error('This route is not behind guard().');
  return caller;
}

/** @throws GatehouseError `BAD_REQUEST` for what no route can ask */
export function policyOf(options: GuardOptions, fallbackName: string): Policy {
  const { authModes = ['api_key', 'service_role'], scopes = [], slots, rateLimit, name = fallbackName } = options;
  if (authModes.length === 0) throw fault('authModes: name at least one, or nobody passes.');
  if (authModes.includes('public') && scopes.length > 0)
    throw fault('scopes: a public route cannot ask for any, nobody without a key holds one.');
  if (rateLimit !== undefined && !(rateLimit.requests >= 1 && rateLimit.windowSeconds >= 1))
    throw fault('rateLimit: requests and windowSeconds are whole numbers from 1.');
  return upstreamPolicy(name, {
    authModes: [...authModes],
    scopes: [...scopes],
    ...(slots === undefined ? {} : { slots: [...slots] }),
    ...(rateLimit === undefined ? {} : { rateLimit }),
  });
}

function fault(detail: string): GatehouseError {
  return new GatehouseError('BAD_REQUEST', detail);
}

/** The guard as a middleware for other people's apps. Refusals are answered here: an app's own handlers never see them. */
export function guardRoute(guard: Guard, policy: Policy): Middleware {
  return (request, response, next) => {
    const requestId = newRequestId();
    const facts = {
      door: 'tcp',
      peerAddress: request.socket.remoteAddress,
      rawHeaders: request.rawHeaders,
      method: request.method ?? 'GET',
      requestId,
      named: null,
    } as const;
    const judge = () => {
      const verdict = guard.decide(facts, policy);
      if (!verdict.allow) {
        refuse(request, response, verdict.error, requestId);
        return;
      }
      const rate = rateHeaders(verdict);
      for (let index = 0; index < rate.length && !response.headersSent; index += 2)
        response.setHeader(rate[index] as string, rate[index + 1] as string);
      const caller = callerFrom(verdict, requestId);
      callers.set(request, caller);
      Object.assign(request, { gatehouse: caller });
      next();
    };
    const unchecked = guard.prepare(facts, policy);
    if (unchecked === null) judge();
    else unchecked.then(judge).catch(next);
  };
}

function callerFrom({ principal, address }: Allow, requestId: string): Caller {
  const { kind, id, keyId, organizationId, scopes, workspaceIds, environment } = principal;
  return Object.freeze({
    kind,
    id,
    keyId,
    organizationId,
    scopes: [...scopes],
    workspaceIds,
    environment,
    address,
    requestId,
  });
}

function refuse(request: IncomingMessage, response: ServerResponse, error: GatehouseError, requestId: string): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const headers = problemHeaders(error, requestId);
  for (let index = 0; index < headers.length; index += 2)
    response.setHeader(headers[index] as string, headers[index + 1] as string);
  // What is left of a body that nobody reads would be taken for the next request.
  const { 'transfer-encoding': coding, 'content-length': length } = request.headers;
  if ((coding !== undefined || Number(length ?? 0) > 0) && !request.complete) response.setHeader('Connection', 'close');
  response.statusCode = error.status;
  response.end(request.method === 'HEAD' ? undefined : JSON.stringify(toProblem(error, requestId)));
}
