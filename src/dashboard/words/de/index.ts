import account from './account.js';
import entrance from './entrance.js';
import parts from './parts.js';
import people from './people.js';
import roles from './roles.js';
import shell from './shell.js';

/** German, whole: every file of `words/en` has its like here. */
export const de: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  account,
  entrance,
  parts,
  people,
  roles,
  shell,
};
