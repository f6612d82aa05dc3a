import en from '../../words/en/account.js';
import { words } from '../../words/words.js';

export const t = words('account', en);
