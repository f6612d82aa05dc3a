import type { Audit } from '../audit/audit.js';
import type { CredentialTypeView, ListCredentialTypes } from '../contract/credentials.js';
import type { PageOf } from '../contract/fields.js';
import type { Egress } from '../egress/egress.js';
import type { Clock } from '../kernel/clock.js';
import { type Announce, UNHEARD } from '../kernel/happening.js';
import type { Logger } from '../kernel/logger.js';
import type { Actor } from '../kernel/principal.js';
import type { InstanceKeys, Resealed, Seal } from '../seal/instance-key.js';
import { type CollectionOptions, openCollection } from '../store/collection.js';
import type { DataFolder } from '../store/data-folder.js';
import { announceChanges } from './announce.js';
import { Source } from './credential-source.js';
import { CredentialStore } from './credential-store.js';
import { openCredentialTypes } from './credential-types/catalogue.js';
import { Credentials, type CredentialUsers } from './credentials.js';
import { resolveName } from './names.js';
import { describeFrom } from './proxy/describe.js';
import { InjectingProxy, type ProxyTarget } from './proxy/proxy.js';
import { parseStored, type Stored } from './record.js';
import { SealedValues } from './sealed-values.js';
import { SecretKeys } from './secret-keys.js';
import { Secrets } from './secrets.js';
import type { CredentialSource } from './source.js';
import { Retests } from './testing/retests.js';
import { Tester } from './testing/tester.js';
import { Trials } from './testing/trials.js';
import { TokenCache } from './token-cache.js';
import { VariableRecord, Variables } from './variables.js';
import { VendorCalls } from './vendor-calls.js';
import { typeViewOf, type Uses } from './view.js';
import { type KeptForWorkspace, keptForWorkspace } from './workspace-belongings.js';
import { WorkspaceKeyRecord, WorkspaceKeys } from './workspace-keys.js';

export type { CredentialSource, OpenedCredential, Opening } from './source.js';

/** What our side sends to others: sealed at rest, opened only at use. */
export interface Vault {
  listTypes(query: ListCredentialTypes): PageOf<CredentialTypeView>;
  readonly credentials: Credentials;
  /** Opens credentials for those who send them. */
  readonly source: CredentialSource;
  readonly tester: Tester;
  readonly trials: Trials;
  /** Uses credentials for callers who never see them. */
  readonly proxy: InjectingProxy;
  readonly secrets: Secrets;
  readonly variables: Variables;
  readonly secretKeys: SecretKeys;
  /** What may be known of a credential without opening it, by id or name; `null`: there is none in this workspace. */
  describe(workspaceId: string, idOrName: string): ProxyTarget | null;
  /** The workspace a credential is in; `null`: there is none. */
  workspaceOf(credentialId: string): string | null;
  /** What a credential is called; `null`: there is none, or its line is damaged. */
  nameOf(credentialId: string): string | null;
  /** What a request calls a credential (id, name, `workspace/name`) as its id. */
  resolve(name: string, workspaceIds: readonly string[] | null): string | null;
  /** Asks vendors small questions for other rooms. */
  readonly vendorCalls: VendorCalls;
  /** What is kept for each workspace, so that it can go with it. */
  readonly belongings: readonly KeptForWorkspace[];
  /** Begins to test every credential once a day as `by`. */
  startRetests(by: Actor): Retests;
  close(): Promise<void>;
}

export interface VaultOptions {
  readonly folder: DataFolder;
  readonly seal: Seal;
  readonly instanceKeys: InstanceKeys;
  /** Of other rooms: what they keep under the instance key, sealed anew. */
  readonly resealers: readonly (() => Promise<Resealed>)[];
  readonly egress: Egress;
  /** `PROXY_DOMAIN`. */
  readonly proxyDomain: string | null;
  readonly audit: Audit;
  readonly uses: Uses;
  readonly usedBy: CredentialUsers;
  readonly organizationOf: (workspaceId: string) => string | null;
  /** Left out: nobody is told. */
  readonly announce?: Announce;
  readonly clock: Clock;
  readonly log: Logger;
}

/** @throws GatehouseError `STORE_UNAVAILABLE` for a file that is there and cannot be read */
export async function openVault(options: VaultOptions): Promise<Vault> {
  const { folder, seal, instanceKeys, egress, proxyDomain, audit, uses, usedBy, organizationOf, clock, log } = options;
  const { announce = UNHEARD } = options;
  const closers: (() => Promise<void>)[] = [];
  const open = async <T extends { readonly id: string }>(
    name: string,
    member: string,
    parse: CollectionOptions<T>['parse'],
  ) => {
    const file = `.gatehouse/${name}.json`;
    const records = await openCollection<T>({ folder, file, member, schemaVersion: 1, parse, clock, log });
    closers.push(() => records.close());
    return records;
  };
  const close = async () => {
    await retests?.stop();
    for (const closer of closers.reverse()) await closer();
  };
  let retests: Retests | undefined;
  try {
    const keyRecords = await open('workspace-keys', 'keys', (value) => WorkspaceKeyRecord.parse(value));
    const stored = await open<Stored>('credentials', 'credentials', parseStored);
    const secretRecords = await open<Stored>('secrets', 'secrets', parseStored);
    const variableRecords = await open('variables', 'variables', (value) => VariableRecord.parse(value));

    announceChanges(stored, 'credential.changed', organizationOf, announce);
    announceChanges(secretRecords, 'secret.changed', organizationOf, announce);
    announceChanges(variableRecords, 'variable.changed', organizationOf, announce);
    const types = openCredentialTypes();
    const keys = new WorkspaceKeys(keyRecords, seal, clock);
    const store = new CredentialStore(stored);
    const secrets = new Secrets({ records: secretRecords, keys, audit, uses, clock });
    const values = new SealedValues({ keys, credentials: store, secrets: secretRecords, readSecret: secrets.read });
    const credentials = new Credentials({ store, types, keys, uses, usedBy, organizationOf, audit, clock });
    const tokens = new TokenCache(clock);
    stored.subscribe((changes) => {
      for (const { id, after } of changes) if (after === undefined) tokens.forget(id);
    });
    const source = new Source({ store, types, keys, tokens, egress, audit, uses, clock });
    const tester = new Tester({ store, types, credentials, source, egress, clock });
    const proxied = { describe: describeFrom(store, types), open: source.open.bind(source) };
    const proxy = new InjectingProxy({ credentials: proxied, egress, domain: proxyDomain });
    const resealers = [() => keys.renewSeals(), ...options.resealers];
    const secretKeys = new SecretKeys({ seal, instanceKeys, keys, values, resealers, audit, log });
    await secretKeys.finishAtStart();
    return {
      listTypes: (query) => ({ data: types.find(query).map(typeViewOf), nextCursor: null }),
      credentials,
      source,
      tester,
      trials: new Trials({ store, types, source, egress, clock }),
      proxy,
      secrets,
      variables: new Variables({ records: variableRecords, audit, clock }),
      secretKeys,
      describe: proxied.describe,
      workspaceOf: (credentialId) => store.workspaceOf(credentialId),
      nameOf: (credentialId) => store.get(credentialId)?.name ?? null,
      resolve: (name, workspaceIds) => resolveName(store, name, workspaceIds),
      vendorCalls: new VendorCalls({ store, types, source, egress }),
      belongings: keptForWorkspace({
        credentials: stored,
        secrets: secretRecords,
        variables: variableRecords,
        keys: keyRecords,
        uses,
      }),
      startRetests(by) {
        retests = new Retests({ store, tester, by, clock, log });
        return retests;
      },
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}
