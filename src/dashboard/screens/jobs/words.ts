import en from '../../words/en/jobs.js';
import { words } from '../../words/words.js';

export const t = words('jobs', en);
