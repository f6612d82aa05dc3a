import { stem } from './stem.js';

/** Words that carry a question, not its subject. Dropped from questions. */
export const QUESTION_WORDS = new Set(
  `a about after all also am an and another any anyone are as at be because been being between both but by can could
  describe did do does doing done each either else exactly explain find for from get gets give given go goes got had
  has have having here how i if in into is it its itself just know let like list look made make makes many may me mean
  means might more most much must my need needs no not now of off on one only or other our out over own please s say see
  should show so some something such t take tell than that the their them then there these they thing things this those
  through to too under until up upon us use used uses using very want was way we well were what whats when where whether
  which while who whom whose why will with within without would you your`.split(/\s+/),
);

/**
 * Words that are about code in general. They help a little next to better ones and mean nothing alone:
 * a question made only of these asks for an overview.
 */
export const GENERAL_WORDS = new Set(
  `app application base class code codebase file files folder function functions implementation implement implemented
  implements line lines logic method methods module modules overview package place program project purpose repo
  repository software source structure summary system work working works workspace happen happens handle handled handles
  defined define located main part parts set start started architecture organized organised`.split(/\s+/),
);

/** Words that code spells in more than one way; a question's word also asks for its neighbours, for less. */
const NEIGHBOURS = [
  'auth authentication authenticate authorization authorize login signin credential',
  'config configuration configure settings options preferences',
  'db database storage store persistence persist repository',
  'error exception failure fail',
  'err error',
  'msg message',
  'req request',
  'res resp response reply',
  'delete remove destroy drop erase',
  'create add insert new make register',
  'fetch get load read retrieve',
  'save write store persist',
  'send deliver dispatch emit notify mail email',
  'limit limiter throttle quota',
  'fee fine charge penalty',
  'compute calculate calc',
  'check validate verify validation',
  'parse parser parsing decode deserialize',
  'serialize stringify encode format',
  'start launch boot init initialize setup',
  'stop shutdown close terminate dispose',
  'retry attempt backoff',
  'schedule cron timer interval periodic',
  'test spec fixture',
  'user account member',
  'directory folder dir',
  'docs documentation document',
  'env environment',
  'async asynchronous promise await',
  'param parameter argument arg',
  'concurrent concurrency parallel',
  'lock mutex semaphore',
  'queue job task worker',
  'url uri link',
  'route router endpoint path',
  'log logger logging',
  'cache memoize',
  'compare equal equality diff',
  'merge combine join',
  'convert transform cast coerce',
];

/** Stems of words that mean about the same as `stemmed`. */
export function neighboursOf(stemmed: string): readonly string[] {
  return neighbourTable.get(stemmed) ?? [];
}

const neighbourTable = new Map<string, string[]>();
for (const group of NEIGHBOURS) {
  const stems = [...new Set(group.split(' ').map(stem))];
  for (const word of stems) {
    neighbourTable.set(word, [...(neighbourTable.get(word) ?? []), ...stems.filter((other) => other !== word)]);
  }
}
