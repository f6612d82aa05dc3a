import type { GatehouseError } from '../../../api/call.js';
import type { FieldError } from '../../../parts/field-errors.js';
import { tf } from '../words.js';
import { lineOf } from './lists.js';
import type { KeyValues } from './values.js';

type Problems = Partial<Record<keyof KeyValues, string>>;

/** What can be said before the server is asked. The rest it says itself. */
export function check(values: KeyValues): Problems {
  const { name, expiry, date, ownLimit, requests, allWorkspaces, workspaceIds, credentials, credentialIds } = values;
  const problems: Problems = {};
  if (name.trim() === '') problems.name = tf('nameMissing');
  if (expiry === 'date' && !(Date.parse(`${date}T23:59:59`) > Date.now())) problems.date = tf('dateMissing');
  if (ownLimit && !(Number.isInteger(Number(requests)) && Number(requests) >= 1))
    problems.requests = tf('requestsMissing');
  if (!allWorkspaces && workspaceIds.length === 0) problems.workspaceIds = tf('workspacesMissing');
  if (credentials === 'some' && credentialIds.length === 0) problems.credentialIds = tf('credentialsMissing');
  if (!values.allTools && values.tools.length === 0) problems.tools = tf('toolsMissing');
  return problems;
}

const FIELDS: Readonly<Record<string, keyof KeyValues>> = {
  name: 'name',
  note: 'note',
  type: 'type',
  environment: 'environment',
  scopes: 'scopes',
  expiresAt: 'expiry',
  rateLimit: 'requests',
  allowedIps: 'addresses',
  allowedOrigins: 'origins',
  workspaceIds: 'workspaceIds',
  credentialIds: 'credentialIds',
  tools: 'tools',
};

/**
 * What a key would be given beyond what its maker holds: `…Beyond that: scopes keys:read; rateLimit.` Each names a field.
 */
export function beyondErrors(error: GatehouseError | null): FieldError[] {
  const [, list] = /Beyond that: (.*?)\.?$/.exec(error?.code === 'FORBIDDEN' ? error.detail : '') ?? [];
  return (list ?? '')
    .split('; ')
    .map((part) => part.split(' ')[0] ?? '')
    .filter((field) => field in FIELDS)
    .map((field) => ({ field, index: null, words: tf('beyond') }));
}

/** What the server said, at the field it is about. */
export function placed(errors: readonly FieldError[], values: KeyValues): Problems {
  const problems: Problems = {};
  for (const { field, index, words } of errors) {
    const place = FIELDS[field];
    if (place === undefined) continue;
    const at = place === 'expiry' && values.expiry === 'date' ? 'date' : place;
    const isList = place === 'addresses' || place === 'origins';
    const line = isList && index !== null ? lineOf(values[place], index) : null;
    const said = line === null ? words : tf('line', { line, words });
    problems[at] = problems[at] === undefined ? said : `${problems[at]} ${said}`;
  }
  return problems;
}
