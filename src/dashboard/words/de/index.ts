import account from './account.js';
import entrance from './entrance.js';
import explain from './explain.js';
import keyDetail from './key-detail.js';
import keyForm from './key-form.js';
import keyOnce from './key-once.js';
import keys from './keys.js';
import parts from './parts.js';
import people from './people.js';
import roles from './roles.js';
import shell from './shell.js';
import usage from './usage.js';

/** German, whole: every file of `words/en` has its like here. */
export const de: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  account,
  entrance,
  explain,
  'key-detail': keyDetail,
  'key-form': keyForm,
  'key-once': keyOnce,
  keys,
  parts,
  people,
  roles,
  shell,
  usage,
};
