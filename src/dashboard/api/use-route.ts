import { keepPreviousData, QueryClient, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { type Answer, call, GatehouseError, isUnproven, type RouteId, type RouteRequest } from './call.js';

export const queries = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 10_000,
      // The transport has tried again already where that may help.
      retry: false,
      refetchOnWindowFocus: true,
    },
  },
});

export interface RouteOptions {
  /** False: not asked yet. */
  readonly enabled?: boolean;
  readonly refetchEveryMs?: number | false;
}

/** What a route answers, kept and shared by every part of the page that asks the same. */
export function useRoute<Id extends RouteId>(id: Id, request: RouteRequest<Id> = {}, options: RouteOptions = {}) {
  return useQuery<Answer<Id>, GatehouseError>({
    queryKey: [id, request.params ?? {}, request.query ?? {}, request.body ?? {}, request.organizationId ?? ''],
    queryFn: ({ signal }) => call(id, { ...request, signal }),
    enabled: options.enabled ?? true,
    refetchInterval: options.refetchEveryMs ?? false,
    // While the next page or filter loads, the one before stays instead of a blank.
    placeholderData: keepPreviousData,
  });
}

export interface Change<Id extends RouteId> {
  /**
   * Resolves with the answer; with `null` when it failed, and then `error` says why. Whoever was asked to prove who they
   * are and would rather not knows why: then there is no error either, and all is as before.
   */
  run(request?: RouteRequest<Id>): Promise<Answer<Id> | null>;
  readonly pending: boolean;
  readonly error: GatehouseError | null;
  reset(): void;
}

/**
 * A change, and what is asked anew after it. Its answer may hold a secret that is shown once, so nothing here keeps it:
 * it is the caller's to hold, and to let go.
 */
export function useChange<Id extends RouteId>(id: Id, asksAnew: readonly RouteId[] = []): Change<Id> {
  const client = useQueryClient();
  const [pending, setPending] = useState(false);
  const [error, setError] = useState<GatehouseError | null>(null);
  const run = async (request: RouteRequest<Id> = {}) => {
    setPending(true);
    setError(null);
    try {
      const answer = await call(id, request);
      await Promise.all(asksAnew.map((route) => client.invalidateQueries({ queryKey: [route] })));
      return answer;
    } catch (failure) {
      if (!isUnproven(failure)) setError(asGatehouseError(failure));
      return null;
    } finally {
      setPending(false);
    }
  };
  return { run, pending, error, reset: () => setError(null) };
}

export function asGatehouseError(failure: unknown): GatehouseError {
  return failure instanceof GatehouseError ? failure : new GatehouseError('BAD_ANSWER', String(failure));
}
