import en from '../../words/en/overview.js';
import { words } from '../../words/words.js';

export const t = words('overview', en);
