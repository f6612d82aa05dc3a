import type { z } from 'zod';
import type { Audit } from '../audit/audit.js';
import type { Clock } from '../kernel/clock.js';
import type { Announce } from '../kernel/happening.js';
import type { Logger } from '../kernel/logger.js';
import type { Seal } from '../seal/instance-key.js';
import { openCollection } from '../store/collection.js';
import type { DataFolder } from '../store/data-folder.js';
import { openStateFile } from '../store/state-file.js';
import type { Mailer } from './mailer.js';
import { PasskeySignIn } from './sessions/passkey-sign-in.js';
import { SessionRecord } from './sessions/record.js';
import { Sessions } from './sessions/sessions.js';
import { SignIn } from './sessions/sign-in.js';
import type { AccessTokens } from './tokens/access-tokens.js';
import { Account } from './users/account.js';
import { announcePeople } from './users/announce.js';
import { FirstRun, SetupState } from './users/first-run.js';
import { FreshProof } from './users/fresh-proof.js';
import { Invites } from './users/invites.js';
import { Passkeys } from './users/passkeys.js';
import { Challenges } from './users/passkeys-challenges.js';
import { PasskeyConfirm } from './users/passkeys-confirm.js';
import { PasskeyProof } from './users/passkeys-proof.js';
import { Passwords } from './users/passwords.js';
import { maySignIn, type OrganizationNames, type People } from './users/people.js';
import { UserRecord } from './users/record.js';
import { Recovery } from './users/recovery.js';
import { SecondFactor } from './users/second-factor.js';
import { Signup, type SignupSettings } from './users/signup.js';
import { Users } from './users/users.js';
import { UsersIndex } from './users/users-index.js';

export interface OpenPeopleOptions {
  readonly folder: DataFolder;
  readonly audit: Audit;
  readonly clock: Clock;
  readonly log: Logger;
  readonly mailer: Mailer;
  readonly publicUrl: string | null;
  readonly organizations: OrganizationNames;
  readonly announce: Announce;
  /** Each is called, last first, when identity closes. */
  readonly closers: (() => Promise<void>)[];
}

/** Opens the files of people and of their sessions. */
export async function openPeople(options: OpenPeopleOptions): Promise<People> {
  const { folder, clock, log, mailer, closers } = options;
  const open = <T extends { readonly id: string }>(name: 'users' | 'sessions', schema: z.ZodType<T>) =>
    openCollection<T>({
      folder,
      file: `.gatehouse/${name}.json`,
      member: name,
      schemaVersion: 1,
      parse: (record) => schema.parse(record),
      clock,
      log,
    });
  const records = await open('users', UserRecord);
  closers.push(() => records.close());
  const index = new UsersIndex(records);
  const sessionRecords = await open('sessions', SessionRecord);
  const sessions = new Sessions({
    records: sessionRecords,
    users: index,
    maySignIn: (user) => maySignIn(user, mailer),
    clock,
    log,
  });
  closers.push(() => sessions.close());
  await sessions.purge();
  announcePeople(records, sessionRecords, options.announce);
  return { ...options, records, index, sessions, passwords: new Passwords() };
}

/** What people do here, room by room. */
export interface PeopleRooms {
  readonly firstRun: FirstRun;
  readonly signIn: SignIn;
  readonly signup: Signup;
  readonly invites: Invites;
  readonly recovery: Recovery;
  readonly account: Account;
  readonly secondFactor: SecondFactor;
  readonly freshProof: FreshProof;
  readonly passkeys: Passkeys;
  readonly passkeySignIn: PasskeySignIn;
  readonly passkeyConfirm: PasskeyConfirm;
  readonly users: Users;
}

export async function openPeopleRooms(
  people: People,
  {
    folder,
    seal,
    accessTokens,
    settings,
  }: {
    readonly folder: DataFolder;
    readonly seal: Seal;
    readonly accessTokens: AccessTokens;
    readonly settings: SignupSettings;
  },
): Promise<PeopleRooms> {
  const setup = await openStateFile<SetupState>({
    folder,
    file: '.gatehouse/setup.json',
    parse: (value) => SetupState.parse(value),
    initial: () => ({ completedAt: null, link: null }),
    log: people.log,
  });
  const secondFactor = new SecondFactor(people, seal);
  const signIn = new SignIn(people, secondFactor, accessTokens);
  const challenges = new Challenges();
  const proof = new PasskeyProof(people, challenges);
  const passkeyConfirm = new PasskeyConfirm(people, challenges, proof);
  const recovery = new Recovery(people);
  return {
    firstRun: new FirstRun(people, signIn, setup),
    signIn,
    signup: new Signup(people, settings),
    invites: new Invites(people, signIn, settings),
    recovery,
    account: new Account(people),
    secondFactor,
    freshProof: new FreshProof(people, secondFactor, passkeyConfirm),
    passkeys: new Passkeys(people, challenges),
    passkeyConfirm,
    passkeySignIn: new PasskeySignIn(people, signIn, challenges, proof),
    users: new Users(people, recovery),
  };
}
