import type { Audit } from '../audit/audit.js';
import { audited } from '../audit/audited.js';
import { changesOf } from '../audit/changes.js';
import { isKnownScope, SCOPES } from '../contract/scopes.js';
import type { ScopesView, SetScopes } from '../contract/settings.js';
import { GatehouseError } from '../kernel/errors.js';
import type { Actor } from '../kernel/principal.js';
import type { LiveFile } from '../store/live-file.js';
import { FIRST_SETTINGS, type SettingsRecord } from './record.js';

/** The scopes of the apps behind Gatehouse: declared, keys can be given them. */
export class DeclaredScopes {
  readonly #file: LiveFile<SettingsRecord>;
  readonly #audit: Audit;

  constructor(file: LiveFile<SettingsRecord>, audit: Audit) {
    this.#file = file;
    this.#audit = audit;
  }

  /** Whether a granted scope means something: a shipped or declared one, `*`, or `resource:*` of one of their resources. */
  isKnown(scope: string): boolean {
    if (isKnownScope(scope)) return true;
    const resource = scope.endsWith(':*') ? scope.slice(0, -1) : null;
    return this.#declared.some(
      (declared) => declared.scope === scope || (resource !== null && declared.scope.startsWith(resource)),
    );
  }

  show(): ScopesView {
    return { shipped: [...SCOPES], declared: [...this.#declared] };
  }

  /** Keys that hold a scope which is not declared any more keep it: an app may still ask for it. */
  async replace(by: Actor, { declared }: SetScopes): Promise<ScopesView> {
    const seen = new Set<string>(SCOPES);
    for (const [index, { scope }] of declared.entries()) {
      if (seen.has(scope))
        throw new GatehouseError('BAD_REQUEST', `declared[${index}]: ${scope} is shipped, or declared twice.`);
      seen.add(scope);
    }
    const detail = { scopes: declared.map(({ scope }) => scope) };
    const changes = changesOf({ declared: this.#declared }, { declared });
    await audited(this.#audit, by, { action: 'scopes.replace', target: null, detail, changes }, () =>
      this.#file.change((current) => ({ ...(current ?? FIRST_SETTINGS), scopes: declared })),
    );
    return this.show();
  }

  get #declared(): SettingsRecord['scopes'] {
    return this.#file.value?.scopes ?? [];
  }
}
