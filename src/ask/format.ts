/** Raised whenever cutting or weighing changes: an index that was stored under another number is built again. */
export const INDEX_FORMAT = 1;
