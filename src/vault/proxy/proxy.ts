import type { Readable } from 'node:stream';
import type { RateLimit } from '../../contract/fields.js';
import type { Egress, EgressAnswer, EgressLimits } from '../../egress/egress.js';
import { Scrubber } from '../../egress/scrubber.js';
import { GatehouseError } from '../../kernel/errors.js';
import type { Actor } from '../../kernel/principal.js';
import type { CredentialType } from '../credential-types/schema.js';
import { type FieldValues, hostOf } from '../credential-types/template.js';
import type { CredentialSource, OpenedCredential } from '../source.js';
import { headersToReturn } from './headers.js';
import { outgoing } from './outgoing.js';
import { type ProxyPlace, placeInHost, placeInPath, requirePlainPath } from './place.js';
import { holdsQueriesOnly, judgeRead, writeRefused } from './read-only.js';
import { type FoundKey, findKey } from './vendor-slots.js';

/** What may be known of a credential without opening it. */
export interface ProxyTarget {
  readonly id: string;
  readonly name: string;
  readonly workspaceId: string;
  readonly type: CredentialType;
  /** `null`: not for HTTP. */
  readonly baseUrl: string | null;
  /** Those that are no secret. */
  readonly fields: FieldValues;
  /** Only requests that the type knows as reads go on. */
  readonly readOnly: boolean;
  /** Of all its callers together; `null`: none. */
  readonly rateLimit: RateLimit | null;
}

export interface ProxiedCredentials extends Pick<CredentialSource, 'open'> {
  /** By id or name; `null`: there is none in this workspace. It says nothing of the caller's bounds. */
  describe(workspaceId: string, idOrName: string): ProxyTarget | null;
}

/** A request on its way to a vendor, whose caller was let in. */
export interface ProxyCall {
  readonly by: Actor;
  readonly target: ProxyTarget;
  readonly found: FoundKey;
  readonly method: string;
  readonly rawHeaders: readonly string[];
  /** `null`: there is none. */
  readonly body: Readable | null;
  readonly signal: AbortSignal;
  /** What stands for the vendor's origin in links, without a slash at the end. */
  readonly ownUrl: string;
}

export interface ProxyAnswer {
  readonly status: number;
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** Bounded and without the secret. Fails with a GatehouseError. */
  readonly body: Readable;
  /** How often the vendor repeated the secret, so far: final when the body has ended. */
  readonly scrubber: Scrubber;
}

/** Models think for minutes and files are large; nothing may take for ever. */
export const PROXY_LIMITS: EgressLimits = {
  headersMs: 600_000,
  idleMs: 300_000,
  totalMs: 3_600_000,
  responseBytes: 100_000_000,
};

/** A GraphQL body is read whole to see what it asks. */
const GRAPHQL_BYTES = 1_000_000;

export interface ProxyOptions {
  readonly credentials: ProxiedCredentials;
  readonly egress: Egress;
  /** `PROXY_DOMAIN`; `null`: by path only. */
  readonly domain: string | null;
  /** Default: {@link PROXY_LIMITS}. */
  readonly limits?: EgressLimits;
}

/** Uses credentials for callers who never see them. */
export class InjectingProxy {
  readonly #credentials: ProxiedCredentials;
  readonly #egress: Egress;
  readonly #domain: string | null;
  readonly #limits: EgressLimits;

  constructor({ credentials, egress, domain, limits = PROXY_LIMITS }: ProxyOptions) {
    this.#credentials = credentials;
    this.#egress = egress;
    this.#domain = domain;
    this.#limits = limits;
  }

  /** See `placeInPath`. @param target - of the request line, without `BASE_PATH` */
  placeInPath(target: string): ProxyPlace | null {
    return placeInPath(target);
  }

  /** See `placeInHost`. */
  placeInHost(host: string | undefined, target: string): ProxyPlace | null {
    return placeInHost(host, target, this.#domain);
  }

  /**
   * Finds the credential that a request names and the caller's key in the slots of its type; nothing is opened.
   * `target` is `null` for one that is not there: the key is then looked for where every type has it.
   */
  locate(place: ProxyPlace, rawHeaders: readonly string[]): { target: ProxyTarget | null; found: FoundKey } {
    const target = this.#credentials.describe(place.workspaceId, place.credential);
    const source = { rawHeaders, path: place.path, query: place.query };
    return { target, found: findKey(source, target?.type.acceptSchemes, target?.fields) };
  }

  /**
   * Sends the request on with the vendor's key in the place of the caller's.
   * @throws GatehouseError `BAD_REQUEST` for a type that is not called over HTTP and paths that mean another place;
   *   `FORBIDDEN` for a write on a credential that is switched to read only; whatever opening and egress throw
   */
  async forward(call: ProxyCall): Promise<ProxyAnswer> {
    const { by, target, found, method, rawHeaders, signal } = call;
    const { baseUrl, type } = target;
    if (baseUrl === null)
      throw new GatehouseError('BAD_REQUEST', `${type.label} is not called over HTTP, so the proxy cannot use it.`);
    requirePlainPath(found);
    const body = target.readOnly ? await this.#requireRead(call) : call.body;
    const opened = await this.#credentials.open(by, target.id, { purpose: 'proxy', host: hostOf(baseUrl) });
    const send = async (refresh: boolean) => {
      const auth = await opened.auth({ refresh });
      const scrubber = new Scrubber([...new Set([...opened.secrets, ...auth.secrets])]);
      const { url, headers } = outgoing(opened, baseUrl, auth, found, rawHeaders);
      const length = lengthOf(rawHeaders, body);
      const request = { workspaceId: target.workspaceId, method, url, body, limits: this.#limits, signal };
      return { scrubber, answer: await this.#egress.request({ ...request, headers: [...headers, ...length] }) };
    };
    const first = await send(false);
    const { answer, scrubber } = (await this.#withNewToken(opened, first.answer, body, send)) ?? first;
    const moved = { from: new URL(baseUrl).origin, to: call.ownUrl };
    const headers = headersToReturn(answer.headers, scrubber, moved);
    return { status: answer.status, headers, body: scrub(answer.body, scrubber), scrubber };
  }

  /** A token that a vendor took back before its time is fetched anew; a body cannot be sent twice. */
  async #withNewToken<T>(
    opened: OpenedCredential,
    answer: EgressAnswer,
    body: unknown,
    send: (refresh: boolean) => Promise<T>,
  ): Promise<T | null> {
    if (answer.status !== 401 || opened.type.exchange === undefined) return null;
    if (body === null) {
      answer.body.on('error', () => {}).destroy();
      return send(true);
    }
    await opened.auth({ refresh: true });
    return null;
  }

  /** @returns the body to send: what was judged, and nothing that another reader could take for something else */
  async #requireRead({ target, found, method, rawHeaders, body }: ProxyCall): Promise<Readable | string | null> {
    const { type } = target;
    // What stood before the key's own segment still tells what is asked: `/file/bot<key>/a.png` reads `/file/a.png`.
    const before = found.pathSlot?.slice(0, found.pathSlot.lastIndexOf('/')) ?? '';
    const path = `${before}${found.path}`;
    const judged = judgeRead({ method, path, query: found.query, rawHeaders }, type.reads);
    if (judged === 'read') return body;
    if (judged === 'write' || body === null) throw writeRefused(type.label);
    const text = await readBounded(body);
    if (!holdsQueriesOnly(text)) throw writeRefused(type.label);
    // A member that is there twice is read by some as its first and by others as its last.
    return JSON.stringify(JSON.parse(text));
  }
}

/** A body that passes through keeps its length; undici knows that of a text. */
function lengthOf(rawHeaders: readonly string[], body: unknown): [string, string][] {
  if (body === null || typeof body === 'string') return [];
  const index = rawHeaders.findIndex((name, at) => at % 2 === 0 && name.toLowerCase() === 'content-length');
  return index < 0 ? [] : [['content-length', rawHeaders[index + 1] as string]];
}

function scrub(body: Readable, scrubber: Scrubber): Readable {
  const clean = scrubber.stream();
  body.once('error', (error) => clean.destroy(error));
  clean.once('close', () => body.destroy());
  return body.pipe(clean);
}

async function readBounded(body: Readable): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    bytes += (chunk as Buffer).length;
    if (bytes > GRAPHQL_BYTES)
      throw new GatehouseError('PAYLOAD_TOO_LARGE', 'A GraphQL request to a read-only credential may have 1 MB.');
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks).toString('utf8');
}
