import type { IncomingMessage } from 'node:http';
import type { Outcome } from '../contract/codes.js';
import { HEADER, IDENTITY_HEADER } from '../contract/headers.js';
import type { Gatehouse } from '../gatehouse.js';
import { rateHeaders } from '../guard/adapters/facts.js';
import { identityHeaders } from '../guard/adapters/identity-headers.js';
import { stripHeaders } from '../guard/adapters/upstream-headers.js';
import { readHost } from '../guard/request-path.js';
import { GatehouseError } from '../kernel/errors.js';
import { newRequestId } from '../kernel/ids.js';
import { describeError } from '../kernel/logger.js';
import type { Principal } from '../kernel/principal.js';
import { problemHeaders, toProblem } from '../kernel/problem.js';
import type { Arrival } from './arrival.js';
import { Cors } from './cors.js';
import { forward } from './forward.js';
import { discardRest, hasBody } from './request-body.js';
import { outgoingHeaders } from './request-headers.js';
import { type RequestLine, readRequestLine } from './request-line.js';
import { Upstream } from './upstream.js';

type Passage = Arrival & {
  readonly requestId: string;
  route: string;
  /** Who it was judged to be; `undefined`: it was not judged. */
  principal: Principal | null | undefined;
  /** The client's, once it was judged. */
  address: string | null;
  /** Names the secret that was shown; `null`: none was, or it was a JWT. */
  secret: string | null;
  outcome: Outcome;
};

/** The door in front of an app that knows nothing of keys: what the guard lets in goes on to it, with who is calling. */
export class Gateway {
  readonly #gatehouse: Gatehouse;
  readonly #upstream: Upstream;
  readonly #cors: Cors;
  /** How to end what has no end of its own. */
  readonly #endless = new Set<() => void>();

  constructor(gatehouse: Gatehouse, url: URL) {
    this.#gatehouse = gatehouse;
    this.#upstream = new Upstream(url);
    this.#cors = new Cors(gatehouse.config.corsOrigins);
  }

  /** Answers a request, now or later. Never throws. */
  take(arrival: Arrival): void {
    const { request, response, upgrade } = arrival;
    const passage: Passage = {
      ...arrival,
      requestId: newRequestId(),
      route: 'none',
      principal: undefined,
      address: null,
      secret: null,
      outcome: 'ALLOWED',
    };
    const startedMs = performance.now();
    // A tunnel outlives its response.
    (upgrade === null ? response : request.socket).once('close', () => {
      const { principal, route, outcome } = passage;
      const durationMs = performance.now() - startedMs;
      const { requestId, address, secret } = passage;
      const method = request.method ?? 'GET';
      const status = response.statusCode;
      if (principal !== undefined || outcome !== 'ALLOWED') {
        const as = { requestId, method, status, address, secret };
        this.#gatehouse.usage.record(principal ?? null, route, outcome, durationMs, as);
      }
      this.#gatehouse.log.info('request', {
        requestId,
        door: 'gateway',
        method,
        route,
        status,
        durationMs: Math.round(durationMs * 10) / 10,
        ...(response.writableFinished || response.statusCode === 101 ? {} : { aborted: true }),
      });
    });
    this.#pass(passage).catch((cause) => {
      const detail = 'Something went wrong here. The log has more under this request id.';
      this.#refuse(passage, new GatehouseError('INTERNAL', detail, { cause }));
    });
  }

  endEndless(): void {
    for (const end of this.#endless) end();
  }

  close(): void {
    this.#upstream.close();
  }

  async #pass(passage: Passage): Promise<void> {
    const { request, response } = passage;
    const line = readRequestLine(request);
    if (line instanceof GatehouseError) {
      // Where its body ends, if it has one, is as doubtful.
      response.shouldKeepAlive = false;
      this.#refuse(passage, line);
      return;
    }
    if (passage.upgrade !== null && hasBody(request)) {
      // Where the body ends and the other protocol begins, two readers may see differently.
      this.#refuse(passage, new GatehouseError('BAD_REQUEST', 'A request for another protocol has no body.'));
      return;
    }
    const preflight = this.#cors.preflight(request);
    if (preflight !== null) {
      passage.route = 'preflight';
      response.writeHead(204, [...preflight, HEADER.requestId, passage.requestId]).end();
      return;
    }
    await this.#decide(passage, line);
  }

  async #decide(passage: Passage, line: RequestLine): Promise<void> {
    const { request, response, requestId, upgrade } = passage;
    const { guard, upstream, assertions, openStreams, config } = this.#gatehouse;
    const method = request.method ?? 'GET';
    const facts = {
      door: 'tcp',
      peerAddress: request.socket.remoteAddress,
      rawHeaders: request.rawHeaders,
      method,
      requestId,
      // Names in the path and the query are the app's.
      named: null,
    } as const;
    const policyNow = () => upstream.match(method, line.path, line.host);
    const policy = policyNow();
    passage.route = policy.id;
    const unchecked = guard.prepare(facts, policy);
    if (unchecked !== null) await unchecked;
    const verdict = guard.decide(facts, policy);
    passage.principal = verdict.principal;
    passage.address = verdict.address;
    passage.secret = verdict.secret;
    if (!verdict.allow) {
      this.#refuse(passage, verdict.error);
      return;
    }
    if (method === 'TRACE') {
      // Its answer would be the request itself, credentials and all.
      this.#refuse(passage, new GatehouseError('METHOD_NOT_ALLOWED', 'Nothing is traced through this gateway.'));
      return;
    }
    const { principal, address } = verdict;
    const assertion = await assertions.current(principal, readHost(line.host));
    if (response.destroyed) return;

    const end = () => void (upgrade === null ? response.destroy() : request.socket.destroy());
    const stopWatching = openStreams.watch({ facts, policy: policyNow, end });
    (upgrade === null ? response : request.socket).once('close', () => {
      stopWatching();
      this.#endless.delete(end);
    });
    const strip = (raw: readonly string[]) => stripHeaders(raw, { principal, policy, cookieName: guard.sessionCookie });
    forward(this.#upstream, {
      arrival: passage,
      outgoing: {
        method,
        path: line.path,
        headers: outgoingHeaders({
          request,
          kept: strip(request.rawHeaders),
          identity: identityHeaders(principal, requestId, assertion),
          host: line.host,
          address,
          scheme: this.#schemeOf(request),
          awaitsContinue: passage.awaitsContinue,
          protocols: upgrade?.protocols ?? [],
        }),
      },
      strip,
      timeoutMs: config.upstreamTimeoutSeconds * 1000,
      more: (answer) => [
        IDENTITY_HEADER.requestId,
        requestId,
        ...rateHeaders(verdict),
        ...this.#cors.headers(request, answer.headers['access-control-allow-origin']),
      ],
      isLast: () => this.#gatehouse.draining,
      refuse: (error) => this.#refuse(passage, error),
      onEndless: () => void this.#endless.add(end),
    });
  }

  /** How the client spoke, as far as a trusted proxy tells; this door itself speaks plain HTTP. */
  #schemeOf(request: IncomingMessage): string {
    const said = request.headers[HEADER.forwardedProto];
    return said === 'https' && this.#gatehouse.clients.trustsPeer(request.socket.remoteAddress) ? said : 'http';
  }

  #refuse(passage: Passage, error: GatehouseError): void {
    const { request, response, requestId, awaitsContinue, upgrade } = passage;
    const { log, draining } = this.#gatehouse;
    passage.outcome = error.code;
    if (error.code === 'INTERNAL') log.error('request failed', { requestId, ...describeError(error) });
    else if (error.status >= 500) log.warn('request refused', { requestId, ...describeError(error) });
    if (response.headersSent) {
      response.destroy();
      return;
    }
    const body = JSON.stringify(toProblem(error, requestId));
    // A body that was not sent for want of a 100 never will be, and one that was is not the next request.
    if (awaitsContinue || upgrade !== null || draining) response.shouldKeepAlive = false;
    response.writeHead(error.status, [
      ...problemHeaders(error, requestId),
      ...this.#cors.headers(request, undefined),
      'Content-Length',
      String(Buffer.byteLength(body)),
    ]);
    response.end(request.method === 'HEAD' ? undefined : body);
    if (response.shouldKeepAlive && hasBody(request) && !request.complete) discardRest(request);
  }
}
