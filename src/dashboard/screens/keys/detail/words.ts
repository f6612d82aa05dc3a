import en from '../../../words/en/key-detail.js';
import { words } from '../../../words/words.js';

export const td = words('key-detail', en);
