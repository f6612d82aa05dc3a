import { GatehouseError } from '../../kernel/errors.js';
import type { ReadRule } from '../credential-types/schema.js';

const BY_METHOD: readonly ReadRule[] = [{ methods: ['GET', 'HEAD'] }];

/** Some servers do what these say instead of what the method says. */
const OVERRIDES = new Set(['x-http-method-override', 'x-http-method', 'x-method-override']);

export interface Judged {
  readonly method: string;
  /** The vendor's path, the key taken out of it. */
  readonly path: string;
  readonly query: string;
  /** Name, value, name, value … */
  readonly rawHeaders: readonly string[];
}

/**
 * Whether a request changes nothing at the vendor.
 * `graphql`: it depends on the body, see {@link holdsQueriesOnly}.
 */
export function judgeRead(
  { method, path, query, rawHeaders }: Judged,
  rules: readonly ReadRule[] = BY_METHOD,
): 'read' | 'write' | 'graphql' {
  const parameters = new URLSearchParams(query);
  const overrides = rawHeaders.some((name, index) => index % 2 === 0 && OVERRIDES.has(name.toLowerCase()));
  if (overrides || parameters.has('_method')) return 'write';
  const fitting = rules.filter(
    (rule) =>
      rule.methods.includes(method as (typeof rule.methods)[number]) &&
      (rule.path === undefined || new RegExp(rule.path).test(path)) &&
      !rule.withoutQuery?.some((name) => parameters.has(name)),
  );
  if (fitting.some(({ graphql }) => graphql !== true)) return 'read';
  // Some servers take the document from the query before they look at the body.
  return fitting.length > 0 && !parameters.has('query') ? 'graphql' : 'write';
}

/** Whether a GraphQL request (JSON, one or several) holds queries and nothing else. What cannot be read does not. */
export function holdsQueriesOnly(body: string): boolean {
  let parsed: unknown;
  try {
    parsed = JSON.parse(body);
  } catch {
    return false;
  }
  const requests = Array.isArray(parsed) ? parsed : [parsed];
  return (
    requests.length > 0 &&
    requests.every((request) => {
      const query = (request as { query?: unknown } | null)?.query;
      return typeof query === 'string' && definesQueriesOnly(query);
    })
  );
}

/** Every definition at the top of the document is a query or a fragment. */
function definesQueriesOnly(document: string): boolean {
  // Strings and comments may hold braces and words; a string that does not end leaves its quote, which fits nothing.
  const bare = document.replace(/"""(?:\\"""|[\s\S])*?"""|"(?:\\.|[^"\\\n\r])*"|#[^\n\r]*/g, ' ');
  if (bare.includes('"')) return false;
  let depth = 0;
  let isNewDefinition = true;
  let found = false;
  for (const token of bare.match(/[{}()[\]]|[_A-Za-z][_0-9A-Za-z]*|[^\s]/g) ?? []) {
    if ('{(['.includes(token)) {
      if (depth === 0 && isNewDefinition && token !== '{') return false;
      depth += 1;
      isNewDefinition = false;
      found = true;
    } else if ('})]'.includes(token)) {
      depth -= 1;
      if (depth < 0) return false;
      if (depth === 0 && token === '}') isNewDefinition = true;
    } else if (depth === 0 && isNewDefinition) {
      if (token !== 'query' && token !== 'fragment' && token !== ',' && token !== '\ufeff') return false;
      if (token === 'query' || token === 'fragment') isNewDefinition = false;
    }
  }
  return found && depth === 0;
}

export function writeRefused(label: string): GatehouseError {
  return new GatehouseError(
    'FORBIDDEN',
    `This credential is switched to read only, and for ${label} this request is not known to be a read.`,
  );
}
