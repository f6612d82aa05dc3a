import en from '../../words/en/prompts.js';
import { words } from '../../words/words.js';

export const t = words('prompts', en);
