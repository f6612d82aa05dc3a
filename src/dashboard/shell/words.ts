import en from '../words/en/shell.js';
import { words } from '../words/words.js';

export const t = words('shell', en);
