import express, { type Express, type RequestHandler, type Router } from 'express';
import { ROUTES, type RouteId, type RouteSpec } from '../contract/routes.js';
import type { Gatehouse } from '../gatehouse.js';
import { type Caller, callerOf, type Door, guardAgainExpress, guardExpress } from '../guard/adapters/express.js';
import { limitUnguarded } from '../guard/adapters/express-rate-limit.js';
import { GatehouseError, isGatehouseError } from '../kernel/errors.js';
import { logAccess, nameRoute } from './access-log.js';
import { allowOrigins } from './cors.js';
import { answerErrors } from './errors.js';
import type { Handler, Handlers, Input } from './handler.js';
import { askHandlers } from './handlers/ask.js';
import { auditHandlers } from './handlers/audit.js';
import { healthHandlers } from './handlers/health.js';
import { keyHandlers } from './handlers/keys.js';
import { settingsHandlers } from './handlers/settings.js';
import { systemHandlers } from './handlers/system.js';
import { tokenHandlers } from './handlers/tokens.js';
import { trustedKeyHandlers } from './handlers/trusted-keys.js';
import { whoamiHandlers } from './handlers/whoami.js';
import { workspaceHandlers } from './handlers/workspaces.js';
import { readJsonBody } from './json-body.js';
import { giveRequestId, requestIdOf } from './request-id.js';
import { securityHeaders } from './security-headers.js';
import { startPage } from './start-page.js';
import { checked } from './validate.js';

/** Under these, a path that nobody knows still asks for a credential before it answers 404. */
const GUARDED_PREFIXES = ['/api', '/run', '/mcp'];

/** The HTTP door. `door` says whether callers come over TCP or through the command socket. */
export function createApp(gatehouse: Gatehouse, door: Door): Express {
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.set('query parser', 'simple');
  const routes = express.Router({ caseSensitive: true, strict: true });
  app.use(giveRequestId);
  app.use(logAccess(gatehouse.log));
  app.use(securityHeaders());
  app.use(requireHost);
  app.use(allowOrigins(gatehouse.config.corsOrigins));
  const open = [
    guardExpress(gatehouse.guard, 'open', door, requestIdOf),
    limitUnguarded(gatehouse.usage, gatehouse.clock),
  ];
  app.use(...refuseMalformedPaths(open));
  mountRoutes(routes, gatehouse, door);
  mountUnknown(routes, gatehouse, door);
  routes.get('/', named('startPage'), ...open, startPage);
  app.use(gatehouse.config.basePath || '/', routes);
  app.use(...open, notFound);
  app.use(answerErrors(gatehouse));
  return app;
}

function handlersOf(gatehouse: Gatehouse): Handlers {
  return {
    ...healthHandlers(gatehouse),
    ...whoamiHandlers,
    ...keyHandlers(gatehouse),
    ...trustedKeyHandlers(gatehouse),
    ...tokenHandlers(gatehouse),
    ...workspaceHandlers(gatehouse),
    ...askHandlers(gatehouse),
    ...auditHandlers(gatehouse),
    ...settingsHandlers(gatehouse),
    ...systemHandlers(gatehouse),
  };
}

/** Every row of the route table: guard, body, schema, handler, answer. */
function mountRoutes(router: Router, gatehouse: Gatehouse, door: Door): void {
  const handlers = handlersOf(gatehouse);
  for (const [id, route] of Object.entries<RouteSpec>(ROUTES) as [RouteId, RouteSpec][]) {
    const register = {
      GET: router.get,
      POST: router.post,
      PUT: router.put,
      PATCH: router.patch,
      DELETE: router.delete,
    }[route.method].bind(router);
    const body =
      route.body === undefined
        ? []
        : [readJsonBody(route.bodyLimitBytes ?? 65_536), guardAgainExpress(gatehouse.guard, id, door, requestIdOf)];
    const guard = guardExpress(gatehouse.guard, id, door, requestIdOf);
    register(route.path, named(id), guard, ...body, answer(gatehouse, id, handlers[id] as Handler<RouteId>));
  }
}

function answer(gatehouse: Gatehouse, id: RouteId, handle: Handler<RouteId>): RequestHandler {
  const route: RouteSpec = ROUTES[id];
  return async (request, response) => {
    const caller = callerOf(response);
    const input: Input<RouteId> = {
      caller,
      params: request.params as Record<string, string>,
      query: (route.query === undefined ? null : checked(route.query, { ...request.query })) as never,
      body: (route.body === undefined ? null : checked(route.body, request.body)) as never,
    };
    const result = await run(handle, input).catch((error) => {
      auditRefusal(gatehouse, id, request.method, caller, error);
      throw error;
    });
    response.setHeader(
      'Cache-Control',
      route.cacheSeconds === undefined ? 'no-store' : `public, max-age=${route.cacheSeconds}`,
    );
    if (gatehouse.draining) response.setHeader('Connection', 'close');
    response.status(route.status).json(result);
  };
}

/** So that a handler that throws at once and one that rejects look alike. */
async function run(handle: Handler<RouteId>, input: Input<RouteId>) {
  return handle(input);
}

/** What a room refuses (a key that would hand out more than it holds) is a refusal like the guard's own. */
function auditRefusal({ audit }: Gatehouse, route: RouteId, method: string, caller: Caller, error: unknown): void {
  if (!isGatehouseError(error) || error.code !== 'FORBIDDEN') return;
  const { principal, address, requestId } = caller;
  audit.refuse({ code: error.code, reason: 'bounds', actor: principal.id, address, requestId, method, route });
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
    nameRoute(response.locals, id);
    next();
  };
}
