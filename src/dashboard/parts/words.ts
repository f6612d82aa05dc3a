import en from '../words/en/parts.js';
import { words } from '../words/words.js';

export const t = words('parts', en);
