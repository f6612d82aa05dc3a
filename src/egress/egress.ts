import { lookup as systemLookup } from 'node:dns/promises';
import type { Socket } from 'node:net';
import type { Readable } from 'node:stream';
import type { TLSSocket } from 'node:tls';
import type { Agent, Dispatcher } from 'undici';
import { boundedBody } from './answer-body.js';
import { dial, type Lookup, hostOf as nameOf } from './dial.js';
import { type LanTargets, NO_LAN } from './lan.js';
import { CONNECT_MS, DEFAULT_LIMITS, type EgressLimits } from './limits.js';
import { badAnswer, timedOut, translate } from './refusals.js';
import { checkHead, type RequestHead } from './request-head.js';
import { startTls } from './start-tls.js';

export type { Answered, Lookup } from './dial.js';
export { compileLanTargets, type LanTargets, NO_LAN } from './lan.js';
export { DEFAULT_LIMITS, type EgressLimits } from './limits.js';

export interface EgressOptions {
  /** Default: the system's resolver, hosts file included. */
  readonly lookup?: Lookup;
  /** Roots besides the usual ones, as PEM. */
  readonly ca?: readonly string[];
  /** What a workspace may reach besides the public internet; asked at every call. Default: nothing. */
  readonly allow?: (workspaceId: string) => LanTargets;
}

export interface EgressRequest {
  /** Whose list of LAN targets holds; `null`: nobody's. */
  readonly workspaceId: string | null;
  readonly method: string;
  readonly url: URL | string;
  readonly headers?: Iterable<readonly [string, string]>;
  readonly body?: string | Uint8Array | Readable | null;
  /** Those left out as in {@link DEFAULT_LIMITS}. */
  readonly limits?: Partial<EgressLimits>;
  readonly signal?: AbortSignal;
}

export interface EgressAnswer {
  readonly status: number;
  /** In the order they came, names as they were written. `Content-Encoding` and its length are gone with the encoding. */
  readonly headers: readonly (readonly [string, string])[];
  /** Decompressed and bounded; fails with a GatehouseError. Read it or destroy it. */
  readonly body: Readable;
}

export interface MailTarget {
  readonly workspaceId: string | null;
  readonly host: string;
  readonly port: number;
  /** TLS from the first byte on. Without it the caller speaks STARTTLS over the socket. */
  readonly tls: boolean;
  readonly anyCertificate?: boolean;
  /** Default: 10 s. */
  readonly timeoutMs?: number;
}

/** The one way out for what users name. `UPSTREAM_URL` and `SMTP_URL` are the operator's own and do not come this way. */
export interface Egress {
  /**
   * One call. Redirects are not followed, environment proxies not used, cookies not kept.
   * @throws GatehouseError `EGRESS_REFUSED`, `BAD_REQUEST` (a head that is no HTTP), `UPSTREAM_UNREACHABLE`,
   *   `UPSTREAM_TIMEOUT`, `UPSTREAM_BAD_ANSWER` (a redirect, an unknown encoding, too large, no HTTP). Details name the
   *   host and nothing else of the call. When `signal` aborts, its reason.
   */
  request(request: EgressRequest): Promise<EgressAnswer>;
  /** A connection for protocols that are not HTTP, checked the same way. @throws as `request` does */
  connectSocket(target: MailTarget): Promise<Socket | TLSSocket>;
  /** TLS over a socket that `connectSocket` made for the same target (STARTTLS). @throws as it does */
  startTls(socket: Socket, target: Pick<MailTarget, 'host' | 'anyCertificate' | 'timeoutMs'>): Promise<TLSSocket>;
  close(): Promise<void>;
}

const MAX_LISTS = 64;

export function createEgress(options: EgressOptions = {}): Egress {
  const { allow = () => NO_LAN, ca = [] } = options;
  const lookup = options.lookup ?? ((name: string) => systemLookup(name, { all: true, verbatim: true }));
  /** Connections by the list that allowed them: one opened for a workspace's LAN must not carry another's call. */
  const agents = new Map<LanTargets, Agent>();
  const lanOf = (workspaceId: string | null) => (workspaceId === null ? NO_LAN : allow(workspaceId));

  async function agentFor(lan: LanTargets): Promise<Agent> {
    // A megabyte that an instance without credentials never needs, and that no start has to wait for.
    const undici = await import('undici');
    const known = agents.get(lan);
    if (known !== undefined) return known;
    const [oldest] = agents.keys();
    if (agents.size >= MAX_LISTS && oldest !== undefined) {
      void agents.get(oldest)?.close();
      agents.delete(oldest);
    }
    const agent = new undici.Agent({
      // One that a vendor keeps open is used again for a while; TLS is what a short call mostly waits for.
      keepAliveTimeout: 10_000,
      connect: ({ hostname, protocol, port }, done) => {
        const tls = protocol === 'https:';
        const target = { host: hostname, port: Number(port || (tls ? 443 : 80)), tls, lan, protocols: ['http/1.1'] };
        dial({ lookup, ca }, { ...target, timeoutMs: CONNECT_MS }).then(
          (socket) => done(null, socket),
          (error) => done(error, null),
        );
      },
    });
    agents.set(lan, agent);
    return agent;
  }

  return {
    async request(request) {
      const limits = { ...DEFAULT_LIMITS, ...request.limits };
      const lan = lanOf(request.workspaceId);
      const head = checkHead(request.method, request.url, request.headers ?? [], lan);
      return call(await agentFor(lan), head, request, limits);
    },
    async connectSocket({ workspaceId, timeoutMs = CONNECT_MS, ...target }) {
      return dial({ lookup, ca }, { ...target, lan: lanOf(workspaceId), timeoutMs });
    },
    startTls: (socket, { host, anyCertificate = false, timeoutMs = CONNECT_MS }) =>
      startTls(socket, nameOf(host), { ca, anyCertificate }, timeoutMs),
    async close() {
      await Promise.all([...agents.values()].map((agent) => agent.destroy()));
      agents.clear();
    },
  };
}

async function call(
  agent: Agent,
  head: RequestHead,
  request: EgressRequest,
  limits: EgressLimits,
): Promise<EgressAnswer> {
  const { host } = head;
  const aborter = new AbortController();
  const abort = () => aborter.abort(request.signal?.reason);
  const timer = setTimeout(() => aborter.abort(timedOut(host, 'took longer than a call may')), limits.totalMs);
  const over = () => {
    clearTimeout(timer);
    request.signal?.removeEventListener('abort', abort);
  };
  if (request.signal?.aborted) abort();
  else request.signal?.addEventListener('abort', abort, { once: true });
  try {
    const answer = await agent.request({
      origin: head.origin,
      path: head.path,
      method: head.method as Dispatcher.HttpMethod,
      headers: [...head.headers],
      body: request.body ?? null,
      headersTimeout: limits.headersMs,
      bodyTimeout: limits.idleMs,
      signal: aborter.signal,
      responseHeaders: 'raw',
    });
    answer.body.once('close', over);
    return readAnswer(host, answer, limits);
  } catch (error) {
    over();
    // An abort of the caller's is the caller's; one of ours is the timeout above.
    if (aborter.signal.aborted) throw aborter.signal.reason;
    throw translate(host, error);
  }
}

function readAnswer(host: string, answer: Dispatcher.ResponseData, limits: EgressLimits): EgressAnswer {
  const { statusCode: status, body: raw } = answer;
  // With `responseHeaders: 'raw'` a flat list comes, whatever the types say.
  const headers = pairs(answer.headers as unknown as readonly string[]);
  const refuse = (what: string) => {
    // Whoever destroys a stream hears its error; this one says nothing new.
    raw.on('error', () => {}).destroy();
    return badAnswer(host, what);
  };
  if (status >= 300 && status < 400 && status !== 304 && headers.some(([name]) => name.toLowerCase() === 'location'))
    throw refuse(
      `answered ${status}, a redirect; redirects are not followed, since they could carry a secret elsewhere`,
    );
  const encoding = headers.flatMap(([name, value]) => (name.toLowerCase() === 'content-encoding' ? [value] : []));
  const body = boundedBody(host, raw, encoding.join(','), limits.responseBytes);
  if (body === null) throw refuse('sent a body in an encoding that is not known here');
  const isEncoded = encoding.length > 0;
  return {
    status,
    headers: headers.filter(([name]) => !(isEncoded && /^content-(encoding|length)$/i.test(name))),
    body,
  };
}

function pairs(raw: readonly string[]): [string, string][] {
  const list: [string, string][] = [];
  for (let index = 0; index + 1 < raw.length; index += 2) list.push([raw[index] as string, raw[index + 1] as string]);
  return list;
}

/** Reads a bounded body whole, as UTF-8. */
export async function readText({ body }: EgressAnswer): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of body) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}
