import { callUrl, instanceUrl, type Query } from './address.js';
import { failure, readAnswer } from './answer.js';
import { GatehouseError } from './errors.js';
import { aborted, pause, waitBeforeRetry } from './patience.js';
import { here } from './surroundings.js';

export interface CallOptions {
  /** Ends the call, also while it waits; it rejects with `ABORTED`. */
  signal?: AbortSignal | undefined;
  /** For this call instead of the client's. */
  timeoutMs?: number | undefined;
  /** For users of several organizations: the one this call acts in. */
  organizationId?: string | undefined;
}

export interface Call extends CallOptions {
  method: string;
  /** Below the address of the instance. */
  path: string;
  query?: object | undefined;
  /** Sent as JSON. */
  body?: unknown;
  /** Answers of any type are fine, not JSON alone: an endpoint's own. */
  anyAnswer?: boolean;
  /** The answer itself, once its head is there: it is a stream of events. */
  events?: boolean;
}

export interface TransportOptions {
  /** How long one attempt may take, with its whole answer; `Infinity`: for ever. Default: 60,000. */
  timeoutMs?: number | undefined;
  /** How often a GET is sent again that failed on its way or met 429, 502, 503 or 504. Default: 2. */
  retries?: number | undefined;
  /** Instead of the global one. */
  fetch?: typeof fetch | undefined;
}

/** Name and value of request headers. */
export type Fields = Readonly<Record<string, string>>;

/** Calls over HTTP; who calls is in the headers it is given. */
export class Transport {
  readonly url: string;
  readonly #timeoutMs: number;
  readonly #retries: number;
  readonly #fetch: typeof fetch;
  readonly #credentials: 'omit' | 'same-origin';

  /**
   * @param credentials - whether the browser's cookies go along: only pages of the instance itself want them
   * @throws GatehouseError `BAD_OPTIONS` for an address that no instance has
   */
  constructor(url: string | undefined, options: TransportOptions, credentials: 'omit' | 'same-origin' = 'omit') {
    this.url = instanceUrl(url);
    this.#credentials = credentials;
    this.#timeoutMs = options.timeoutMs ?? 60_000;
    this.#retries = options.retries ?? 2;
    this.#fetch = options.fetch ?? ((...args) => fetch(...args));
  }

  async send(call: Call, fields: Fields = {}): Promise<unknown> {
    const { method, path, query, organizationId, signal } = call;
    const url = callUrl(this.url, path, { organizationId, ...query } as Query);
    for (let retry = 0; ; retry += 1) {
      try {
        return await this.#attempt(url, call, fields);
      } catch (error) {
        // Only what may be repeated without harm: a POST that met no answer may have been carried out.
        const waitMs = method === 'GET' && retry < this.#retries ? waitBeforeRetry(error, retry) : null;
        if (waitMs === null) throw error;
        await pause(waitMs, signal);
      }
    }
  }

  async #attempt(url: string, call: Call, fields: Fields): Promise<unknown> {
    const { method, body, signal, timeoutMs = this.#timeoutMs } = call;
    if (signal?.aborted) throw aborted(signal);
    if (method === 'GET' && body !== undefined)
      throw new GatehouseError('BAD_OPTIONS', 'body: a GET has none; say another method, or use `query`.');
    const json = body === undefined ? undefined : JSON.stringify(body);
    const init = {
      method,
      headers: {
        accept: call.events ? 'text/event-stream' : 'application/json',
        ...(json === undefined ? {} : { 'content-type': 'application/json' }),
        ...fields,
      },
      ...(json === undefined ? {} : { body: json }),
      // The key is in a header of its own, which would follow a redirect to whatever address that names.
      redirect: 'manual',
      credentials: this.#credentials,
      // Some frameworks keep answers of `fetch` and hand them to other users.
      cache: 'no-store',
    } as const;
    const stop = new AbortController();
    const onAbort = () => stop.abort();
    signal?.addEventListener('abort', onAbort, { once: true });
    // A longer one than timers can take would go off at once.
    const timer = timeoutMs < 2 ** 31 ? setTimeout(onAbort, timeoutMs) : undefined;
    let answer: Response;
    let text: string;
    try {
      answer = await this.#fetch(url, { ...init, signal: stop.signal });
      // From here on its signal ends the stream.
      if (call.events && answer.ok) return answer;
      text = await answer.text();
    } catch (cause) {
      if (signal?.aborted) throw aborted(signal);
      if (stop.signal.aborted)
        throw new GatehouseError('TIMEOUT', `No whole answer within ${timeoutMs} ms.`, { cause });
      throw new GatehouseError('NETWORK', noAnswer(new URL(url).origin, cause), { cause });
    } finally {
      clearTimeout(timer);
      if (!call.events) signal?.removeEventListener('abort', onAbort);
    }
    if (!answer.ok) throw failure(answer, text);
    return readAnswer(answer, text, call.anyAnswer === true);
  }
}

/** Browsers tell scripts nothing about why; the usual reason has a cure. */
function noAnswer(origin: string, error: unknown): string {
  const { message = '', cause } = error as { message?: string; cause?: { code?: string; message?: string } };
  const own = here.location?.origin;
  const cure =
    own === undefined || own === origin
      ? ''
      : ` If it runs, look whether CORS_ORIGINS there lists ${own}, the origin of this page.`;
  return `No answer from ${origin} (${cause?.code ?? cause?.message ?? message}).${cure}`;
}
