import en from '../../words/en/people.js';
import { words } from '../../words/words.js';

export const t = words('people', en);
