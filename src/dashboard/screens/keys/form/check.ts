import type { FieldError } from '../../../parts/field-errors.js';
import { tf } from '../words.js';
import { addressesOf, type KeyValues } from './values.js';

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
  workspaceIds: 'workspaceIds',
  credentialIds: 'credentialIds',
  tools: 'tools',
};

/** What the server said, at the field it is about. */
export function placed(errors: readonly FieldError[], values: KeyValues): Problems {
  const problems: Problems = {};
  for (const { field, index, words } of errors) {
    const place = FIELDS[field];
    if (place === undefined) continue;
    const at = place === 'expiry' && values.expiry === 'date' ? 'date' : place;
    const line = place === 'addresses' && index !== null ? lineOf(values.addresses, index) : null;
    const said = line === null ? words : tf('line', { line, words });
    problems[at] = problems[at] === undefined ? said : `${problems[at]} ${said}`;
  }
  return problems;
}

/** Blank lines are not sent, and counted by those who read. */
function lineOf(text: string, index: number): number {
  const lines = text.split('\n');
  let left = index;
  for (const [at, line] of lines.entries()) {
    const entries = addressesOf(line).length;
    if (left < entries) return at + 1;
    left -= entries;
  }
  return lines.length;
}
