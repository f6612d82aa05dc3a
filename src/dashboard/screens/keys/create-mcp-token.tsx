import { MCP_TOKENS } from './family.js';
import { CreateKey } from './form/create.js';

export default function Screen() {
  return <CreateKey family={MCP_TOKENS} />;
}
