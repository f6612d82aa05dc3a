import { GatehouseError } from '../../kernel/errors.js';

/** Which credential a request names, and what it wants from the vendor. */
export interface ProxyPlace {
  readonly workspaceId: string;
  /** An id or a name. */
  readonly credential: string;
  /** The vendor's path as it came, with its slash. */
  readonly path: string;
  /** With its question mark; `''`: none. */
  readonly query: string;
}

const NAME = '[A-Za-z0-9][A-Za-z0-9._-]{0,63}';
const BY_PATH = new RegExp(`^/p/(${NAME})/(${NAME})(/[^?]*)?(\\?.*)?$`, 's');

/**
 * Reads `/p/<workspace>/<credential>/<path>`. Names are not decoded: none needs it.
 * @returns `null` for what is no such address
 */
export function placeInPath(target: string): ProxyPlace | null {
  const [, workspaceId, credential, path = '/', query = ''] = BY_PATH.exec(target) ?? [];
  return workspaceId === undefined || credential === undefined ? null : { workspaceId, credential, path, query };
}

/**
 * Reads `<credential>--<workspace>.<domain>` off the Host header.
 * @returns `null`: the host is not one of the domain. One that is and names nothing is a place where nothing is.
 */
export function placeInHost(host: string | undefined, target: string, domain: string | null): ProxyPlace | null {
  const name = host?.toLowerCase().replace(/:\d*$/, '').replace(/\.$/, '');
  if (domain === null || name?.endsWith(`.${domain}`) !== true) return null;
  const [credential = '', workspaceId = ''] = name.slice(0, -domain.length - 1).split(/--(.*)/s);
  const [path = '', query] = target.split(/\?(.*)/s);
  return { workspaceId, credential, path, query: query === undefined ? '' : `?${query}` };
}

/**
 * Refuses paths that mean another place to whoever reads them after us.
 * @throws GatehouseError `BAD_REQUEST`
 */
export function requirePlainPath({ path, query }: Pick<ProxyPlace, 'path' | 'query'>): void {
  if (!/^\/[\x21-\x7e]*$/.test(path + query) || /[\\#]/.test(path) || query.includes('#'))
    throw new GatehouseError('BAD_REQUEST', 'The path holds a character that has to be percent-encoded.');
  // Twice: some servers decode what was decoded already.
  if ([path, decoded(path), decoded(decoded(path))].some((text) => /(^|[/\\])\.{1,2}([/\\;?#]|$)/.test(text)))
    throw new GatehouseError('BAD_REQUEST', 'The path holds a "." or ".." segment. Write the path it stands for.');
}

function decoded(path: string): string {
  return path.replace(/%([0-9a-f]{2})/gi, (_escape, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}
