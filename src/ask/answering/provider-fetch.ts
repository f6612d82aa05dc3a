import { Readable } from 'node:stream';
import type { Egress, EgressAnswer, EgressLimits } from '../../egress/egress.js';
import { Scrubber } from '../../egress/scrubber.js';
import { GatehouseError } from '../../kernel/errors.js';
import { faultOf } from './faults.js';
import type { Provider } from './providers.js';
import type { ProviderAuth } from './sources.js';

/** Models think for minutes; one that says nothing for so long says nothing any more. */
export const ANSWER_LIMITS: EgressLimits = {
  headersMs: 90_000,
  idleMs: 90_000,
  totalMs: 600_000,
  responseBytes: 8_000_000,
};

const MAX_ERROR_BYTES = 65_536;

export interface ProviderFetchOptions {
  readonly egress: Egress;
  readonly provider: Provider;
  readonly auth: ProviderAuth;
  readonly model: string;
  readonly limits: EgressLimits;
  readonly signal: AbortSignal;
}

/** Of what the provider's library would send along, these; the key among them is a stand-in. */
const PASSED_ON = /^(content-type|accept|anthropic-(version|beta))$/i;

/**
 * `fetch` for the libraries of providers, by our own way out: the key is put in here, so they never hold it, and what
 * comes back is bounded and without it. Whatever is not a stream of events is thrown as what it means.
 */
export function providerFetch(options: ProviderFetchOptions): typeof fetch {
  const { egress, provider, auth, model, limits, signal } = options;
  const { origin } = new URL(provider.baseUrl);
  return async (input, init = {}) => {
    const url = new URL(input instanceof Request ? input.url : input);
    if (url.origin !== origin)
      throw new GatehouseError('EGRESS_REFUSED', 'This credential is sent to its own host only.');
    const scrubber = new Scrubber(auth.secrets);
    const answer = await egress.request({
      workspaceId: provider.credential.workspaceId,
      method: init.method ?? 'GET',
      url,
      headers: headersOf(new Headers(init.headers), auth),
      body: typeof init.body === 'string' ? init.body : null,
      limits,
      signal,
    });
    const type = headerOf(answer, 'content-type') ?? '';
    const isRead = (init.method ?? 'GET') === 'GET';
    if (answer.status !== 200 || (!isRead && /json|html/i.test(type))) {
      const { host } = provider;
      const body = scrubber.text(await readStart(answer));
      const retryAfter = headerOf(answer, 'retry-after');
      throw faultOf({ host, model, status: answer.status, retryAfter, body });
    }
    const clean = scrubber.stream();
    answer.body.once('error', (error) => clean.destroy(error));
    clean.once('close', () => answer.body.destroy());
    const body = Readable.toWeb(answer.body.pipe(clean)) as ReadableStream<Uint8Array>;
    return new Response(body, { status: answer.status, headers: { 'content-type': type } });
  };
}

function headersOf(given: Headers, auth: ProviderAuth): [string, string][] {
  const headers = new Map([...given].filter(([name]) => PASSED_ON.test(name)));
  for (const [name, value] of auth.defaultHeaders)
    if (!headers.has(name.toLowerCase())) headers.set(name.toLowerCase(), value);
  for (const [name, value] of auth.headers) headers.set(name.toLowerCase(), value);
  // What is compressed could not be scrubbed as it passes.
  return [...headers, ['accept-encoding', 'identity']];
}

function headerOf({ headers }: EgressAnswer, wanted: string): string | null {
  return headers.find(([name]) => name.toLowerCase() === wanted)?.[1] ?? null;
}

/** As much of an error as is worth reading. */
async function readStart({ body }: EgressAnswer): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    chunks.push(chunk as Buffer);
    bytes += (chunk as Buffer).length;
    if (bytes > MAX_ERROR_BYTES) break;
  }
  return Buffer.concat(chunks).toString('utf8');
}
