import { copiesOnShelf, findBook, searchCatalog } from '../catalog.js';
import type { Route } from '../router.js';

/** What everybody may ask: what the library has, and whether it is in. */
export const bookRoutes: Route[] = [
  {
    method: 'GET',
    path: '/books',
    handle: ({ storage, url }) => ({ books: searchCatalog(storage.read(), url.searchParams.get('q') ?? '') }),
  },
  {
    method: 'GET',
    path: '/books/:isbn',
    handle: ({ storage, params }) => {
      const book = findBook(storage.read(), params.isbn ?? '');
      return { ...book, available: copiesOnShelf(storage.read(), book) };
    },
  },
];
