import en from '../words/en/entrance.js';
import { words } from '../words/words.js';

export const t = words('entrance', en);
