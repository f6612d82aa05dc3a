/**
 * A plain English word without its ending, so that "calculated", "calculates" and "calculation" meet.
 * Light on purpose: it only has to treat questions and files alike, not to find real roots.
 * @param word - lower case
 */
export function stem(word: string): string {
  if (word.length < 4 || !/^[a-z]+$/.test(word)) return word;
  const singular = withoutPlural(word);
  for (const [ending, minimum, replacement] of ENDINGS) {
    if (singular.length - ending.length >= minimum && singular.endsWith(ending)) {
      return trimEnd(singular.slice(0, -ending.length) + replacement);
    }
  }
  return trimEnd(singular);
}

/** Ending, letters that must remain before it, what replaces it. The first that fits is taken. */
const ENDINGS: readonly (readonly [string, number, string])[] = [
  ['ization', 3, 'iz'],
  ['isation', 3, 'iz'],
  ['ation', 3, 'at'],
  ['ising', 3, 'iz'],
  ['izing', 3, 'iz'],
  ['ing', 3, ''],
  ['ator', 3, 'at'],
  ['tion', 3, 't'],
  ['sion', 3, 's'],
  ['ised', 3, 'iz'],
  ['ise', 3, 'iz'],
  ['ed', 3, ''],
  ['er', 4, ''],
  ['or', 5, ''],
  ['ly', 4, ''],
  ['ment', 4, ''],
  ['ness', 4, ''],
];

function withoutPlural(word: string): string {
  if (word.endsWith('ies') && word.length > 4) return `${word.slice(0, -3)}y`;
  if (/(ss|x|ch|sh)es$/.test(word)) return word.slice(0, -2);
  return /[^siu]s$/.test(word) ? word.slice(0, -1) : word;
}

/** "limitt" and "limit", "cache" and "cach", "verify" and "verifi" end alike. */
function trimEnd(word: string): string {
  if (word.length < 4) return word;
  const undoubled = /([bdfgmnprt])\1$/.test(word) ? word.slice(0, -1) : word;
  return undoubled.length > 3 ? undoubled.replace(/e$/, '').replace(/[yi]$/, 'i') : undoubled;
}
