import type { CreateCredential, ReplaceCredential } from '../contract/credentials.js';
import { GatehouseError } from '../kernel/errors.js';
import { applies } from './credential-types/auth.js';
import type { CredentialTypes } from './credential-types/catalogue.js';
import { checkFields } from './credential-types/fields.js';
import { hostsOf } from './credential-types/hosts.js';
import type { CredentialType } from './credential-types/schema.js';
import type { FieldValues } from './credential-types/template.js';
import type { CredentialRecord } from './record.js';

/** What a caller gave for a credential, checked against its type: the open part, and what is to be sealed. */
export interface GivenCredential {
  readonly type: CredentialType;
  readonly open: Pick<CredentialRecord, 'fields' | 'secretFields' | 'optionalHosts'>;
  readonly secrets: FieldValues;
  /** Every host it may be sent to. */
  readonly hosts: readonly string[];
  readonly warnings: readonly string[];
}

/** @throws GatehouseError `BAD_REQUEST` naming the fields at fault, and a type or a host that there is not */
export function readGiven(
  types: CredentialTypes,
  request: Pick<CreateCredential, 'type' | 'fields' | 'optionalHosts'>,
): GivenCredential {
  const type = requireType(types, request.type);
  const { values, warnings } = checkFields(type, request.fields);
  return { type, warnings, ...split(type, values, request.optionalHosts ?? []) };
}

/** @throws GatehouseError as `readGiven`; `BAD_REQUEST` also for a secret field that is set and not given again */
export function readReplacement(
  types: CredentialTypes,
  current: CredentialRecord,
  request: ReplaceCredential,
): GivenCredential {
  const type = requireType(types, current.type);
  const { values, warnings } = checkFields(type, request.fields);
  const kept = current.secretFields.filter(
    (name) => !Object.hasOwn(request.fields, name) && offers(type, name, values),
  );
  if (kept.length > 0)
    throw new GatehouseError(
      'BAD_REQUEST',
      `${kept.map((name) => `fields.${name}`).join(', ')}: set now, and not given. A replacement asks for every secret again; null takes one away.`,
    );
  return { type, warnings, ...split(type, values, request.optionalHosts ?? []) };
}

function requireType(types: CredentialTypes, id: string): CredentialType {
  const type = types.get(id);
  if (type === undefined)
    throw new GatehouseError('BAD_REQUEST', 'type: there is no such type. GET /api/credential-types lists them.');
  return type;
}

/** @throws GatehouseError `BAD_REQUEST` for a host that the type does not offer */
function split(type: CredentialType, values: FieldValues, optionalHosts: readonly string[]) {
  const offered = type.optionalHosts?.map(({ host }) => host) ?? [];
  if (!optionalHosts.every((host) => offered.includes(host)))
    throw new GatehouseError(
      'BAD_REQUEST',
      `optionalHosts: ${type.label} offers ${offered.length === 0 ? 'none' : offered.join(', ')}.`,
    );
  const secret = new Set(type.fields.filter((field) => field.secret).map(({ name }) => name));
  const part = (wanted: boolean) =>
    Object.fromEntries(Object.entries(values).filter(([name]) => secret.has(name) === wanted));
  const secrets = part(true);
  const open = {
    // The contract's lists can be changed and ours cannot; nobody changes either.
    fields: part(false) as CredentialRecord['fields'],
    secretFields: Object.keys(secrets).sort(),
    optionalHosts: [...new Set(optionalHosts)].sort(),
  };
  return { open, secrets, hosts: hostsOf(type, open.fields, open.optionalHosts) };
}

/** A field that another choice has taken off the form is gone with it. */
function offers(type: CredentialType, name: string, values: FieldValues): boolean {
  return applies(type.fields.find((field) => field.name === name)?.showIf, values);
}
