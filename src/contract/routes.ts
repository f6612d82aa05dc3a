import type { z } from 'zod';
import { Ask, AskAnswer } from './ask.js';
import { AuditList, AuditVerification, ListAudit } from './audit.js';
import { Page } from './fields.js';
import { Health } from './health.js';
import {
  AdoptEnvKey,
  CreateKey,
  EnvKeyList,
  KeyList,
  KeyOnly,
  KeyWithToken,
  ListKeys,
  RevokeKey,
  RotateKey,
  UpdateKey,
  VerifyAnswer,
  VerifyKey,
} from './keys.js';
import { Whoami } from './whoami.js';
import { ListWorkspaces, WorkspaceList, WorkspaceOnly } from './workspaces.js';

/** Which kinds of caller a route accepts (DESIGN §4: the mode follows the principal). */
export const AUTH_MODES = ['public', 'jwt', 'api_key', 'service_role', 'mcp'] as const;
export type AuthMode = (typeof AUTH_MODES)[number];

/** One row of the table that guard policies, handlers, docs and the access-matrix test derive from. */
export interface RouteSpec {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** Segments that start with `:` are parameters. */
  readonly path: string;
  readonly summary: string;
  readonly authModes: readonly AuthMode[];
  /** All are needed. */
  readonly scopes: readonly string[];
  /** Whether a call counts against `API_RATE_LIMIT` or the key's own limit. */
  readonly counted: boolean;
  /** Whether an answered call leaves a line in the audit log. */
  readonly audited: boolean;
  /** `instance`: for operators only. `none`: belongs to no organization. */
  readonly reach: 'organization' | 'instance' | 'none';
  /** Health checks answer any address at any rate. */
  readonly health?: true;
  readonly query?: z.ZodType;
  readonly body?: z.ZodType;
  /** Whether the body may be left out, which then reads as `{}`. */
  readonly bodyOptional?: true;
  readonly bodyLimitBytes?: number;
  readonly status: 200 | 201;
  readonly answer: z.ZodType;
}

const K = ['jwt', 'api_key', 'service_role'] as const;
const ANYONE = ['jwt', 'api_key', 'service_role', 'mcp'] as const;

const base = { scopes: [], counted: true, audited: false, reach: 'organization', status: 200 } as const;
const change = { ...base, audited: true, bodyLimitBytes: 65_536 } as const;
const health = { ...base, authModes: ['public'], counted: false, reach: 'none', health: true, answer: Health } as const;

export const ROUTES = {
  healthz: { ...health, method: 'GET', path: '/healthz', summary: 'The process runs.' },
  readyz: { ...health, method: 'GET', path: '/readyz', summary: 'Requests can be decided and changes saved.' },
  whoami: {
    ...base,
    method: 'GET',
    path: '/api/auth/whoami',
    summary: 'Who the presented credential is.',
    authModes: ANYONE,
    reach: 'none',
    answer: Whoami,
  },

  listKeys: {
    ...base,
    method: 'GET',
    path: '/api/keys',
    summary: 'List API keys, newest first.',
    authModes: K,
    scopes: ['keys:read'],
    query: ListKeys,
    answer: KeyList,
  },
  createKey: {
    ...change,
    method: 'POST',
    path: '/api/keys',
    summary: 'Make an API key. The token is in this answer and nowhere else.',
    authModes: K,
    scopes: ['keys:write'],
    body: CreateKey,
    status: 201,
    answer: KeyWithToken,
  },
  verifyKey: {
    ...base,
    method: 'POST',
    path: '/api/keys/verify',
    summary: 'Say whether a token is valid and, if not, why. Counts for nobody.',
    authModes: K,
    scopes: ['keys:read'],
    counted: false,
    body: VerifyKey,
    bodyLimitBytes: 65_536,
    answer: VerifyAnswer,
  },
  showKey: {
    ...base,
    method: 'GET',
    path: '/api/keys/:id',
    summary: 'One API key.',
    authModes: K,
    scopes: ['keys:read'],
    answer: KeyOnly,
  },
  updateKey: {
    ...change,
    method: 'PATCH',
    path: '/api/keys/:id',
    summary: 'Change the name, note or bounds of a key, or end its rotation grace now.',
    authModes: K,
    scopes: ['keys:write'],
    body: UpdateKey,
    answer: KeyOnly,
  },
  rotateKey: {
    ...change,
    method: 'POST',
    path: '/api/keys/:id/rotate',
    summary: 'Give a key a new secret; the old one works through the grace.',
    authModes: K,
    scopes: ['keys:write'],
    body: RotateKey,
    bodyOptional: true,
    answer: KeyWithToken,
  },
  revokeKey: {
    ...change,
    method: 'POST',
    path: '/api/keys/:id/revoke',
    summary: 'End a key now.',
    authModes: K,
    scopes: ['keys:write'],
    body: RevokeKey,
    bodyOptional: true,
    answer: KeyOnly,
  },
  deleteKey: {
    ...change,
    method: 'DELETE',
    path: '/api/keys/:id',
    summary: 'The same as revoke.',
    authModes: K,
    scopes: ['keys:write'],
    answer: KeyOnly,
  },
  listEnvKeys: {
    ...base,
    method: 'GET',
    path: '/api/env-keys',
    summary: 'Keys that the environment configures, by fingerprint.',
    authModes: K,
    scopes: ['keys:read'],
    reach: 'instance',
    query: Page,
    answer: EnvKeyList,
  },
  adoptEnvKey: {
    ...change,
    method: 'POST',
    path: '/api/env-keys/:fingerprint/adopt',
    summary: 'Take an environment key into api-keys.json with the same value.',
    authModes: K,
    scopes: ['keys:write'],
    reach: 'instance',
    body: AdoptEnvKey,
    status: 201,
    answer: KeyOnly,
  },

  listWorkspaces: {
    ...base,
    method: 'GET',
    path: '/api/workspaces',
    summary: 'The workspaces this caller may see, and how far their indexes are.',
    authModes: K,
    scopes: ['projects:read'],
    query: ListWorkspaces,
    answer: WorkspaceList,
  },
  showWorkspace: {
    ...base,
    method: 'GET',
    path: '/api/workspaces/:workspaceId',
    summary: 'One workspace.',
    authModes: K,
    scopes: ['projects:read'],
    answer: WorkspaceOnly,
  },
  ask: {
    ...base,
    method: 'POST',
    path: '/api/ask',
    summary: 'Ask a question about the files of a workspace.',
    authModes: K,
    scopes: ['ask:run'],
    body: Ask,
    bodyLimitBytes: 262_144,
    answer: AskAnswer,
  },

  listAudit: {
    ...base,
    method: 'GET',
    path: '/api/audit',
    summary: 'The audit log, newest first.',
    authModes: K,
    scopes: ['audit:read'],
    reach: 'instance',
    query: ListAudit,
    answer: AuditList,
  },
  verifyAudit: {
    ...base,
    method: 'GET',
    path: '/api/audit/verify',
    summary: 'Walk the whole audit chain and say where it breaks, if it does.',
    authModes: K,
    scopes: ['audit:read'],
    reach: 'instance',
    answer: AuditVerification,
  },
} as const satisfies Record<string, RouteSpec>;

export type RouteId = keyof typeof ROUTES;
