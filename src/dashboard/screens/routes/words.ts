import en from '../../words/en/routes.js';
import { words } from '../../words/words.js';

export const t = words('routes', en);
