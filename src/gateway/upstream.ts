import { type Agent, type ClientRequest, Agent as HttpAgent, request as httpRequest } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { isIP } from 'node:net';

/** More wait for a free one. Bounds what a flood of callers can do to the app behind us. */
const MAX_SOCKETS = 1024;
const MAX_IDLE_SOCKETS = 64;
/** Shorter than any server keeps an idle connection open (the shortest known: 2 s), so that none is used as it closes. */
const IDLE_MS = 1500;
const MAX_HEAD_BYTES = 65_536;

/** How one request goes to the app. */
export interface Outgoing {
  readonly method: string;
  /** The path and query as they came. */
  readonly path: string;
  /** Name, value, name, value …: sent as they are, `Host` and what frames the body among them. */
  readonly headers: readonly string[];
  /** On a connection of its own: what becomes of it is no request any more. */
  readonly alone: boolean;
}

/** The app behind the gateway: where it is, and the connections to it. The operator named it, so any address will do. */
export class Upstream {
  readonly #url: URL;
  readonly #agent: Agent;

  /** @param url - http or https, with a path that all requests are put under, or none */
  constructor(url: URL) {
    this.#url = url;
    const options = { keepAlive: true, maxSockets: MAX_SOCKETS, maxFreeSockets: MAX_IDLE_SOCKETS, timeout: IDLE_MS };
    this.#agent = url.protocol === 'https:' ? new HttpsAgent(options) : new HttpAgent(options);
  }

  send({ method, path, headers, alone }: Outgoing): ClientRequest {
    const { protocol, hostname, port, pathname } = this.#url;
    const host = hostname.replace(/^\[(.*)\]$/, '$1');
    const options = {
      host,
      ...(port === '' ? {} : { port }),
      method,
      path: `${pathname.replace(/\/$/, '')}${path}`,
      headers: headers as string[],
      agent: alone ? false : this.#agent,
      maxHeaderSize: MAX_HEAD_BYTES,
      // Node would take the name for TLS from `Host`, which is the caller's.
      ...(protocol === 'https:' && isIP(host) === 0 ? { servername: host } : {}),
    } as const;
    return protocol === 'https:' ? httpsRequest(options) : httpRequest(options);
  }

  close(): void {
    this.#agent.destroy();
  }
}
