import type { Response } from 'express';
import type { Gatehouse } from '../gatehouse.js';

/** The session cookie of one answer. */
export interface CookieJar {
  set(value: string, maxAgeSeconds: number): void;
  clear(): void;
}

/** No script reads it, and no other site's page sends it along but for a plain link. What changes things asks for more, see docs/people.md. */
export function cookieJar({ sessionCookie }: Gatehouse, response: Response): CookieJar {
  const { name, path, secure } = sessionCookie;
  const write = (value: string, maxAgeSeconds: number) =>
    response.append(
      'Set-Cookie',
      `${name}=${value}; Path=${path}; Max-Age=${maxAgeSeconds}; HttpOnly; SameSite=Lax${secure ? '; Secure' : ''}`,
    );
  return { set: write, clear: () => write('', 0) };
}
