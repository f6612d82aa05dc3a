import { PassThrough, pipeline } from 'node:stream';
import type { Request, RequestHandler, Response } from 'express';
import type { Gatehouse } from '../gatehouse.js';
import { type Caller, type Door, noteJudged } from '../guard/adapters/express.js';
import { guardProxy, limitCredential } from '../guard/adapters/proxy.js';
import { GatehouseError, isGatehouseError } from '../kernel/errors.js';
import { describeError } from '../kernel/logger.js';
import { nameRoute } from './access-log.js';
import { hasBody } from './json-body.js';
import { requestIdOf } from './request-id.js';

type Place = NonNullable<ReturnType<Gatehouse['vault']['proxy']['placeInPath']>>;

/** The door of the injecting proxy: by path under `/p/`, and by host name under `PROXY_DOMAIN`. */
export function proxyDoor(gatehouse: Gatehouse, door: Door) {
  const { basePath, publicUrl } = gatehouse.config;
  // Behind a proxy that ends TLS only PUBLIC_URL knows of it.
  const scheme = publicUrl?.startsWith('https:') === true ? 'https' : 'http';
  const forward = (
    { request, response, place, ownUrl }: Pick<Passage, 'request' | 'response' | 'place' | 'ownUrl'>,
    next: (error: unknown) => void,
  ) => {
    nameRoute(response, 'proxy');
    pass({ gatehouse, door, request, response, place, ownUrl }).catch((error) => {
      // The caller is gone, or has a part of the answer: nothing can be said any more.
      if (response.headersSent || response.destroyed) response.destroy();
      else next(error);
    });
  };
  /** Such a host answers nothing but the proxy: what it serves is a vendor's, and no page of ours shares its origin. */
  const byHost: RequestHandler = (request, response, next) => {
    const place = gatehouse.vault.proxy.placeInHost(request.headers.host, request.originalUrl);
    if (place === null) next();
    else forward({ request, response, place, ownUrl: `${scheme}://${request.headers.host}` }, next);
  };
  const byPath: RequestHandler = (request, response, next) => {
    const place = gatehouse.vault.proxy.placeInPath(request.originalUrl.slice(basePath.length));
    if (place === null) return next();
    const root = publicUrl ?? `${scheme}://${request.headers.host}${basePath}`;
    forward({ request, response, place, ownUrl: `${root}/p/${place.workspaceId}/${place.credential}` }, next);
  };
  return { byHost, byPath };
}

interface Passage {
  readonly gatehouse: Gatehouse;
  readonly door: Door;
  readonly request: Request;
  readonly response: Response;
  readonly place: Place;
  /** The address of the proxy for this credential, as callers know it. */
  readonly ownUrl: string;
}

async function pass({ gatehouse, door, request, response, place, ownUrl }: Passage): Promise<void> {
  const { vault, guard, usage, clock, openStreams } = gatehouse;
  const { proxy } = vault;
  const requestId = requestIdOf(response);
  const { target, found } = proxy.locate(place, request.rawHeaders);
  const named = { workspaceId: place.workspaceId, credentialId: target?.id ?? place.credential };
  const admission = await guardProxy(guard, {
    request,
    door,
    requestId,
    named,
    credential: found.credential,
    judged: (verdict) => noteJudged(response, verdict),
  });
  const { caller } = admission;
  try {
    // An id of another workspace: the guard may know it, this address does not.
    if (target === null) throw new GatehouseError('NOT_FOUND', 'There is no such credential in this workspace.');
    limitCredential(usage, clock, target.id, target.rateLimit);
    // Gone while it was judged: there is nobody to call for, and no `close` to come.
    if (response.destroyed) return;
    const aborter = new AbortController();
    const unwatch = openStreams.watch({
      ...admission.stream,
      end() {
        aborter.abort(new GatehouseError('UNAUTHORIZED', 'The right to make this call ended while it was under way.'));
        if (response.headersSent) response.destroy();
      },
    });
    response.once('close', () => {
      unwatch();
      aborter.abort();
    });
    const answer = await proxy.forward({
      by: caller,
      target,
      found,
      method: request.method,
      rawHeaders: request.rawHeaders,
      body: hasBody(request) ? detached(request) : null,
      signal: aborter.signal,
      ownUrl,
    });
    writeHead(response, answer, admission.rateHeaders, gatehouse.draining);
    pipeline(answer.body, response, (error) => {
      if (answer.scrubber.echoes > 0) noteEcho(gatehouse, caller, target.id, answer.scrubber.echoes);
      if (error && isGatehouseError(error))
        gatehouse.log.warn('an answer was cut', { requestId, ...describeError(error) });
    });
  } catch (error) {
    auditRefusal(gatehouse, request.method, caller, error);
    throw error;
  }
}

/** Behind a stream of its own: whoever gives up a call destroys its body, which would be our connection. */
function detached(request: Request): PassThrough {
  return request.pipe(new PassThrough().on('error', () => {}));
}

function writeHead(
  response: Response,
  { status, headers }: { status: number; headers: readonly (readonly [string, string])[] },
  rate: readonly string[],
  draining: boolean,
): void {
  response.statusCode = status;
  for (let index = 0; index < rate.length; index += 2)
    response.setHeader(rate[index] as string, rate[index + 1] as string);
  // What the gate says of itself is not a vendor's to say.
  const ours = new Set(rate.filter((_, index) => index % 2 === 0).map((name) => name.toLowerCase()));
  for (const [name, value] of headers) if (!ours.has(name.toLowerCase())) response.appendHeader(name, value);
  response.setHeader('Cache-Control', 'no-store');
  if (draining) response.setHeader('Connection', 'close');
  response.flushHeaders();
}

/** A vendor that repeats a key shows it to whoever reads its answers elsewhere: worth knowing, and worth a new key. */
function noteEcho({ log, audit }: Gatehouse, caller: Caller, credentialId: string, times: number): void {
  const { requestId, principal, address } = caller;
  log.warn('a vendor repeated a credential, which was masked', { requestId, credentialId, times });
  const event = { actor: principal.id, target: credentialId, address, requestId };
  audit.record({ ...event, action: 'credential.echoed', detail: { times } }).catch(() => {});
}

/** What the room refuses is a refusal like the guard's own. */
function auditRefusal({ audit }: Gatehouse, method: string, caller: Caller, error: unknown): void {
  if (!isGatehouseError(error) || (error.code !== 'FORBIDDEN' && error.code !== 'EGRESS_REFUSED')) return;
  const { principal, address, requestId } = caller;
  audit.refuse({ code: error.code, reason: 'proxy', actor: principal.id, address, requestId, method, route: 'proxy' });
}
