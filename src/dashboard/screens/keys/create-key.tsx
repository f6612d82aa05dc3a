import { API_KEYS } from './family.js';
import { CreateKey } from './form/create.js';

export default function Screen() {
  return <CreateKey family={API_KEYS} />;
}
