import type { Book, Loan, Member } from './types.js';

export const DAY_MS = 86_400_000;
/** Days after the due date that cost nothing. */
export const GRACE_DAYS = 2;
export const ADULT_CENTS_PER_DAY = 25;
export const CHILD_CENTS_PER_DAY = 10;
export const MAX_FINE_CENTS = 1500;
const CHILD_UNTIL_AGE = 14;

/**
 * What a late book costs at the moment `now`, in cents: days overdue beyond the grace period times the daily rate,
 * capped at the price of the book and at 15.00. A book that is returned keeps the fine it came back with.
 */
export function overdueFine(loan: Loan, book: Book, member: Member, now: number): number {
  if (loan.returnedAt !== null) return loan.fineCents;
  const daysLate = Math.ceil((now - loan.dueAt) / DAY_MS) - GRACE_DAYS;
  if (daysLate <= 0) return 0;
  const rate = isChild(member, now) ? CHILD_CENTS_PER_DAY : ADULT_CENTS_PER_DAY;
  return Math.min(daysLate * rate, book.priceCents, MAX_FINE_CENTS);
}

/** Only the year of birth is known, so a child stays one until the end of the year. */
export function isChild(member: Member, now: number): boolean {
  return new Date(now).getUTCFullYear() - member.birthYear <= CHILD_UNTIL_AGE;
}

/** Splits a payment over loans, oldest debt first; answers what is left over. */
export function applyPayment(loans: Loan[], cents: number): number {
  let left = cents;
  const owing = loans.filter((loan) => loan.fineCents > loan.paidCents).sort((a, b) => a.dueAt - b.dueAt);
  for (const loan of owing) {
    const paid = Math.min(left, loan.fineCents - loan.paidCents);
    loan.paidCents += paid;
    left -= paid;
  }
  return left;
}
