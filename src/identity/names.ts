import type { ListNames, NameList } from '../contract/names.js';
import { type Bounds, knowsOf } from '../kernel/principal.js';
import { holdsScope } from '../kernel/scopes.js';
import type { KeyIndex } from './keys/key-index.js';
import { roleIn } from './organizations/standing.js';
import type { UserRecord } from './users/record.js';

export interface NamesOptions {
  readonly keys: Pick<KeyIndex, 'named'>;
  readonly users: { get(id: string): UserRecord | undefined };
  readonly organizations: { nameOf(id: string): string | null };
  readonly credentials: { nameOf(id: string): string | null };
  readonly prompts: { named(id: string): { readonly organizationId: string; readonly name: string } | undefined };
}

/** What stands behind the ids of lists, told to those who could read it in a list of its own. */
export class Names {
  readonly #o: NamesOptions;

  constructor(options: NamesOptions) {
    this.#o = options;
  }

  /** @throws GatehouseError `FORBIDDEN` for a foreign and an unknown organization alike */
  list(by: Bounds, query: ListNames): NameList {
    const { organizationId } = by.require({ organizationId: query.organizationId });
    const names = query.ids.flatMap((id) => {
      const name = this.#nameOf(by, organizationId, id);
      return name === null || name === '' ? [] : [[id, name] as const];
    });
    return { names: Object.fromEntries(names) };
  }

  #nameOf(by: Bounds, organizationId: string, id: string): string | null {
    const { operator, id: self, scopes } = by.principal;
    const may = (scope: string) => holdsScope(scopes, scope);
    if (id.startsWith('key_')) {
      const key = this.#o.keys.named(id);
      return key !== undefined && (may('keys:read') || id === self) && knowsOf(by.principal, key) ? key.name : null;
    }
    if (id.startsWith('usr_')) {
      const user = this.#o.users.get(id);
      if (user === undefined) return null;
      const isColleague = may('members:read') && roleIn(user, organizationId) !== null;
      return operator || id === self || isColleague ? user.name || user.email : null;
    }
    if (id.startsWith('org_')) return operator || id === organizationId ? this.#o.organizations.nameOf(id) : null;
    if (id.startsWith('cred_'))
      return may('secrets:read') && by.seesCredential(id) ? this.#o.credentials.nameOf(id) : null;
    if (id.startsWith('prm_')) {
      const prompt = this.#o.prompts.named(id);
      const isTheirs = operator || prompt?.organizationId === organizationId;
      return prompt !== undefined && isTheirs && may('agents:read') ? prompt.name : null;
    }
    return null;
  }
}
