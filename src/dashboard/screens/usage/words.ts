import en from '../../words/en/usage.js';
import { words } from '../../words/words.js';

export const t = words('usage', en);
