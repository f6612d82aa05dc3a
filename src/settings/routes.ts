import type { Audit } from '../audit/audit.js';
import { audited } from '../audit/audited.js';
import { changesOf } from '../audit/changes.js';
import type { RoutesView } from '../contract/settings.js';
import { FIRST_ROUTES_LINE, UpstreamRoutes } from '../contract/upstream-routes.js';
import type { Actor } from '../kernel/principal.js';
import type { LiveFile } from '../store/live-file.js';

/** Its name in words for people; it lies in the folder of the instance's own files. */
export const ROUTES_FILE = '.gatehouse/routes.json';

export interface RoutesOptions {
  readonly file: LiveFile<UpstreamRoutes>;
  readonly audit: Audit;
  /** Whether a key can be given a scope. */
  readonly isKnownScope: (scope: string) => boolean;
}

/** What the apps behind Gatehouse ask of their callers: `routes.json`, edited by hand or replaced whole. */
export class Routes {
  readonly #o: RoutesOptions;

  constructor(options: RoutesOptions) {
    this.#o = options;
  }

  /** In force now; `null`: there is no file, and every request to the apps is refused. */
  get value(): UpstreamRoutes | null {
    return this.#o.file.value;
  }

  /** Why the file as it is now is not what is in force; `null`: it is. */
  get fault(): string | null {
    const { fault, value } = this.#o.file;
    if (fault !== null || value !== null) return fault;
    return `${ROUTES_FILE} is missing. Make it with the line ${FIRST_ROUTES_LINE}`;
  }

  /** Called after each new value. */
  subscribe(listener: () => void): void {
    this.#o.file.subscribe(listener);
  }

  show(): RoutesView {
    return { file: this.value, fault: this.fault, warnings: this.value === null ? [] : this.#warnings(this.value) };
  }

  /** @throws GatehouseError `STORE_UNAVAILABLE` while the file holds an edit that cannot be read: it is not overwritten */
  async replace(by: Actor, next: UpstreamRoutes): Promise<RoutesView> {
    const detail = { routes: next.routes.length, hosts: next.hosts ?? [], default: next.default?.authModes ?? 'none' };
    const changes = changesOf(this.value ?? { routes: [] }, next);
    await audited(this.#o.audit, by, { action: 'routes.replace', target: null, detail, changes }, () =>
      this.#o.file.change(() => next),
    );
    return this.show();
  }

  #warnings({ routes, default: rest }: UpstreamRoutes): string[] {
    const places = [...routes.map((route, index) => [`routes[${index}]`, route] as const), ['default', rest] as const];
    return places.flatMap(([place, route]) =>
      (route?.scopes ?? [])
        .filter((scope) => !this.#o.isKnownScope(scope))
        .map((scope) => `${place}: no key can be given ${scope}. Declare it: gatehouse scopes declare ${scope}`),
    );
  }
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
