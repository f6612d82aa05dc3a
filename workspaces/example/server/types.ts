/** The shapes that the whole server shares. Times are milliseconds since 1970, money is cents. */

export interface Book {
  isbn: string;
  title: string;
  author: string;
  /** What a lost copy costs. */
  priceCents: number;
  /** How many copies the library owns. */
  copies: number;
}

export interface Member {
  id: string;
  name: string;
  email: string;
  /** SHA-256 of the number on the library card; the number itself is not kept. */
  cardDigest: string;
  birthYear: number;
  role: 'reader' | 'staff';
}

export interface Loan {
  id: string;
  isbn: string;
  memberId: string;
  borrowedAt: number;
  dueAt: number;
  renewals: number;
  /** `null` while the book is out. */
  returnedAt: number | null;
  /** Fixed when the book comes back; until then the fine is computed from the clock. */
  fineCents: number;
  paidCents: number;
}

export interface Reservation {
  isbn: string;
  memberId: string;
  placedAt: number;
  /** Until when a returned copy is kept at the desk for this member; `null` while they wait. */
  heldUntil: number | null;
}

export interface Library {
  books: Book[];
  members: Member[];
  loans: Loan[];
  reservations: Reservation[];
}

/** A lending rule said no. The route turns it into a 409 with this code. */
export class RuleError extends Error {
  constructor(
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}
