import * as z from 'zod';
import { RateLimit } from './fields.js';
import { AUTH_MODES } from './route-spec.js';
import { ScopeName } from './scopes.js';

/** Places in a request where a credential may be. `session`: the cookie of a signed-in user, after the headers. */
export const SLOTS = ['x-api-key', 'bearer', 'session'] as const;
export type Slot = (typeof SLOTS)[number];

const MAX_ROUTES = 1000;
const MAX_HOSTS = 100;

/** A host as it is compared: lower case, no port, no dot at the end. */
export const HostName = z
  .string()
  .max(253)
  .regex(/^([a-z0-9]([a-z0-9._-]*[a-z0-9])?|\[[0-9a-f:.]+\])$/, {
    error: 'a host looks like app.example.com: lower case, without scheme and port',
  });

const unique = <T extends z.ZodType<string>>(item: T, max: number) => z.array(item).max(max);

/** What a segment of a pattern cannot hold: a request with it is refused before it is compared. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are among it
const NO_SEGMENT = /^\.{1,2}$|[\\?#%;\u0000-\u001f\u007f]/;

/** What is wrong with the pattern of a path, or `null`. */
function patternFault(pattern: string): string | null {
  if (!pattern.startsWith('/')) return 'a path begins with /';
  if (pattern === '/') return null;
  const segments = pattern.slice(1).split('/');
  for (const [index, segment] of segments.entries()) {
    if (segment === '') return 'a path has no empty segment and no / at its end; /x stands for /x/ too';
    if (segment.includes('*') && (segment !== '*' || index < segments.length - 1))
      return '* stands alone, as the last segment';
    if (segment.startsWith(':') && !/^:[A-Za-z][A-Za-z0-9_]*$/.test(segment)) return 'a parameter looks like :id';
    if (NO_SEGMENT.test(segment))
      return 'write the path decoded, without . and .. as segments and without any of \\ ? # % ;';
  }
  return null;
}

/** `/billing/portal`, `/users/:id`, `/files/*` (what is under it, and `/files` itself). */
const PathPattern = z
  .string()
  .max(512)
  .superRefine((pattern, context) => {
    const fault = patternFault(pattern);
    if (fault !== null) context.addIssue({ code: 'custom', message: fault });
  });

/** What a caller needs to pass. */
const needs = {
  authModes: z.array(z.enum(AUTH_MODES)).min(1).max(AUTH_MODES.length),
  /** All are needed. */
  scopes: unique(ScopeName, 100),
  /** Where the credential may be; left out: everywhere. What is not a slot is neither read nor taken away. */
  slots: z.array(z.enum(SLOTS)).min(1).max(SLOTS.length).optional(),
  /** For each caller; left out: the key's own limit, or none. */
  rateLimit: RateLimit.optional(),
};

const isConsistent = ({ authModes, scopes }: { authModes: readonly string[]; scopes: readonly string[] }) =>
  !authModes.includes('public') || scopes.length === 0;
const inconsistent = {
  error: 'a public route cannot ask for scopes: nobody without a key holds any',
  path: ['scopes'],
};

/** One route of an app behind Gatehouse. The first one that fits decides. */
export const UpstreamRoute = z
  .strictObject({
    /** Left out: every method. `GET` stands for `HEAD` too. */
    methods: z
      .array(z.string().regex(/^[A-Z][A-Z-]{0,31}$/, { error: 'a method looks like POST' }))
      .min(1)
      .max(20)
      .optional(),
    path: PathPattern,
    /** Left out: every host. */
    host: HostName.optional(),
    ...needs,
  })
  .refine(isConsistent, inconsistent);
export type UpstreamRoute = z.infer<typeof UpstreamRoute>;

export const UpstreamDefault = z.strictObject(needs).refine(isConsistent, inconsistent);
export type UpstreamDefault = z.infer<typeof UpstreamDefault>;

/** `routes.json`: what the apps behind Gatehouse ask of their callers. */
export const UpstreamRoutes = z.strictObject({
  routes: z.array(UpstreamRoute).max(MAX_ROUTES),
  /** For what no route fits; left out: it is refused. */
  default: UpstreamDefault.optional(),
  /** Hosts that assertions may be signed for, beside that of `PUBLIC_URL`. */
  hosts: unique(HostName, MAX_HOSTS).optional(),
});
export type UpstreamRoutes = z.infer<typeof UpstreamRoutes>;

/** What the first run writes: any valid key passes. */
export const FIRST_ROUTES: UpstreamRoutes = {
  routes: [],
  default: { authModes: ['api_key', 'service_role'], scopes: [] },
};

/** The line a missing `routes.json` wants, in words for whoever meets the refusal. */
export const FIRST_ROUTES_LINE = JSON.stringify(FIRST_ROUTES);
