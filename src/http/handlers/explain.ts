import type { Gatehouse } from '../../gatehouse.js';
import type { Handlers } from '../handler.js';

export function explainHandlers({ explainer }: Gatehouse): Pick<Handlers, 'explain'> {
  return { explain: ({ caller, body }) => explainer.explain(caller.bounds, body) };
}
