import { GatehouseError } from './errors.js';

export type Query = Readonly<Record<string, string | number | boolean | null | undefined>>;

/**
 * The address of an instance, with its base path and without a slash at the end.
 * @throws GatehouseError `BAD_OPTIONS`
 */
export function instanceUrl(given: string | undefined): string {
  const refuse = (why: string) =>
    new GatehouseError('BAD_OPTIONS', `url: ${why} It looks like https://gate.example.com; is GATEHOUSE_URL set?`);
  if (typeof given !== 'string' || given === '') throw refuse('the address of the instance is missing.');
  let url: URL;
  try {
    url = new URL(given);
  } catch {
    throw refuse('this is not an address.');
  }
  if (url.protocol !== 'https:' && url.protocol !== 'http:') throw refuse('only http and https can be called.');
  if (url.username + url.password + url.search + url.hash !== '')
    throw refuse('a user name, a query or a fragment does not belong here.');
  return url.origin + url.pathname.replace(/\/+$/, '');
}

/**
 * The address of one call.
 * @param path - begins with a slash; as it stands in a URL
 * @throws GatehouseError `BAD_OPTIONS` when the address would be that of another route
 */
export function callUrl(instance: string, path: string, query: Query): string {
  const whole = instance + path;
  const url = new URL(whole);
  // Resolving `..` (also spelled %2e%2e, or with \) changes the number of segments, and would send this caller's
  // credential to a route that nobody named.
  const plain = `${url.origin}${url.pathname}`;
  if (!path.startsWith('/') || url.search + url.hash !== '' || plain.split('/').length !== whole.split('/').length)
    throw new GatehouseError(
      'BAD_OPTIONS',
      'path: begins with a slash, has no . or .. segments, and takes its query as the option `query`.',
    );
  for (const [name, value] of Object.entries(query)) if (value != null) url.searchParams.append(name, String(value));
  return url.href;
}

/**
 * One value as one segment of a path.
 * @param name - what it is called in the error
 */
export function segment(value: string, name: string): string {
  if (typeof value !== 'string' || value === '' || value === '.' || value === '..')
    throw new GatehouseError('BAD_OPTIONS', `${name}: is missing.`);
  return encodeURIComponent(value);
}
