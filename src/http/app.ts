import express, { type Express, type RequestHandler, type Response, type Router } from 'express';
import type { ErrorCode } from '../contract/codes.js';
import { GUARDED_PREFIXES } from '../contract/find-route.js';
import type { Throttle } from '../contract/route-spec.js';
import { ROUTES, type RouteId, type RouteSpec } from '../contract/routes.js';
import type { Gatehouse } from '../gatehouse.js';
import {
  type Caller,
  callerOf,
  type Door,
  guardAgainExpress,
  guardExpress,
  ownPageExpress,
  watchExpress,
} from '../guard/adapters/express.js';
import { limitUnguarded, throttleRoute } from '../guard/adapters/express-rate-limit.js';
import { GatehouseError, isGatehouseError } from '../kernel/errors.js';
import { logAccess, nameRoute } from './access-log.js';
import { allowOrigins } from './cors.js';
import { asksForPage, openDashboard } from './dashboard.js';
import { answerErrors } from './errors.js';
import { type StreamFacts, sendEvents, streamEvents } from './event-stream.js';
import { needsFreshProof } from './fresh-proof.js';
import { EventReply, type EventRouteId, type EventSource, type Handler, type Input, Reply } from './handler.js';
import { eventSources } from './handlers/live.js';
import { handlersOf } from './handlers.js';
import { readJsonBody } from './json-body.js';
import { LED_PAGES, leadTo, onlyNavigation } from './led-pages.js';
import { proxyDoor } from './proxy-door.js';
import { giveRequestId, requestIdOf } from './request-id.js';
import { securityHeaders } from './security-headers.js';
import { cookieJar } from './session-cookie.js';
import { startPage } from './start-page.js';
import { takeStream, uploadOf } from './stream-body.js';
import { checked } from './validate.js';

/** The HTTP door. `door` says whether callers come over TCP or through the command socket. */
export function createApp(gatehouse: Gatehouse, door: Door): Express {
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.set('query parser', 'simple');
  const routes = express.Router({ caseSensitive: true, strict: true });
  app.use(giveRequestId);
  app.use(logAccess(gatehouse.log, gatehouse.usage, gatehouse.forwarders));
  app.use(securityHeaders());
  app.use(requireHost);
  app.use(allowOrigins(gatehouse.config.corsOrigins));
  const proxy = proxyDoor(gatehouse, door);
  app.use(proxy.byHost);
  const open = [
    guardExpress(gatehouse.guard, 'open', door, requestIdOf),
    limitUnguarded(gatehouse.usage, gatehouse.clock),
  ];
  app.use(...refuseMalformedPaths(open));
  routes.use(proxy.byPath);
  for (const [path, page] of LED_PAGES)
    routes.get(path, onlyNavigation, named('page'), ...open, leadTo(gatehouse.config.basePath, page));
  mountRoutes(routes, gatehouse, door);
  mountUnknown(routes, gatehouse, door);
  mountDashboard(routes, gatehouse, open);
  routes.get('/', named('startPage'), ...open, startPage);
  app.use(gatehouse.config.basePath || '/', routes);
  app.use(...open, notFound);
  app.use(answerErrors(gatehouse));
  return app;
}

/** Every row of the route table: guard, body, schema, handler, answer. */
function mountRoutes(router: Router, gatehouse: Gatehouse, door: Door): void {
  const answers: Partial<Record<RouteId, RequestHandler>> = {};
  for (const [id, handle] of Object.entries(handlersOf(gatehouse)))
    answers[id as RouteId] = answer(gatehouse, door, id as RouteId, handle as Handler<RouteId>);
  for (const [id, source] of Object.entries(eventSources(gatehouse))) {
    const facts = streamFacts(gatehouse, id as RouteId, door);
    answers[id as RouteId] = streamEvents(id as EventRouteId, source as EventSource, facts);
  }
  for (const [id, route] of Object.entries<RouteSpec>(ROUTES) as [RouteId, RouteSpec][]) {
    const { get, post, put, patch, delete: remove } = router;
    const register = { GET: get, POST: post, PUT: put, PATCH: patch, DELETE: remove }[route.method].bind(router);
    const guardAgain = guardAgainExpress(gatehouse.guard, id, door, requestIdOf);
    const body = [
      ...(route.body === undefined ? [] : [readJsonBody(route.bodyLimitBytes ?? 65_536), guardAgain]),
      ...(route.stream === undefined ? [] : [takeStream(route.stream, guardAgain)]),
    ];
    const guard = guardExpress(gatehouse.guard, id, door, requestIdOf);
    const throttles = throttlesOf(gatehouse, id, door);
    const origin = route.signsIn === true ? [ownPageExpress(gatehouse.guard)] : [];
    register(
      route.path,
      named(id),
      guard,
      ...throttles.before,
      ...body,
      ...throttles.behind,
      ...origin,
      answers[id] as RequestHandler,
    );
  }
}

/** Those that ask nothing of the body are looked at before it is read, those by what it holds behind it. The owner of the files is not throttled. */
function throttlesOf({ usage, clock }: Gatehouse, id: RouteId, door: Door) {
  const { throttles = [] }: RouteSpec = ROUTES[id];
  const all =
    door === 'socket'
      ? []
      : throttles.map((one, index) => ({ one, handler: throttleRoute(usage, clock, id, one, index) }));
  const readsBody = ({ by, when }: Throttle) => by === 'account' || when !== undefined;
  const of = (isBehind: boolean) => all.filter(({ one }) => readsBody(one) === isBehind).map(({ handler }) => handler);
  return { before: of(false), behind: of(true) };
}

function streamFacts({ openStreams, stopping }: Gatehouse, id: RouteId, door: Door): StreamFacts {
  return { watch: watchExpress(openStreams, id, door, requestIdOf), stopping };
}

function answer(gatehouse: Gatehouse, door: Door, id: RouteId, handle: Handler<RouteId>): RequestHandler {
  const route: RouteSpec = ROUTES[id];
  return async (request, response) => {
    const caller = callerOf(response);
    const input: Input<RouteId> = {
      caller,
      params: request.params as Record<string, string>,
      query: (route.query === undefined ? null : checked(route.query, { ...request.query })) as never,
      body: (route.body === undefined ? null : checked(route.body, request.body)) as never,
      upload: (route.stream === undefined ? null : uploadOf(request)) as never,
      signal: whenGone(response),
      prefersAsync: /(^|,)\s*respond-async\s*(,|;|$)/i.test(request.get('prefer')?.slice(0, 200) ?? ''),
      prefersEvents: /^\s*text\/event-stream\b/i.test(request.get('accept')?.slice(0, 200) ?? ''),
      visitor: { ...caller, userAgent: request.headers['user-agent'] ?? '' },
      cookie: cookieJar(gatehouse, response),
      arrived: {
        peerAddress: door === 'socket' ? null : (request.socket.remoteAddress ?? ''),
        rawHeaders: request.rawHeaders,
      },
    };
    const prove = () => needsFreshProof(route.fresh, input.body) && gatehouse.freshProof.require(caller.principal);
    const result = await run(prove, handle, input).catch((error) => {
      auditRefusal(gatehouse, id, request.method, caller, error);
      throw error;
    });
    if (result instanceof EventReply)
      return sendEvents(request, response, result.events, streamFacts(gatehouse, id, door));
    response.setHeader(
      'Cache-Control',
      route.cacheSeconds === undefined ? 'no-store' : `public, max-age=${route.cacheSeconds}`,
    );
    if (gatehouse.draining) response.setHeader('Connection', 'close');
    if (result instanceof Reply) response.set(result.headers).status(result.status).json(result.body);
    else response.status(route.status).json(result);
  };
}

/** Aborts when the connection ends before the answer was sent. A stream may be ended by us while its work goes on. */
function whenGone(response: Response): AbortSignal {
  const gone = new AbortController();
  response.once('close', () => {
    if (!response.writableFinished || response.get('Content-Type')?.startsWith('text/event-stream')) gone.abort();
  });
  return gone.signal;
}

/** So that a handler that throws at once and one that rejects look alike. @param prove - throws before anything is done */
async function run(prove: () => void, handle: Handler<RouteId>, input: Input<RouteId>) {
  prove();
  return handle(input);
}

/** Refusals of rooms that the audit keeps, and as what. */
const REFUSED_BY_ROOMS: Readonly<Partial<Record<ErrorCode, string>>> = {
  FORBIDDEN: 'bounds',
  FRESH_PROOF_REQUIRED: 'fresh-proof',
  ENTITLEMENT_REACHED: 'entitlement',
};

/** What a room refuses (a key that would hand out more than it holds) is a refusal like the guard's own. */
function auditRefusal({ audit }: Gatehouse, route: RouteId, method: string, caller: Caller, error: unknown): void {
  const reason = isGatehouseError(error) ? REFUSED_BY_ROOMS[error.code] : undefined;
  // A wrong proof has a line of its own, see FreshProof.
  if (!isGatehouseError(error) || reason === undefined || route === 'confirmIdentity') return;
  const { principal, address, requestId } = caller;
  audit.refuse({
    code: error.code,
    reason,
    actor: principal.id,
    organizationId: principal.organizationId,
    address,
    requestId,
    method,
    route,
  });
}

/** Its files, and a page for every path that nothing else answers, to browsers. */
function mountDashboard(router: Router, { config, sessionCookie }: Gatehouse, open: readonly RequestHandler[]): void {
  const dashboard = openDashboard({
    basePath: config.basePath,
    sessionCookieName: sessionCookie.name,
    overTls: sessionCookie.secure,
  });
  if (dashboard === null) return;
  router.get('/assets/:name', named('dashboard'), ...open, dashboard.assets);
  const page = [named('dashboard'), ...open, dashboard.page];
  router.use(
    page.map(
      (handler): RequestHandler =>
        (request, response, next) =>
          asksForPage(request) ? handler(request, response, next) : next(),
    ),
  );
}

/** What the table does not name: other methods of known paths, then unknown paths. No policy is a refusal. */
function mountUnknown(router: Router, gatehouse: Gatehouse, door: Door): void {
  const guard = guardExpress(gatehouse.guard, 'unknown', door, requestIdOf);
  const table = Object.values<RouteSpec>(ROUTES);
  for (const path of new Set(table.map((route) => route.path))) {
    const allowed = table.flatMap((route) => (route.path === path ? [route.method] : [])).join(', ');
    router.all(path, guard, (_request, _response, next) => {
      next(new GatehouseError('METHOD_NOT_ALLOWED', `This path answers ${allowed}.`, { headers: { Allow: allowed } }));
    });
  }
  router.use(GUARDED_PREFIXES, guard, notFound);
}

const notFound: RequestHandler = (_request, _response, next) => {
  next(new GatehouseError('NOT_FOUND', 'There is nothing at this path.'));
};

/**
 * Express decodes parameters before any handler of a route runs. A path that cannot be decoded is refused here, behind
 * the allowlist like everything else, and alike for paths that exist and paths that do not.
 */
function refuseMalformedPaths(open: readonly RequestHandler[]): RequestHandler[] {
  const isMalformed = (path: string) => {
    try {
      decodeURIComponent(path);
      return false;
    } catch {
      return true;
    }
  };
  const onlyMalformed =
    (handler: RequestHandler): RequestHandler =>
    (request, response, next) =>
      isMalformed(request.path) ? handler(request, response, next) : next();
  const refuse: RequestHandler = (_request, _response, next) => {
    next(new GatehouseError('BAD_REQUEST', 'The path holds a % that begins no character.'));
  };
  return [...open, refuse].map(onlyMalformed);
}

/** RFC 9112 §3.2: HTTP/1.1 without Host is refused. */
const requireHost: RequestHandler = (request, _response, next) => {
  if (request.headers.host !== undefined || request.httpVersion !== '1.1') next();
  else next(new GatehouseError('BAD_REQUEST', 'The Host header is missing.'));
};

function named(id: string): RequestHandler {
  return (_request, response, next) => {
    nameRoute(response, id);
    next();
  };
}
