/**
 * What a stored index was cut and weighed by. Raised whenever passages or their terms come out differently,
 * so that an index kept on disk by an older version is built anew instead of mixing two measures.
 */
export const INDEX_FORMAT = 3;
