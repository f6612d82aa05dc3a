import type { Gatehouse } from '../../gatehouse.js';
import type { Handlers } from '../handler.js';

export function askHandlers({ ask }: Gatehouse): Pick<Handlers, 'ask'> {
  return { ask: ({ caller, body }) => ask.ask(caller.bounds, body) };
}
