import en from '../../words/en/welcome.js';
import { words } from '../../words/words.js';

export const t = words('welcome', en);
