import { HttpError } from './http-error.js';
import type { Book, Library } from './types.js';

/** @throws HttpError 404 when the library does not own the book */
export function findBook(library: Readonly<Library>, isbn: string): Book {
  const book = library.books.find((candidate) => candidate.isbn === normalizeIsbn(isbn));
  if (!book) throw new HttpError(404, 'no_such_book', `The library has no book with the ISBN ${isbn}.`);
  return book;
}

/** Copies that are neither lent nor kept at the desk for somebody. */
export function copiesOnShelf(library: Readonly<Library>, book: Book): number {
  const out = library.loans.filter((loan) => loan.isbn === book.isbn && loan.returnedAt === null).length;
  const held = library.reservations.filter((r) => r.isbn === book.isbn && r.heldUntil !== null).length;
  return Math.max(0, book.copies - out - held);
}

/**
 * Searches titles and authors. Every word of the query has to appear somewhere; accents and case do not matter,
 * so "bronte" finds "Brontë".
 */
export function searchCatalog(library: Readonly<Library>, query: string, limit = 50): Book[] {
  const words = fold(query).split(/\s+/).filter(Boolean);
  return library.books
    .filter((book) => words.every((word) => fold(`${book.title} ${book.author}`).includes(word)))
    .slice(0, limit);
}

/** Removes hyphens and spaces, and turns an old ten-digit ISBN into its thirteen-digit form. */
export function normalizeIsbn(isbn: string): string {
  const digits = isbn.replace(/[\s-]/g, '').toUpperCase();
  if (digits.length !== 10) return digits;
  const body = `978${digits.slice(0, 9)}`;
  let sum = 0;
  for (const [at, digit] of [...body].entries()) sum += Number(digit) * (at % 2 === 0 ? 1 : 3);
  return `${body}${(10 - (sum % 10)) % 10}`;
}

function fold(text: string): string {
  return text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();
}
