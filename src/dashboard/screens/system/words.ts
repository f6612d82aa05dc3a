import en from '../../words/en/system.js';
import { words } from '../../words/words.js';

export const t = words('system', en);
