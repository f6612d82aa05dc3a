import { MCP_TOKENS } from './family.js';
import { KeyList } from './list/list.js';

export default function Screen() {
  return <KeyList family={MCP_TOKENS} />;
}
