import { requireStaff } from '../auth.js';
import { findBook } from '../catalog.js';
import { overdueFine } from '../fines.js';
import { HttpError } from '../http-error.js';
import { borrowBook, overdueLoans, renewLoan, returnBook } from '../loans.js';
import { reserveBook } from '../reservations.js';
import type { Route } from '../router.js';
import type { Library, Loan, Member } from '../types.js';

export const loanRoutes: Route[] = [
  {
    method: 'POST',
    path: '/loans',
    handle: ({ storage, member, body, now }) =>
      storage.update((library) => borrowBook(library, member, String(body.isbn), now)),
  },
  {
    method: 'POST',
    path: '/loans/:id/renew',
    handle: ({ storage, member, params, now }) =>
      storage.update((library) => renewLoan(library, findLoan(library, params.id, member), now)),
  },
  {
    method: 'POST',
    path: '/loans/:id/return',
    handle: ({ storage, member, params, now }) =>
      storage.update((library) => {
        const loan = findLoan(library, params.id, member);
        return returnBook(library, loan, borrowerOf(library, loan), now);
      }),
  },
  {
    method: 'GET',
    path: '/loans/overdue',
    handle: ({ storage, member, now }) => {
      requireStaff(member);
      const library = storage.read();
      return { loans: overdueLoans(library, now).map((loan) => withPeople(library, loan, now)) };
    },
  },
  {
    method: 'POST',
    path: '/reservations',
    handle: ({ storage, member, body, now }) =>
      storage.update((library) => reserveBook(library, member.id, String(body.isbn), now)),
  },
];

/** A loan of somebody else looks like no loan at all, except to staff. */
function findLoan(library: Library, id: string | undefined, member: Member): Loan {
  const loan = library.loans.find((candidate) => candidate.id === id);
  if (loan && (loan.memberId === member.id || member.role === 'staff')) return loan;
  throw new HttpError(404, 'no_such_loan', 'There is no such loan.');
}

function borrowerOf(library: Readonly<Library>, loan: Loan): Member {
  const member = library.members.find((candidate) => candidate.id === loan.memberId);
  if (!member) throw new HttpError(404, 'no_such_member', 'The borrower is no longer a member.');
  return member;
}

/** What the reminder worker needs to write a mail. */
function withPeople(library: Readonly<Library>, loan: Loan, now: number) {
  const member = borrowerOf(library, loan);
  const book = findBook(library, loan.isbn);
  return {
    ...loan,
    title: book.title,
    priceCents: book.priceCents,
    fineSoFarCents: overdueFine(loan, book, member, now),
    member: { name: member.name, email: member.email, birthYear: member.birthYear },
  };
}
