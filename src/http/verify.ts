import type { IncomingMessage, ServerResponse } from 'node:http';
import { HEADER } from '../contract/headers.js';
import { ScopeName } from '../contract/scopes.js';
import type { Gatehouse } from '../gatehouse.js';
import {
  admittedHeaders,
  admittedLines,
  ForwardAuth,
  type ForwardVerdict,
  type HeaderFacts,
  NO_ROUTE,
  type Question,
  readHeaders,
} from '../guard/adapters/forward-auth.js';
import { GatehouseError } from '../kernel/errors.js';
import { newRequestId } from '../kernel/ids.js';
import { describeError } from '../kernel/logger.js';
import { problemHeaders, toProblem } from '../kernel/problem.js';
import { LeanRequest } from './lean-request.js';
import { ReadyHeads } from './ready-head.js';

/** Refusals reach people's browsers, through proxies that pass them on. */
const REFUSED = [
  'X-Content-Type-Options',
  'nosniff',
  'Content-Security-Policy',
  "default-src 'none'; frame-ancestors 'none'",
];

/** Addresses of the question that are kept read; they are configured, so there are few. */
const MAX_QUESTIONS = 100;

/** What the address of a question says, or why it cannot be used. */
type Plan = { readonly question: Question } | { readonly dialect: Question['dialect']; readonly fault: GatehouseError };

/**
 * `/api/verify` and `/api/verify/nginx`: may the request that a proxy tells of reach the app behind it? Answered with
 * any method, ahead of Express and without it, in about the time a bare server needs; see docs/performance.md.
 * @param keepAliveTimeoutMs - of the server, which lets answers go out faster; left out: not known
 * @returns false when the request is for another path, and nothing was done
 */
export function createVerifyDoor(
  gatehouse: Gatehouse,
  keepAliveTimeoutMs?: number,
): (request: IncomingMessage, response: ServerResponse) => boolean {
  const { guard, clients, upstream, assertions, audit, usage, log, config } = gatehouse;
  const forwardAuth = new ForwardAuth({ guard, clients, upstream, assertions, refusals: audit });
  const path = `${config.basePath}/api/verify`;
  const heads = keepAliveTimeoutMs === undefined ? null : new ReadyHeads(keepAliveTimeoutMs);
  const plans = new Map<string, Plan | null>();

  const planOf = (url: string): Plan | null => {
    if (!url.startsWith(path)) return null;
    let plan = plans.get(url);
    if (plan === undefined) {
      plan = readPlan(url.slice(path.length));
      if (plans.size >= MAX_QUESTIONS) plans.clear();
      plans.set(url, plan);
    }
    return plan;
  };

  /** Whatever went wrong on the way, the request behind the proxy does not pass. */
  const undecided = (error: unknown): ForwardVerdict => {
    log.error('a request could not be decided', describeError(error));
    const refusal = new GatehouseError('UNAVAILABLE', 'The request could not be checked. Try again.', { cause: error });
    return { ...unasked('GET', refusal), allow: false, error: refusal };
  };
  const ask = (request: IncomingMessage, headers: HeaderFacts, question: Question) => {
    try {
      return forwardAuth.ask(request, headers, question);
    } catch (error) {
      return undecided(error);
    }
  };

  const answer = (
    request: IncomingMessage,
    response: ServerResponse,
    dialect: Question['dialect'],
    startedMs: number,
    verdict: ForwardVerdict,
  ) => {
    const outcome = verdict.allow ? 'ALLOWED' : verdict.error.code;
    usage.record(verdict.principal, verdict.route, outcome, performance.now() - startedMs, verdict);
    if (verdict.allow) {
      if (heads?.fit(request, response)) {
        // It has no body, or its connection would not stay open.
        if (request instanceof LeanRequest) request.spent = true;
        heads.send(response, admittedLines(verdict));
      } else response.writeHead(204, admittedHeaders(verdict)).end();
    } else refuse(response, request.method, dialect, verdict.error, verdict.requestId);
  };
  /** Apart from where it is called, so that nothing is made for a promise where there is none. */
  const answerLater = (
    late: Promise<ForwardVerdict>,
    request: IncomingMessage,
    response: ServerResponse,
    dialect: Question['dialect'],
    startedMs: number,
  ) => {
    void late.then((verdict) => answer(request, response, dialect, startedMs, verdict));
  };

  return (request, response) => {
    const plan = planOf(request.url ?? '');
    if (plan === null) return false;
    const startedMs = performance.now();
    const headers = readHeaders(request.rawHeaders);
    // A body is not read, so what is left of it would be taken for the next request.
    if (gatehouse.draining || headers.announcesBody) response.shouldKeepAlive = false;
    if ('fault' in plan) {
      const facts = unasked(request.method, plan.fault);
      usage.record(null, NO_ROUTE, plan.fault.code, 0, facts);
      refuse(response, request.method, plan.dialect, plan.fault, facts.requestId);
      return true;
    }
    const { question } = plan;
    const verdict = ask(request, headers, question);
    if (verdict instanceof Promise)
      answerLater(verdict.catch(undecided), request, response, question.dialect, startedMs);
    else answer(request, response, question.dialect, startedMs, verdict);
    return true;
  };
}

/** What is known of a request that came to no decision. */
function unasked(method: string | undefined, { status }: GatehouseError) {
  return {
    requestId: newRequestId(),
    route: NO_ROUTE,
    principal: null,
    method: method ?? 'GET',
    status,
    address: null,
    secret: null,
  };
}

/** @param rest - what follows `/api/verify` */
function readPlan(rest: string): Plan | null {
  const mark = rest.indexOf('?');
  const tail = mark < 0 ? rest : rest.slice(0, mark);
  if (tail !== '' && tail !== '/nginx') return null;
  const dialect = tail === '' ? 'forwarded' : 'nginx';
  const scopes: string[] = [];
  let organizationId: string | null = null;
  for (const [name, value] of new URLSearchParams(mark < 0 ? '' : rest.slice(mark + 1))) {
    if (name === 'scope' && ScopeName.safeParse(value).success) scopes.push(value);
    else if (name === 'organizationId' && organizationId === null) organizationId = value;
    // A misspelt word must not be a weaker question.
    else return { dialect, fault: badQuestion(name) };
  }
  return { question: { dialect, scopes, organizationId } };
}

function badQuestion(name: string): GatehouseError {
  return new GatehouseError(
    'BAD_REQUEST',
    `The configured address of this check takes ?scope=resource:action, as often as needed, and one organizationId; ${JSON.stringify(name.slice(0, 50))} is none, or has a value that is none. In a Caddyfile end the address with ?, or the caller's own query is added.`,
  );
}

function refuse(
  response: ServerResponse,
  method: string | undefined,
  dialect: Question['dialect'],
  error: GatehouseError,
  requestId: string,
): void {
  const headers = REFUSED.concat(problemHeaders(error, requestId));
  let { status } = error;
  if (dialect === 'nginx') {
    headers.push(HEADER.gatehouseError, error.code);
    // Anything but these nginx turns into a 500; the configuration in docs/deploy makes of it what it was.
    if (status !== 401 && status < 500) status = 403;
  }
  const body = JSON.stringify(toProblem(error, requestId));
  headers.push('Content-Length', String(Buffer.byteLength(body)));
  response.writeHead(status, headers);
  response.end(method === 'HEAD' ? undefined : body);
}
