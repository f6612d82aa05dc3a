import formEn from '../../words/en/key-form.js';
import onceEn from '../../words/en/key-once.js';
import en from '../../words/en/keys.js';
import { words } from '../../words/words.js';

export const t = words('keys', en);
/** Of the page that makes or changes one. */
export const tf = words('key-form', formEn);
/** Of the page that shows a token once. */
export const to = words('key-once', onceEn);
