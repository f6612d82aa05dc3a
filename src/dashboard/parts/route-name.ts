import type { RouteId } from '../../contract/routes.js';
import { CONTRACT } from '../api/contract.js';

/** A route as people know it: method and path of our own, the name of any other (a policy, a page). */
export function routeName(route: string): string {
  return Object.hasOwn(CONTRACT.routes, route) ? CONTRACT.routes[route as RouteId].join(' ') : route;
}
