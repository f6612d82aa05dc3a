import { ERRORS } from '../../src/contract/codes.js';
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
