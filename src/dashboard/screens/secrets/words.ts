import en from '../../words/en/secrets.js';
import { words } from '../../words/words.js';

export const t = words('secrets', en);
