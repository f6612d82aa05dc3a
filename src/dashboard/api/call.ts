import type { z } from 'zod';
import { callAsPage } from '../../client/caller.js';
import { GatehouseError } from '../../client/errors.js';
import { Transport } from '../../client/transport.js';
import type { ROUTES, RouteId, RouteSpec } from '../../contract/routes.js';
import { CONTRACT } from './contract.js';
import { giveFocusBack, proveAnew } from './fresh-proof.js';
import { ORIGIN } from './place.js';

export { GatehouseError } from '../../client/errors.js';
export type { RouteId } from '../../contract/routes.js';

type Spec<Id extends RouteId> = (typeof ROUTES)[Id];
type Given<Id extends RouteId, Part extends keyof RouteSpec> =
  Spec<Id> extends { readonly [P in Part]: infer Schema }
    ? Schema extends z.ZodType
      ? z.input<Schema>
      : never
    : never;

/** What a route answers. */
export type Answer<Id extends RouteId> =
  Spec<Id> extends { readonly answer: infer Schema } ? (Schema extends z.ZodType ? z.output<Schema> : never) : never;

export interface RouteRequest<Id extends RouteId> {
  readonly params?: Readonly<Record<string, string>>;
  readonly query?: Given<Id, 'query'>;
  readonly body?: Given<Id, 'body'>;
  /** Where to act, for users of several organizations, on routes that no id or body tells it. */
  readonly organizationId?: string;
  readonly signal?: AbortSignal;
  readonly headers?: Readonly<Record<string, string>>;
}

const send = callAsPage(new Transport(ORIGIN, { retries: 1, timeoutMs: 90_000 }, 'same-origin'));

/**
 * Calls a route of the contract as whoever is signed in. What needs a fresh proof asks for it, and is then called again.
 * @throws GatehouseError whose `code` says what to do; `UNAUTHORIZED` leads to the sign-in page by itself;
 *   `FRESH_PROOF_REQUIRED` from whoever would rather not prove it
 */
export async function call<Id extends RouteId>(id: Id, request: RouteRequest<Id> = {}): Promise<Answer<Id>> {
  const focused = document.activeElement;
  try {
    return await callOpen(id, request);
  } catch (error) {
    if (error instanceof GatehouseError && error.code === 'UNAUTHORIZED' && error.status === 401) leave('ended');
    if (!isUnproven(error)) throw error;
    try {
      if (await proveAnew()) return await call(id, request);
    } finally {
      giveFocusBack(focused);
    }
    throw error;
  }
}

/** Nothing was done: it needed a proof that was not given. */
export function isUnproven(error: unknown): boolean {
  return error instanceof GatehouseError && error.code === 'FRESH_PROOF_REQUIRED';
}

/** The same for pages where nobody is signed in yet. */
export function callOpen<Id extends RouteId>(id: Id, request: RouteRequest<Id> = {}): Promise<Answer<Id>> {
  const { params = {}, query, body, organizationId, signal, headers } = request;
  return send<Answer<Id>>(
    CONTRACT.routes[id][0],
    pathOf(id, params),
    { query: query as object | undefined, body, organizationId, signal },
    headers,
  );
}

function pathOf(id: RouteId, params: Readonly<Record<string, string>>): string {
  return CONTRACT.routes[id][1].replace(/:([A-Za-z]+)/g, (_, name: string) => encodeURIComponent(params[name] ?? ''));
}

/** The address of a route, for what the browser opens by itself: streams and downloads. */
export function addressOf(id: RouteId, params: Readonly<Record<string, string>> = {}): string {
  return ORIGIN + pathOf(id, params);
}

/** To the sign-in page, and from there back here. */
export function leave(reason: 'ended' | 'left'): void {
  const here = location.pathname.slice(ORIGIN.length - location.origin.length) + location.search;
  const next = reason === 'ended' && here !== '/' ? `&next=${encodeURIComponent(here)}` : '';
  location.assign(`${ORIGIN}/login?reason=${reason}${next}`);
}
