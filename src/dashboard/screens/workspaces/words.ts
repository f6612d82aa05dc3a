import en from '../../words/en/workspaces.js';
import { words } from '../../words/words.js';

export const t = words('workspaces', en);
