import en from '../../words/en/network.js';
import { words } from '../../words/words.js';

export const t = words('network', en);
