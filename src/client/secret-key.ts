import { GatehouseError } from './errors.js';
import { isInUsersHands } from './surroundings.js';

/**
 * The key as it is sent. Where this code runs in its users' hands there is none that would be safe to give.
 * @throws GatehouseError `SECRET_KEY_IN_BROWSER`, `BAD_OPTIONS`; neither repeats the key
 */
export function requireKey(given: string | undefined): string {
  if (isInUsersHands())
    throw new GatehouseError(
      'SECRET_KEY_IN_BROWSER',
      'An API key in a page, a worker or a mobile app is an API key for everyone who opens it. Here, use ' +
        'createClient(url) and let users sign in, or call a route of your own server that holds the key. If this key ' +
        'was published already, rotate it.',
    );
  // What a file or a shell leaves at its end.
  const key = typeof given === 'string' ? given.trim() : '';
  if (key === '')
    throw new GatehouseError(
      'BAD_OPTIONS',
      'apiKey: is missing; is GATEHOUSE_API_KEY set? For signed-in users leave it out: createClient(url).',
    );
  // `fetch` would refuse it too, but with the key in its message.
  if (!/^[\x21-\x7e]+$/.test(key))
    throw new GatehouseError('BAD_OPTIONS', 'apiKey: holds a character no key has. Copy it again, whole.');
  return key;
}
