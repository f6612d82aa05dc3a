import { applyPayment } from '../fines.js';
import { HttpError } from '../http-error.js';
import { debtOf, openLoans } from '../loans.js';
import type { Route } from '../router.js';

export const memberRoutes: Route[] = [
  {
    method: 'GET',
    path: '/members/me',
    handle: ({ storage, member, now }) => {
      const library = storage.read();
      const { cardDigest: _never, ...visible } = member;
      return { ...visible, loans: openLoans(library, member.id), owesCents: debtOf(library, member, now) };
    },
  },
  {
    method: 'POST',
    path: '/members/me/payments',
    handle: ({ storage, member, body }) => {
      const cents = body.cents;
      if (typeof cents !== 'number' || !Number.isInteger(cents) || cents < 1) {
        throw new HttpError(400, 'bad_amount', 'Say how much in whole cents.');
      }
      return storage.update((library) => {
        const changeCents = applyPayment(
          library.loans.filter((loan) => loan.memberId === member.id),
          cents,
        );
        return { paidCents: cents - changeCents, changeCents };
      });
    },
  },
];
