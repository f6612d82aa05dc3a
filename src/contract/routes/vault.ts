import {
  CreateCredential,
  CredentialList,
  CredentialOnly,
  CredentialSaved,
  CredentialShown,
  CredentialTested,
  CredentialTypeList,
  DeleteCredential,
  ListCredentials,
  ListCredentialTypes,
  ReplaceCredential,
  UpdateCredential,
} from '../credentials.js';
import { base, change, K, type RouteSpec } from '../route-spec.js';
import { AddOldSecretKey, RotateSecretKey, SecretKeyChanged, SecretKeys, StartOver } from '../secret-keys.js';
import { ListValues, SecretList, SecretOnly, SetSecret, SetVariable, VariableList, VariableOnly } from '../secrets.js';

const WORKSPACE = '/api/workspaces/:workspaceId';
const CREDENTIAL = `${WORKSPACE}/credentials/:credential`;
const readSecrets = { ...base, authModes: K, scopes: ['secrets:read'] } as const;
const writeSecrets = { ...change, authModes: K, scopes: ['secrets:write'] } as const;
const readProjects = { ...base, authModes: K, scopes: ['projects:read'] } as const;
const writeProjects = { ...change, authModes: K, scopes: ['projects:write'] } as const;
const operate = { ...change, authModes: K, scopes: ['settings:write'], reach: 'instance', fresh: true } as const;

/** What our side sends to others: credentials, secrets, variables, and the keys they are sealed under. */
export const vaultRoutes = {
  listCredentialTypes: {
    ...readSecrets,
    method: 'GET',
    path: '/api/credential-types',
    summary: 'The types of credentials, with their fields.',
    query: ListCredentialTypes,
    answer: CredentialTypeList,
  },
  listCredentials: {
    ...readSecrets,
    method: 'GET',
    path: `${WORKSPACE}/credentials`,
    summary: 'Credentials of a workspace, by name; never their secrets.',
    query: ListCredentials,
    answer: CredentialList,
  },
  createCredential: {
    ...writeSecrets,
    method: 'POST',
    path: `${WORKSPACE}/credentials`,
    summary: 'Keep a credential. Its secret fields never come back.',
    fresh: true,
    body: CreateCredential,
    bodyLimitBytes: 262_144,
    status: 201,
    answer: CredentialSaved,
  },
  showCredential: {
    ...readSecrets,
    method: 'GET',
    path: CREDENTIAL,
    summary: 'One of them, by id or name, and who uses it.',
    answer: CredentialShown,
  },
  replaceCredential: {
    ...writeSecrets,
    method: 'PUT',
    path: CREDENTIAL,
    summary: 'Give all its fields anew, every secret included.',
    fresh: true,
    body: ReplaceCredential,
    bodyLimitBytes: 262_144,
    answer: CredentialSaved,
  },
  updateCredential: {
    ...writeSecrets,
    method: 'PATCH',
    path: CREDENTIAL,
    summary: 'Change its name or note.',
    fresh: true,
    body: UpdateCredential,
    answer: CredentialOnly,
  },
  deleteCredential: {
    ...writeSecrets,
    method: 'DELETE',
    path: CREDENTIAL,
    summary: 'Forget it; refused while something uses it, unless forced.',
    fresh: true,
    query: DeleteCredential,
    answer: CredentialOnly,
  },
  testCredential: {
    ...writeSecrets,
    method: 'POST',
    path: `${CREDENTIAL}/test`,
    summary: "Try it on its vendor's cheapest read-only call.",
    answer: CredentialTested,
  },

  listSecrets: {
    ...readSecrets,
    method: 'GET',
    path: `${WORKSPACE}/secrets`,
    summary: 'Secrets of a workspace, by name; never their values.',
    query: ListValues,
    answer: SecretList,
  },
  showSecret: {
    ...readSecrets,
    method: 'GET',
    path: `${WORKSPACE}/secrets/:name`,
    summary: 'One of them.',
    answer: SecretOnly,
  },
  setSecret: {
    ...writeSecrets,
    method: 'PUT',
    path: `${WORKSPACE}/secrets/:name`,
    summary: 'Keep a secret under a name, with the hosts it may be sent to.',
    fresh: true,
    body: SetSecret,
    answer: SecretOnly,
  },
  deleteSecret: {
    ...writeSecrets,
    method: 'DELETE',
    path: `${WORKSPACE}/secrets/:name`,
    summary: 'Forget it.',
    fresh: true,
    answer: SecretOnly,
  },

  listVariables: {
    ...readProjects,
    method: 'GET',
    path: `${WORKSPACE}/variables`,
    summary: 'Variables of a workspace, by name, with their values: they are public.',
    query: ListValues,
    answer: VariableList,
  },
  setVariable: {
    ...writeProjects,
    method: 'PUT',
    path: `${WORKSPACE}/variables/:name`,
    summary: 'Keep a public value under a name.',
    body: SetVariable,
    answer: VariableOnly,
  },
  deleteVariable: {
    ...writeProjects,
    method: 'DELETE',
    path: `${WORKSPACE}/variables/:name`,
    summary: 'Forget it.',
    answer: VariableOnly,
  },

  listSecretKeys: {
    ...base,
    method: 'GET',
    path: '/api/settings/secret-keys',
    summary: 'The keys that values are sealed under, by fingerprint, and which of them are missing.',
    authModes: K,
    scopes: ['settings:read'],
    reach: 'instance',
    answer: SecretKeys,
  },
  rotateSecretKey: {
    ...operate,
    method: 'POST',
    path: '/api/settings/secret-keys/rotate',
    summary: 'Seal everything under another key, or finish where that was interrupted.',
    body: RotateSecretKey,
    answer: SecretKeyChanged,
  },
  addOldSecretKey: {
    ...operate,
    method: 'POST',
    path: '/api/settings/secret-keys/old',
    summary: 'Give a key that values are still sealed under; they are sealed anew.',
    body: AddOldSecretKey,
    answer: SecretKeyChanged,
  },
  startOverSecretKey: {
    ...operate,
    method: 'POST',
    path: '/api/settings/secret-keys/start-over',
    summary: 'Give up a lost instance key: after a restart another one counts, and what it sealed is entered again.',
    body: StartOver,
    answer: SecretKeyChanged,
  },
} as const satisfies Record<string, RouteSpec>;
