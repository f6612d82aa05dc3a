import en from '../../words/en/explain.js';
import { words } from '../../words/words.js';

export const t = words('explain', en);
