import { KeyDetail } from './detail/detail.js';
import { SERVICE_KEYS } from './family.js';

export default function Screen() {
  return <KeyDetail family={SERVICE_KEYS} />;
}
