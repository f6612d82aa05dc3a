import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { HttpError } from './http-error.js';
import type { Library, Member } from './types.js';

/**
 * Finds the member whose library card the request shows in `X-Library-Card`.
 * Cards are compared by digest: somebody who steals the data file cannot print cards from it.
 * @throws HttpError 401 alike for a missing and for an unknown card
 */
export function authenticate(request: IncomingMessage, library: Readonly<Library>): Member {
  const card = request.headers['x-library-card'];
  if (typeof card === 'string') {
    const digest = cardDigest(card);
    const member = library.members.find((candidate) => candidate.cardDigest === digest);
    if (member) return member;
  }
  throw new HttpError(401, 'unknown_card', 'Show a valid library card in the X-Library-Card header.');
}

/** Routes for the desk only: late loans of everybody, for example. */
export function requireStaff(member: Member): void {
  if (member.role !== 'staff') throw new HttpError(403, 'staff_only', 'This is for library staff.');
}

export function cardDigest(card: string): string {
  return createHash('sha256').update(card.replaceAll(' ', '')).digest('hex');
}
