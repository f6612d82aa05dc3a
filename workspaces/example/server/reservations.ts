import { DAY_MS } from './fines.js';
import { type Library, type Reservation, RuleError } from './types.js';

const MAX_RESERVATIONS = 3;
const HELD_DAYS = 4;

/** Puts a member at the end of the queue for a book. @throws RuleError `too_many_reservations` */
export function reserveBook(library: Library, memberId: string, isbn: string, now: number): Reservation {
  const mine = library.reservations.filter((reservation) => reservation.memberId === memberId);
  const existing = mine.find((reservation) => reservation.isbn === isbn);
  if (existing) return existing;
  if (mine.length >= MAX_RESERVATIONS) {
    throw new RuleError('too_many_reservations', 'You are waiting for three books already.');
  }
  const reservation: Reservation = { isbn, memberId, placedAt: now, heldUntil: null };
  library.reservations.push(reservation);
  return reservation;
}

/** Whether somebody else comes first. */
export function isReservedForOther(library: Readonly<Library>, isbn: string, memberId: string): boolean {
  const [first] = queueFor(library, isbn);
  return first !== undefined && first.memberId !== memberId;
}

/** A copy came back: it waits at the desk for the first in the queue. */
export function holdForNextInQueue(library: Library, isbn: string, now: number): void {
  const next = queueFor(library, isbn).find((reservation) => reservation.heldUntil === null);
  if (next) next.heldUntil = now + HELD_DAYS * DAY_MS;
}

/** Drops reservations that were not picked up in four days and moves on to the next member. Runs once an hour. */
export function expireHolds(library: Library, now: number): number {
  const expired = library.reservations.filter((r) => r.heldUntil !== null && r.heldUntil < now);
  library.reservations = library.reservations.filter((r) => !expired.includes(r));
  for (const { isbn } of expired) holdForNextInQueue(library, isbn, now);
  return expired.length;
}

function queueFor(library: Readonly<Library>, isbn: string): Reservation[] {
  return library.reservations.filter((r) => r.isbn === isbn).sort((a, b) => a.placedAt - b.placedAt);
}
