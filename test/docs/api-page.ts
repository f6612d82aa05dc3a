import { ERRORS } from '../../src/contract/codes.js';
import { FRESH_CASES, type Fresh } from '../../src/contract/fresh.js';
import { ROUTES, type RouteSpec } from '../../src/contract/routes.js';

/** The tables of `docs/api.md`, made from the contract. `test/docs/api.test.ts` holds the page to them. */
export function routeTable(): string {
  const rows = Object.values<RouteSpec>(ROUTES).map(({ method, path, authModes, scopes, reach, summary }) => {
    const who = reach === 'instance' ? 'operators' : authModes.join(', ');
    return `| \`${method} ${path}\` | ${who} | ${scopes.map((scope) => `\`${scope}\``).join(' ') || '–'} | ${summary} |`;
  });
  return ['| route | who | scopes | |', '| --- | --- | --- | --- |', ...rows].join('\n');
}

export function errorTable(): string {
  const rows = Object.entries(ERRORS).map(([code, { status, error }]) => `| ${status} | \`${code}\` | ${error} |`);
  return ['| status | `code` | `error` |', '| --- | --- | --- |', ...rows].join('\n');
}

/** The table of `docs/people.md`: what people are asked a fresh proof for. */
export function freshTable(): string {
  const words = (fresh: Fresh) =>
    fresh === true ? 'always' : `when ${fresh.map((one) => FRESH_CASES[one]).join(', or ')}`;
  const routes = new Map<string, string[]>();
  for (const { method, path, fresh } of Object.values<RouteSpec>(ROUTES))
    if (fresh !== undefined) routes.set(words(fresh), [...(routes.get(words(fresh)) ?? []), `\`${method} ${path}\``]);
  const rows = [...routes].map(([asked, paths]) => `| ${asked} | ${paths.join(', ')} |`);
  return ['| asked | route |', '| --- | --- |', ...rows].join('\n');
}
