import type { CredentialStore } from '../credential-store.js';
import type { CredentialTypes } from '../credential-types/catalogue.js';
import { baseUrlOf } from '../credential-types/hosts.js';
import type { ProxiedCredentials } from './proxy.js';

/** What the store tells of a credential without opening it; a damaged line is none. */
export function describeFrom(store: CredentialStore, types: CredentialTypes): ProxiedCredentials['describe'] {
  return (workspaceId, idOrName) => {
    const id = store.find(workspaceId, idOrName);
    const record = id === null ? null : store.get(id);
    const type = record === null ? undefined : types.get(record.type);
    if (record === null || type === undefined) return null;
    const { id: found, name, fields, readOnly, rateLimit } = record;
    return { id: found, name, workspaceId, type, baseUrl: baseUrlOf(type, fields), fields, readOnly, rateLimit };
  };
}
