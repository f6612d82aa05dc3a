import en from '../../words/en/ask.js';
import { words } from '../../words/words.js';

export const t = words('ask', en);
