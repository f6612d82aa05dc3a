import type { AuthOptions } from '../../contract/auth.js';
import { callOpen } from '../api/call.js';

let asked: Promise<AuthOptions> | null = null;

/** What can be offered here, asked once for the whole page. */
export function askOptions(): Promise<AuthOptions> {
  asked ??= callOpen('authOptions');
  return asked;
}
