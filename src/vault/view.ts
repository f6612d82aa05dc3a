import type { CredentialTypeView, CredentialView } from '../contract/credentials.js';
import { toIso } from '../kernel/clock.js';
import { hostFieldsOf, hostsOf } from './credential-types/hosts.js';
import type { CredentialType } from './credential-types/schema.js';
import type { CredentialRecord, Stored } from './record.js';
import type { WorkspaceKeys } from './workspace-keys.js';

/** When something was used; `usage` fits it. */
export interface Uses {
  lastUse(name: string): { readonly atMs: number } | undefined;
  touch(name: string, nowMs: number, address: string): void;
  forget(names: Iterable<string>): void;
}

export interface ViewFacts {
  readonly keys: WorkspaceKeys;
  readonly uses: Uses;
  readonly organizationOf: (workspaceId: string) => string | null;
}

/** A credential as it is shown: everything but what is sealed. */
export function viewOf(record: CredentialRecord, type: CredentialType | undefined, facts: ViewFacts): CredentialView {
  const { id, name, workspaceId, note, fields, secretFields, optionalHosts, createdAt, createdBy, updatedAt } = record;
  const use = facts.uses.lastUse(id);
  const key = type === undefined ? DAMAGED : facts.keys.stateOf(workspaceId, record.sealed.keyId);
  return {
    id,
    name,
    type: record.type,
    workspaceId,
    organizationId: facts.organizationOf(workspaceId) ?? 'org_default',
    note,
    fields,
    secretFields,
    hosts: type === undefined ? [] : hostsOf(type, fields, optionalHosts),
    optionalHosts,
    readOnly: record.readOnly,
    rateLimit: record.rateLimit,
    createdAt,
    createdBy,
    updatedAt,
    lastTest: record.lastTest,
    lastUsedAt: use === undefined ? null : toIso(use.atMs),
    keyId: record.sealed.keyId,
    ...key,
  };
}

const DAMAGED = { state: 'damaged', wants: null } as const;

/** A line that cannot be read: named as far as it says, so that it can be found and deleted. */
export function damagedView(stored: Stored, workspaceId: string, facts: ViewFacts): CredentialView {
  const text = (value: unknown, otherwise: string) => (typeof value === 'string' ? value.slice(0, 100) : otherwise);
  return {
    id: stored.id,
    name: text(stored['name'], stored.id),
    type: text(stored['type'], 'unknown'),
    workspaceId,
    organizationId: facts.organizationOf(workspaceId) ?? 'org_default',
    note: '',
    fields: {},
    secretFields: [],
    hosts: [],
    optionalHosts: [],
    readOnly: true,
    rateLimit: null,
    createdAt: null,
    createdBy: 'unknown',
    updatedAt: null,
    lastTest: null,
    lastUsedAt: null,
    keyId: 'unknown',
    ...DAMAGED,
  };
}

export function typeViewOf(type: CredentialType): CredentialTypeView {
  const hostFields = hostFieldsOf(type);
  return {
    id: type.id,
    label: type.label,
    category: type.category,
    direction: type.direction ?? 'outbound',
    protocol: type.protocol ?? 'http',
    fields: type.fields.map((field) => ({
      name: field.name,
      label: field.label,
      kind: field.kind,
      list: field.list === true,
      secret: field.secret,
      required: field.required,
      requiredIf: field.requiredIf ?? null,
      showIf: field.showIf ?? null,
      default: field.default ?? null,
      options: field.options ?? null,
      pattern: field.pattern ?? null,
      decidesHost: hostFields.has(field.name),
      help: field.help,
    })),
    hosts: type.allowedHosts,
    optionalHosts: type.optionalHosts ?? [],
    testable: type.test !== null || type.testProtocol !== undefined,
    testReason: type.test === null && type.testProtocol === undefined ? (type.testReason ?? null) : null,
    detect: type.detect ?? [],
  };
}
