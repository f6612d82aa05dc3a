import * as z from 'zod';
import type { Scope } from './scopes.js';

/** What a user is in one organization, strongest first. `guest`: made by open signup, and by nothing else. */
export const ROLES = ['owner', 'admin', 'member', 'viewer', 'guest'] as const;
export const Role = z.enum(ROLES);
export type Role = z.infer<typeof Role>;

/** Roles that may be given: a guest signs up. */
export const GrantedRole = z.enum(['owner', 'admin', 'member', 'viewer']);
export type GrantedRole = z.infer<typeof GrantedRole>;

const VIEWER: readonly Scope[] = ['projects:read', 'endpoints:read', 'agents:read', 'jobs:read'];

/** A role is a set of scopes in one organization. What tells an owner from an admin is no scope: see docs/organizations.md. */
export const ROLE_SCOPES: Readonly<Record<Role, readonly string[]>> = {
  owner: ['*'],
  admin: ['*'],
  member: [...VIEWER, 'ask:run', 'endpoints:run', 'jobs:write', 'credentials:use'],
  viewer: VIEWER,
  guest: [],
};
