import { randomUUID } from 'node:crypto';
import { copiesOnShelf, findBook } from './catalog.js';
import { DAY_MS, isChild, overdueFine } from './fines.js';
import { holdForNextInQueue, isReservedForOther } from './reservations.js';
import { type Library, type Loan, type Member, RuleError } from './types.js';

const LOAN_DAYS = 21;
const MAX_LOANS = 5;
const MAX_LOANS_CHILD = 3;
const MAX_RENEWALS = 2;
const MAX_DEBT_CENTS = 1000;

/**
 * Lends a book.
 * @throws RuleError `too_many_loans`, `unpaid_fines`, `reserved` or `not_on_shelf`
 */
export function borrowBook(library: Library, member: Member, isbn: string, now: number): Loan {
  const book = findBook(library, isbn);
  const open = openLoans(library, member.id);
  const limit = isChild(member, now) ? MAX_LOANS_CHILD : MAX_LOANS;
  if (open.length >= limit) throw new RuleError('too_many_loans', `You hold ${limit} books already.`);
  if (debtOf(library, member, now) > MAX_DEBT_CENTS) {
    throw new RuleError('unpaid_fines', 'Please pay your fines before you borrow another book.');
  }
  if (isReservedForOther(library, isbn, member.id)) throw new RuleError('reserved', 'Others are waiting for this book.');
  if (copiesOnShelf(library, book) === 0) throw new RuleError('not_on_shelf', 'All copies are out.');
  library.reservations = library.reservations.filter((r) => r.isbn !== isbn || r.memberId !== member.id);
  const loan: Loan = {
    id: randomUUID(),
    isbn,
    memberId: member.id,
    borrowedAt: now,
    dueAt: now + LOAN_DAYS * DAY_MS,
    renewals: 0,
    returnedAt: null,
    fineCents: 0,
    paidCents: 0,
  };
  library.loans.push(loan);
  return loan;
}

/**
 * Extends a loan by another 21 days from today.
 * @throws RuleError `overdue`, `renewed_too_often` or `reserved`
 */
export function renewLoan(library: Library, loan: Loan, now: number): Loan {
  if (now > loan.dueAt) throw new RuleError('overdue', 'A late book has to come back first.');
  if (loan.renewals >= MAX_RENEWALS) throw new RuleError('renewed_too_often', 'A loan can be renewed twice.');
  if (isReservedForOther(library, loan.isbn, loan.memberId)) {
    throw new RuleError('reserved', 'Another member is waiting for this book.');
  }
  loan.renewals += 1;
  loan.dueAt = now + LOAN_DAYS * DAY_MS;
  return loan;
}

/** Takes a book back: fixes the fine as of now and keeps the copy for whoever waits for it. */
export function returnBook(library: Library, loan: Loan, member: Member, now: number): Loan {
  if (loan.returnedAt !== null) return loan;
  loan.fineCents = overdueFine(loan, findBook(library, loan.isbn), member, now);
  loan.returnedAt = now;
  holdForNextInQueue(library, loan.isbn, now);
  return loan;
}

/** Loans past their due date, the latest first; the reminder worker asks for these. */
export function overdueLoans(library: Readonly<Library>, now: number): Loan[] {
  return library.loans
    .filter((loan) => loan.returnedAt === null && loan.dueAt < now)
    .sort((a, b) => a.dueAt - b.dueAt);
}

export function openLoans(library: Readonly<Library>, memberId: string): Loan[] {
  return library.loans.filter((loan) => loan.memberId === memberId && loan.returnedAt === null);
}

/** Everything a member owes right now, late books that are still out included. */
export function debtOf(library: Readonly<Library>, member: Member, now: number): number {
  let cents = 0;
  for (const loan of library.loans) {
    if (loan.memberId !== member.id) continue;
    cents += overdueFine(loan, findBook(library, loan.isbn), member, now) - loan.paidCents;
  }
  return cents;
}
