import { FileCollection } from './file-collection.js';
import type { Collection, CollectionOptions } from './port.js';

export type { Change } from './differences.js';
export type { Draft } from './draft.js';
export type { Collection, CollectionOptions } from './port.js';

/**
 * Opens the collection in `file`. A file that is not there is an empty collection, and is made by the first change.
 * @throws GatehouseError `STORE_UNAVAILABLE` when the file is damaged or of a newer version: names file, place, remedy
 */
export async function openCollection<T extends { readonly id: string }>(
  options: CollectionOptions<T>,
): Promise<Collection<T>> {
  const collection = new FileCollection(options);
  await collection.open();
  return collection;
}
