import type { Gatehouse } from '../../gatehouse.js';
import type { Handlers } from '../handler.js';

export function systemHandlers({ system }: Gatehouse): Pick<Handlers, 'showSystem' | 'listLog'> {
  return {
    showSystem: ({ caller }) => system.show(caller.bounds),
    listLog: ({ query }) => ({ data: system.log(query) }),
  };
}
