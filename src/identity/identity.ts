import { randomBytes } from 'node:crypto';
import type { Audit } from '../audit/audit.js';
import type { CredentialUser } from '../contract/credentials.js';
import type { Environment, RateLimit } from '../contract/fields.js';
import type { Clock } from '../kernel/clock.js';
import type { Announce } from '../kernel/happening.js';
import { describeError, type Logger } from '../kernel/logger.js';
import { type Bounds, LOCAL, type Principal } from '../kernel/principal.js';
import type { Resealed, Seal } from '../seal/instance-key.js';
import { openCollection } from '../store/collection.js';
import type { DataFolder } from '../store/data-folder.js';
import type { CredentialNames, KnownScopes } from './keys/bounds-of-record.js';
import { EnvKeys } from './keys/env-keys.js';
import { apiKeys, MCP_TOKENS, SERVICE_KEYS } from './keys/family.js';
import { announceKeys, KeyIndex } from './keys/key-index.js';
import { Keys } from './keys/keys.js';
import { KeyRecord, SCHEMA_VERSION } from './keys/record.js';
import { type KeySurvey, surveyKeys } from './keys/survey.js';
import type { LastUses } from './keys/view.js';
import type { Mailer } from './mailer.js';
import { Names, type NamesOptions } from './names.js';
import { openPeople, openPeopleRooms, type PeopleRooms } from './open-people.js';
import type { Directory } from './organizations/directory.js';
import { Invitations } from './organizations/invitations.js';
import { Members } from './organizations/members.js';
import { type OrganizationFolders, Organizations } from './organizations/organizations.js';
import type { Sessions } from './sessions/sessions.js';
import { AccessTokens, type Holders } from './tokens/access-tokens.js';
import { Assertions } from './tokens/assertions.js';
import { SigningKeyRecord, SigningKeys } from './tokens/signing-keys.js';
import { type Audiences, Tokens } from './tokens/tokens.js';
import { maySignIn } from './users/people.js';
import type { SignupSettings } from './users/signup.js';
import { memberPrincipal } from './users/user-principal.js';

export interface IdentityOptions {
  readonly folder: DataFolder;
  readonly seal: Seal;
  readonly audit: Audit;
  readonly clock: Clock;
  readonly log: Logger;
  readonly uses: LastUses & { forget(secrets: Iterable<string>): void };
  /** Whether one more request of this key would be over its limit; nothing is counted by asking. */
  readonly isSpent: (keyId: string, own: RateLimit | null) => boolean;
  readonly credentials: CredentialNames & NamesOptions['credentials'];
  readonly prompts: NamesOptions['prompts'];
  /** Which organizations there are; opened before everything that belongs to one. */
  readonly directory: Directory;
  readonly folders: OrganizationFolders;
  readonly mailer: Mailer;
  readonly knownScopes: KnownScopes;
  /** Settings, as `Config` has them. */
  readonly settings: SignupSettings & {
    readonly publicUrl: string | null;
    readonly adminKey: string | null;
    readonly clientKeys: readonly string[];
    readonly clientScopes: readonly string[];
    readonly environment: Environment | null;
    readonly keyPrefix: string;
    readonly rateLimit: RateLimit | null;
  };
  /** `iss` of tokens: never taken from a request. */
  readonly issuer: string;
  readonly audiences: Audiences;
  readonly announce: Announce;
}

/** The rooms of identity that doors see. */
export interface IdentityRooms extends PeopleRooms {
  readonly keys: Keys;
  readonly serviceKeys: Keys;
  readonly mcpTokens: Keys;
  readonly signingKeys: SigningKeys;
  readonly tokens: Tokens;
  /** Signed statements about callers, for the apps behind us. */
  readonly assertions: Assertions;
  readonly organizations: Organizations;
  readonly members: Members;
  readonly invitations: Invitations;
  readonly names: Names;
}

/** Everybody who may come in, and how they prove it. */
export interface Identity {
  readonly rooms: IdentityRooms;
  readonly index: KeyIndex;
  readonly envKeys: EnvKeys;
  readonly accessTokens: AccessTokens;
  readonly sessions: Sessions;
  /** Who a principal's id names now, for work that goes on without them; `null`: nobody who may act there any more. */
  principalOf(id: string, organizationId: string): Principal | null;
  /** Keys that are bound to a credential by name; those that may use all of their organization's are not listed. */
  keysBoundTo(credentialId: string): CredentialUser[];
  /** How many keys reach this workspace and no other. */
  keysOnlyFor(workspaceId: string): number;
  /** What identity keeps under the instance key, sealed anew under the one that seals now. */
  readonly resealers: readonly (() => Promise<Resealed>)[];
  /** The keys that work now, in numbers. @param only - of one organization; `null`: all that the asker may list */
  surveyKeys(by: Bounds, only: string | null): KeySurvey;
  /** Accounts, in whatever state. */
  readonly userCount: number;
  /** Takes out what has ended by itself: sessions, invites, old tombstones. Never rejects. */
  purge(): Promise<void>;
  /** Why keys cannot be changed now, or `null`. */
  readonly fault: string | null;
  close(): Promise<void>;
}

/** @throws GatehouseError `STORE_UNAVAILABLE` when one of its files is damaged: names file and remedy */
export async function openIdentity(options: IdentityOptions): Promise<Identity> {
  const { folder, seal, audit, clock, log, settings, directory, announce } = options;
  const { environment } = settings;
  const records = await openCollection<KeyRecord>({
    folder,
    file: 'api-keys.json',
    member: 'keys',
    schemaVersion: SCHEMA_VERSION,
    parse: (record) => KeyRecord.parse(record),
    clock,
    log,
  });
  const closers: (() => Promise<void>)[] = [() => records.close()];
  const closeAll = async () => {
    for (const close of closers.reverse()) await close();
  };
  try {
    const signingRecords = await openCollection<SigningKeyRecord>({
      folder,
      file: '.gatehouse/signing-keys.json',
      member: 'keys',
      schemaVersion: 1,
      parse: (record) => SigningKeyRecord.parse(record),
      clock,
      log,
    });
    closers.push(() => signingRecords.close());
    const people = await openPeople({
      folder,
      audit,
      clock,
      log,
      mailer: options.mailer,
      publicUrl: settings.publicUrl,
      organizations: directory,
      announce,
      closers,
    });

    const index = new KeyIndex(records, settings.keyPrefix);
    announceKeys(records, announce);
    const envKeys = new EnvKeys({
      ...settings,
      // While the vault is locked the gate goes on: fingerprints then differ until it is open again.
      fingerprintKey: seal.locked === null ? seal.derive('env-key-fingerprint') : randomBytes(32),
    });
    const shared = {
      records,
      index,
      envKeys,
      audit,
      uses: options.uses,
      credentials: options.credentials,
      knownScopes: options.knownScopes,
      isSpent: options.isSpent,
      brand: settings.keyPrefix,
      defaultLimit: settings.rateLimit,
      environment,
      defaultEnvironment: environment ?? 'development',
      limits: directory,
      clock,
    } as const;
    const signingKeys = new SigningKeys(signingRecords, seal, clock);
    const holders: Holders = {
      holderOf: (subject, secretCreatedAt) =>
        index.holderOf(subject, secretCreatedAt) ?? envKeys.holderOf(subject, index),
      secretCreatedAt: (subject, secret) => index.secretCreatedAt(subject, secret),
      userOf: (sessionId, userId) => people.sessions.principalOf(sessionId, userId),
    };
    const { issuer, audiences } = options;
    const accessTokens = new AccessTokens({ signingKeys, holders, issuer, clock });
    const rooms: IdentityRooms = {
      ...(await openPeopleRooms(people, { folder, seal, accessTokens, settings })),
      keys: new Keys({ ...shared, family: apiKeys(settings.clientScopes) }),
      serviceKeys: new Keys({ ...shared, family: SERVICE_KEYS }),
      mcpTokens: new Keys({ ...shared, family: MCP_TOKENS }),
      signingKeys,
      tokens: new Tokens({ accessTokens, signingKeys, holders, audit, audiences }),
      assertions: new Assertions({
        signingKeys,
        issuer,
        signsFor: (host) => audiences.signsFor(host),
        clock,
        log,
      }),
      organizations: new Organizations({
        directory,
        users: people.records,
        keys: records,
        folders: options.folders,
        audit,
        clock,
      }),
      members: new Members({ users: people.records, audit }),
      invitations: new Invitations({ ...people, users: people.records, directory }),
      names: new Names({ ...options, keys: index, users: people.index, organizations: directory }),
    };
    return {
      rooms,
      index,
      envKeys,
      accessTokens,
      sessions: people.sessions,
      principalOf(id, organizationId) {
        if (id === LOCAL.id) return LOCAL;
        const env = envKeys.holderOf(id, index);
        if (env !== undefined) return env.principal;
        const user = people.index.get(id);
        if (user !== undefined) return maySignIn(user, options.mailer) ? memberPrincipal(user, organizationId) : null;
        const key = index.liveById(id, clock.nowMs());
        return key?.organizationId === organizationId ? key : null;
      },
      keysBoundTo: (credentialId) =>
        [...records.values()].flatMap(({ id, name, revokedAt, credentialIds }) =>
          revokedAt === null && credentialIds?.includes(credentialId) ? [{ kind: 'key', id, name }] : [],
        ),
      surveyKeys: (by, only) => surveyKeys(records, options.uses, by, only, clock.nowMs()),
      get userCount() {
        return people.records.size;
      },
      keysOnlyFor: (workspaceId) =>
        [...records.values()].filter(
          ({ revokedAt, workspaceIds }) =>
            revokedAt === null && workspaceIds?.length === 1 && workspaceIds[0] === workspaceId,
        ).length,
      resealers: [() => signingKeys.renewSeals(), () => rooms.secondFactor.renewSeals()],
      async purge() {
        await people.sessions.purge();
        const warn = (what: string) => (error: unknown) => log.warn(`${what} were not purged`, describeError(error));
        await rooms.invitations.purge().catch(warn('invites that are over'));
        await rooms.keys.purge().then((gone) => options.uses.forget(gone), warn('old tombstones'));
      },
      get fault() {
        return records.fault ?? people.records.fault ?? people.sessions.fault ?? directory.records.fault;
      },
      close: closeAll,
    };
  } catch (error) {
    await closeAll();
    throw error;
  }
}
