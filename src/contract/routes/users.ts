import { OneTimeLink, SessionsEnded } from '../auth.js';
import { base, change, K, type RouteSpec } from '../route-spec.js';
import {
  CreateUser,
  ListUsers,
  PrepareSetup,
  SetupPrepared,
  UpdateUser,
  UserList,
  UserMade,
  UserOnly,
  UserSessions,
} from '../users.js';

const read = { ...base, authModes: K, scopes: ['members:read'], reach: 'instance' } as const;
const write = { ...change, authModes: K, scopes: ['members:write'], reach: 'instance' } as const;
const item = '/api/users/:id';

/** Everybody who has an account on this instance, whatever organization they are in. */
export const userRoutes = {
  listUsers: {
    ...read,
    method: 'GET',
    path: '/api/users',
    summary: 'Everybody with an account here, newest first.',
    query: ListUsers,
    answer: UserList,
  },
  createUser: {
    ...write,
    method: 'POST',
    path: '/api/users',
    summary: 'Make an account, with a password or with a link to choose one.',
    fresh: ['role', 'operator'],
    body: CreateUser,
    status: 201,
    answer: UserMade,
  },
  showUser: { ...read, method: 'GET', path: item, summary: 'One of them.', answer: UserOnly },
  updateUser: {
    ...write,
    method: 'PATCH',
    path: item,
    summary: 'Change the name, disable or enable, make an operator or no operator any more.',
    fresh: ['operatorChanged', 'secondFactor'],
    body: UpdateUser,
    answer: UserOnly,
  },
  deleteUser: {
    ...write,
    method: 'DELETE',
    path: item,
    summary: 'Delete the account and end its sessions. Keys that the person made stay.',
    fresh: true,
    answer: UserOnly,
  },
  makeResetLink: {
    ...write,
    method: 'POST',
    path: `${item}/reset-password`,
    summary: 'A one-time link with which the person chooses a new password.',
    fresh: true,
    answer: OneTimeLink,
  },
  listUserSessions: {
    ...read,
    method: 'GET',
    path: `${item}/sessions`,
    summary: 'Where the person is signed in.',
    answer: UserSessions,
  },
  endUserSessions: {
    ...write,
    method: 'DELETE',
    path: `${item}/sessions`,
    summary: 'Sign the person out everywhere.',
    answer: SessionsEnded,
  },
  prepareSetup: {
    ...write,
    method: 'POST',
    path: '/api/settings/setup',
    summary: 'While nobody has set this instance up: make the first administrator, or a new link that does.',
    body: PrepareSetup,
    answer: SetupPrepared,
  },
} as const satisfies Record<string, RouteSpec>;
