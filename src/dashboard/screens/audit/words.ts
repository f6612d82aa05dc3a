import en from '../../words/en/audit.js';
import { words } from '../../words/words.js';

export const t = words('audit', en);
