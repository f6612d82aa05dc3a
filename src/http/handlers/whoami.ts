import type { Handlers } from '../handler.js';

export const whoamiHandlers: Pick<Handlers, 'whoami'> = {
  whoami({ caller: { principal } }) {
    const { kind, id, organizationId, scopes, keyId, environment } = principal;
    return {
      principal: {
        kind,
        id,
        organizationId,
        scopes: [...scopes],
        ...(keyId === null ? {} : { keyId }),
        ...(environment === null ? {} : { environment }),
      },
    };
  },
};
