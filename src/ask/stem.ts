/**
 * A plain English word without its ending, so that "calculated", "calculates" and "calculation" meet.
 * Light on purpose: it only has to treat questions and files alike, not to find real roots.
 * @param word - lower case
 */
export function stem(word: string): string {
  const regular = IRREGULAR.get(word);
  if (regular !== undefined) return stem(regular);
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

/** Forms that no ending tells. */
const IRREGULAR = new Map(
  `began:begin begun:begin bound:bind broken:break broke:break built:build caught:catch chose:choose chosen:choose
  children:child chose:choose drawn:draw drew:draw driven:drive fallen:fall fell:fall forbidden:forbid forgot:forget
  forgotten:forget froze:freeze frozen:freeze grew:grow grown:grow held:hold hid:hide hidden:hide indices:index
  matrices:matrix vertices:vertex kept:keep knew:know lost:lose met:meet paid:pay ran:run read:read rewritten:rewrite
  sent:send shown:show shrank:shrink shrunk:shrink slept:sleep sought:seek spent:spend stolen:steal stole:steal
  stuck:stick swept:sweep taught:teach thrown:throw threw:throw torn:tear understood:understand woken:wake woke:wake
  withdrawn:withdraw written:write wrote:write analyses:analyse`
    .split(/\s+/)
    .map((pair) => pair.split(':') as [string, string])
    .filter(([form, base]) => form !== base),
);
