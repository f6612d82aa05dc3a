import { ROUTES, type RouteId, type RouteSpec } from './routes.js';

/** What the table says of a method and a path. */
export type FoundRoute =
  | { readonly kind: 'route'; readonly id: RouteId; readonly params: Readonly<Record<string, string>> }
  /** The path is there and answers other methods. */
  | { readonly kind: 'methods'; readonly allowed: readonly string[] }
  | { readonly kind: 'none' }
  /** An escape of the path stands for no character. */
  | { readonly kind: 'malformed' };

/** Under these, a path that nobody knows still asks for a credential before it answers 404. */
export const GUARDED_PREFIXES = ['/api', '/run', '/mcp', '/p'];

/** @param path - without its query, as it came; the same reading as Express's, which serves the table */
export function findRoute(method: string, path: string): FoundRoute {
  const segments = path.split('/');
  if (segments.some((segment) => decoded(segment) === null)) return { kind: 'malformed' };
  const allowed: string[] = [];
  for (const [id, route] of Object.entries<RouteSpec>(ROUTES) as [RouteId, RouteSpec][]) {
    const params = paramsOf(route.path, segments);
    if (params === null) continue;
    // What answers GET answers HEAD.
    if (route.method === method || (route.method === 'GET' && method === 'HEAD')) return { kind: 'route', id, params };
    allowed.push(route.method);
  }
  return allowed.length === 0 ? { kind: 'none' } : { kind: 'methods', allowed };
}

function paramsOf(pattern: string, segments: readonly string[]): Record<string, string> | null {
  const words = pattern.split('/');
  if (words.length !== segments.length) return null;
  const params: Record<string, string> = {};
  for (const [index, word] of words.entries()) {
    const segment = segments[index] as string;
    if (!word.startsWith(':')) {
      if (word !== segment) return null;
    } else if (segment === '') return null;
    else params[word.slice(1)] = decoded(segment) ?? '';
  }
  return params;
}

function decoded(segment: string): string | null {
  try {
    return decodeURIComponent(segment);
  } catch {
    return null;
  }
}
