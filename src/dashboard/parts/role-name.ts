import type { Role } from '../../contract/roles.js';
import en from '../words/en/roles.js';
import { words } from '../words/words.js';

const t = words('roles', en);

export const roleName = (role: Role) => t(role);
/** What somebody with this role may do, in a sentence. */
export const roleMeaning = (role: Role) => t(`${role}Means`);
