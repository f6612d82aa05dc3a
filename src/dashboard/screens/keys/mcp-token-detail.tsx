import { KeyDetail } from './detail/detail.js';
import { MCP_TOKENS } from './family.js';

export default function Screen() {
  return <KeyDetail family={MCP_TOKENS} />;
}
