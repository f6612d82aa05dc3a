import type { CredentialTypeView, CredentialUser, CredentialView } from '../../contract/credentials.js';
import { formatRate } from '../durations.js';
import { ago, oneLine, table } from '../terminal.js';

export function typeTable(types: readonly CredentialTypeView[]): string {
  const needs = ({ fields }: CredentialTypeView) =>
    fields.flatMap(({ name, required, default: preset }) => (required && preset === null ? [name] : []));
  const rows = types.map((type) => [type.id, type.label, type.category, needs(type).join(' ') || '-']);
  return table(['TYPE', 'NAME', 'CATEGORY', 'NEEDS'], rows);
}

export function describeType(type: CredentialTypeView): string {
  const rows = type.fields.map((field) => [
    field.name,
    field.secret ? 'secret' : 'shown',
    field.required ? 'required' : field.requiredIf === null ? 'optional' : `with ${wordsOf(field.requiredIf)}`,
    field.default === null ? '-' : String(field.default),
    field.help,
  ]);
  const hosts = type.hosts.join(' ') || 'none';
  const optional = type.optionalHosts.map(({ host, why }) => `${host} (${why})`).join(', ');
  const facts = [
    `${type.label} (${type.id}), ${type.category}`,
    `sent to   ${hosts}${optional === '' ? '' : `; when turned on: ${optional}`}`,
    `test      ${type.testable ? "asks the vendor's cheapest read-only call" : oneLine(type.testReason ?? 'none')}`,
  ];
  return `${facts.join('\n')}\n\n${table(['FIELD', 'KEPT', 'NEEDED', 'DEFAULT', 'WHAT'], rows)}`;
}

function wordsOf(when: Readonly<Record<string, string>>): string {
  return Object.entries(when)
    .map(([name, value]) => `${name}=${value}`)
    .join(' ');
}

export function listTable(credentials: readonly CredentialView[]): string {
  const nowMs = Date.now();
  const rows = credentials.map((credential) => [
    credential.id,
    credential.name,
    credential.type,
    stateOf(credential),
    credential.lastTest === null ? 'never' : `${credential.lastTest.outcome}, ${ago(credential.lastTest.at, nowMs)}`,
    ago(credential.lastUsedAt, nowMs),
    credential.hosts.join(' ') || '-',
  ]);
  return table(['ID', 'NAME', 'TYPE', 'STATE', 'LAST TEST', 'LAST USED', 'HOSTS'], rows);
}

/** Whether it could be used now, and which key is missing for it. */
export function stateOf({ state, wants }: Pick<CredentialView, 'state' | 'wants'>): string {
  return wants === null ? state : `${state === 'locked' ? 'locked' : 'key missing'}, wants ${wants}`;
}

export function describeCredential(credential: CredentialView, usedBy: readonly CredentialUser[]): string {
  const fields = Object.entries(credential.fields).map(([name, value]): [string, string] => [name, plain(value)]);
  const { lastTest } = credential;
  const facts: [string, string][] = [
    ['id', credential.id],
    ['name', credential.name],
    ['type', credential.type],
    ['workspace', `${credential.workspaceId}, ${credential.organizationId}`],
    ['state', stateOf(credential)],
    ['sent to', credential.hosts.join(' ') || 'nowhere'],
    ['sealed', `${credential.secretFields.join(' ') || 'nothing'}, under ${credential.keyId}`],
    ...fields,
    [
      'proxy',
      `${credential.readOnly ? 'reads only' : 'reads and writes'}, ${credential.rateLimit === null ? 'no limit' : formatRate(credential.rateLimit)}`,
    ],
    ['last test', lastTest === null ? 'never' : `${lastTest.outcome}, ${lastTest.at}: ${lastTest.detail}`],
    ['last used', credential.lastUsedAt ?? 'never'],
    ['made', `${credential.createdAt ?? 'unknown'} by ${credential.createdBy}`],
    ['used by', usedBy.map(({ kind, name, id }) => `${kind} ${name} (${id})`).join(', ') || '-'],
    ['note', credential.note || '-'],
  ];
  const width = Math.max(...facts.map(([name]) => name.length));
  return facts.map(([name, value]) => `${name.padEnd(width)}  ${oneLine(value)}`).join('\n');
}

function plain(value: unknown): string {
  return Array.isArray(value) ? value.join(' ') : String(value);
}
