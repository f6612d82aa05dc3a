import { API_KEYS } from './family.js';
import { KeyList } from './list/list.js';

export default function Screen() {
  return <KeyList family={API_KEYS} />;
}
