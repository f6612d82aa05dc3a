import type { Storage } from './storage.js';
import type { Member } from './types.js';

/** What a route is given. The member is known by then, and the clock is an argument so that tests can stand still. */
export interface Call {
  storage: Storage;
  member: Member;
  params: Record<string, string | undefined>;
  url: URL;
  body: Record<string, unknown>;
  now: number;
}

export interface Route {
  method: 'GET' | 'POST';
  /** `:name` takes one segment. */
  path: string;
  handle(call: Call): unknown;
}

/** Finds the route for a request and the values of its `:names`. The first that fits is taken. */
export function matchRoute(routes: Route[], method: string, pathname: string) {
  const wanted = pathname.split('/');
  for (const route of routes) {
    const pattern = route.path.split('/');
    if (route.method !== method || pattern.length !== wanted.length) continue;
    const params: Record<string, string> = {};
    const fits = pattern.every((part, at) => {
      if (!part.startsWith(':')) return part === wanted[at];
      params[part.slice(1)] = decodeURIComponent(wanted[at] ?? '');
      return true;
    });
    if (fits) return { route, params };
  }
  return null;
}
