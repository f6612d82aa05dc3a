import { useQuery } from '@tanstack/react-query';
import { type Answer, call, type GatehouseError, type RouteId, type RouteRequest } from './call.js';
import type { RouteOptions } from './use-route.js';

type Listed = { data: unknown[]; nextCursor: string | null };
/** Routes that answer a list in pages. */
export type ListId = { [Id in RouteId]: Answer<Id> extends Listed ? Id : never }[RouteId];
export type RowOf<Id extends ListId> = Answer<Id> extends { data: (infer Row)[] } ? Row : never;

/** What has to be seen whole ends somewhere all the same. */
const MOST_PAGES = 25;

/** Every page of a list, for what has to be seen whole: a grid, a choice. Anything longer is a table with pages. */
export function useAll<Id extends ListId>(id: Id, request: RouteRequest<Id> = {}, options: RouteOptions = {}) {
  return useQuery<readonly RowOf<Id>[], GatehouseError>({
    queryKey: [id, 'all', request.params ?? {}, request.query ?? {}],
    queryFn: ({ signal }) => fetchAll(id, { ...request, signal } as RouteRequest<Id>),
    enabled: options.enabled ?? true,
    refetchInterval: options.refetchEveryMs ?? false,
  });
}

/** Likewise, asked for once: for an export. */
export async function fetchAll<Id extends ListId>(id: Id, request: RouteRequest<Id>): Promise<readonly RowOf<Id>[]> {
  const rows: RowOf<Id>[] = [];
  let cursor: string | null = null;
  for (let page = 0; page < MOST_PAGES; page += 1) {
    const query = { limit: 200, ...(request.query as object | undefined), ...(cursor === null ? {} : { cursor }) };
    const answer: Listed = await call(id, { ...request, query } as RouteRequest<Id>);
    rows.push(...(answer.data as RowOf<Id>[]));
    cursor = answer.nextCursor;
    if (cursor === null) break;
  }
  return rows;
}
