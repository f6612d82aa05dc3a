import { FIRST_ROUTES_LINE, UpstreamRoutes } from '../contract/upstream-routes.js';
import type { LiveFile } from '../store/live-file.js';

/** Its name in words for people; it lies in the folder of the instance's own files. */
export const ROUTES_FILE = '.gatehouse/routes.json';

/** What the apps behind Gatehouse ask of their callers: `routes.json`, edited by hand or replaced whole. */
export interface RoutesSetting {
  /** In force now; `null`: there is no file, and every upstream request is refused. */
  readonly value: UpstreamRoutes | null;
  /** Why the file as it is now is not what is in force; `null`: it is. */
  readonly fault: string | null;
  /** Called after each new value. */
  subscribe(listener: () => void): void;
}

export function routesSetting(file: LiveFile<UpstreamRoutes>): RoutesSetting {
  return {
    get value() {
      return file.value;
    },
    get fault() {
      if (file.fault !== null) return file.fault;
      if (file.value === null) return `${ROUTES_FILE} is missing. Make it with the line ${FIRST_ROUTES_LINE}`;
      return null;
    },
    subscribe: (listener) => file.subscribe(listener),
  };
}

/** One route a line: readable, diffable, greppable. */
export function formatRoutes({ routes, ...rest }: UpstreamRoutes): string {
  const lines = routes.map((route) => `    ${JSON.stringify(route)}`).join(',\n');
  const others = Object.entries(rest)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `,\n  ${JSON.stringify(name)}: ${JSON.stringify(value)}`);
  return `{\n  "routes": [${lines === '' ? '' : `\n${lines}\n  `}]${others.join('')}\n}\n`;
}

export function parseRoutes(value: unknown): UpstreamRoutes {
  return UpstreamRoutes.parse(value);
}
