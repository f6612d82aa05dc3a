import { KeyDetail } from './detail/detail.js';
import { API_KEYS } from './family.js';

export default function Screen() {
  return <KeyDetail family={API_KEYS} />;
}
