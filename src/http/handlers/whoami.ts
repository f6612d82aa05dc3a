import type { Gatehouse } from '../../gatehouse.js';
import { toIso } from '../../kernel/clock.js';
import type { Handlers } from '../handler.js';

export function whoamiHandlers({ account, freshProof }: Gatehouse): Pick<Handlers, 'whoami'> {
  return {
    whoami({ caller }) {
      const { person } = caller.principal;
      // This route is about the caller alone: it says where they would act, and refuses nobody who could act in several.
      const only = person?.memberships.size === 1 ? [...person.memberships.values()][0] : undefined;
      const principal = caller.principal.organizationId === null ? (only ?? caller.principal) : caller.principal;
      const freshUntilMs = freshProof.freshUntilMs(caller.principal);
      const { kind, id, organizationId, scopes, role, keyId, environment } = principal;
      return {
        principal: {
          kind,
          id,
          organizationId,
          scopes: [...scopes],
          ...(role === null ? {} : { role }),
          ...(keyId === null ? {} : { keyId }),
          ...(environment === null ? {} : { environment }),
          ...(freshUntilMs === null ? {} : { freshUntil: toIso(freshUntilMs) }),
          ...(person === null ? {} : { organizations: account.show(caller).memberships }),
        },
      };
    },
  };
}
