/** What ranking is tuned by; measured with `npm run bench:ask`. Those of terms are part of a stored index (`INDEX_FORMAT`). */
export const WEIGHTS = {
  /** How often a term counts that stands once in the text, a comment, a name defined here, … Whole numbers. */
  body: 2,
  comment: 3,
  symbol: 8,
  outer: 3,
  fileName: 6,
  folder: 2,
  /** BM25, over the counts above. */
  k1: 5,
  b: 0.2,
  /** A question's word that says little, one that means about the same, two as one identifier. */
  general: 0.25,
  neighbour: 0.3,
  joined: 1.5,
  /** How much of a score depends on how much of the question's meaning is in the passage. */
  coverage: 0.5,
  coveragePower: 1,
  /** How much of a score depends on the file around the passage. */
  file: 0.6,
  /** Lines that neighbouring short definitions may have together to share a passage: a getter says little alone. */
  merge: 16,
  /** The second look: parts of the best score that a passage gains or loses. */
  named: 0.3,
  oneNamed: 0.25,
  fileNamed: 0.36,
  pathNamed: 0.2,
  together: 0.38,
  verbatim: 0.4,
  ofFile: 0.25,
  long: 0.3,
  short: -0.33,
  test: -0.75,
  types: -0.3,
  data: -0.28,
  other: -0.5,
};
