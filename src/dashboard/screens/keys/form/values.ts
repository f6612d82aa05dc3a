import type { Environment } from '../../../../contract/fields.js';
import type { ApiKeyType, CreateMcpToken, KeyView, UpdateMcpToken } from '../../../../contract/keys.js';
import type { Family } from '../family.js';
import { entriesOf } from './lists.js';

/** What the form holds. */
export interface KeyValues {
  name: string;
  note: string;
  type: ApiKeyType;
  /** Empty: that of the instance. */
  environment: Environment | '';
  scopes: string[];
  /** Days from now, a `date`, `never`, or as it is now. */
  expiry: '7' | '30' | '90' | '365' | 'date' | 'never' | 'keep';
  /** `2027-01-31` */
  date: string;
  ownLimit: boolean;
  requests: number | string;
  windowSeconds: string;
  /** One a line. */
  addresses: string;
  /** One a line. */
  origins: string;
  allWorkspaces: boolean;
  workspaceIds: string[];
  credentials: 'none' | 'all' | 'some';
  credentialIds: string[];
  allTools: boolean;
  tools: string[];
  readOnly: boolean;
}

const TYPES: readonly string[] = ['sdk', 'cli', 'ci', 'int', 'mkt'];

/** A new key, as far as a link fills it in: `?name=&type=&scopes=`. */
export function freshValues(family: Family, link: URLSearchParams): KeyValues {
  const type = link.get('type') ?? '';
  const scopes = link.get('scopes');
  return {
    name: link.get('name')?.slice(0, 100) ?? '',
    note: '',
    type: (TYPES.includes(type) ? type : 'sdk') as ApiKeyType,
    environment: '',
    scopes: scopes === null ? [...family.preset] : scopes.split(/[\s,]+/).filter((one) => one !== ''),
    expiry: '90',
    date: '',
    ownLimit: false,
    requests: 100,
    windowSeconds: '3600',
    addresses: '',
    origins: '',
    allWorkspaces: true,
    workspaceIds: [],
    credentials: family.id === 'service' ? 'all' : 'none',
    credentialIds: [],
    allTools: true,
    tools: [],
    readOnly: false,
  };
}

export function valuesOf(family: Family, key: KeyView): KeyValues {
  return {
    ...freshValues(family, new URLSearchParams()),
    name: key.name,
    note: key.note,
    environment: key.environment,
    scopes: key.scopes,
    expiry: 'keep',
    ownLimit: key.rateLimit !== null,
    requests: key.rateLimit?.requests ?? 100,
    windowSeconds: String(key.rateLimit?.windowSeconds ?? 3600),
    addresses: key.allowedIps.join('\n'),
    origins: key.allowedOrigins.join('\n'),
    allWorkspaces: key.workspaceIds === null,
    workspaceIds: key.workspaceIds ?? [],
    credentials: credentialsOf(family, key),
    credentialIds: key.credentialIds ?? [],
    allTools: key.tools == null,
    tools: key.tools ?? [],
    readOnly: key.readOnly ?? false,
  };
}

function credentialsOf(family: Family, { credentialIds }: KeyView): KeyValues['credentials'] {
  if (credentialIds === null) return family.id === 'service' ? 'all' : 'none';
  return credentialIds.length === 0 ? 'none' : 'some';
}

const DAY_MS = 86_400_000;

/** `undefined`: as it is. */
export function expiryOf({ expiry, date }: KeyValues, nowMs = Date.now()): string | null | undefined {
  if (expiry === 'keep') return undefined;
  if (expiry === 'never') return null;
  // A day ends when it ends where the reader is.
  if (expiry === 'date') return new Date(`${date}T23:59:59`).toISOString();
  return new Date(nowMs + Number(expiry) * DAY_MS).toISOString();
}

type Bounds = Omit<UpdateMcpToken, 'endGrace' | 'name'>;

/** The bounds as the server takes them: every one is said, so that what is left out means the same everywhere. */
function boundsOf(family: Family, values: KeyValues): Bounds {
  const expiresAt = expiryOf(values);
  const { credentials } = values;
  return {
    note: values.note,
    scopes: values.scopes,
    ...(expiresAt === undefined ? {} : { expiresAt }),
    rateLimit: values.ownLimit
      ? { requests: Number(values.requests), windowSeconds: Number(values.windowSeconds) }
      : null,
    allowedIps: entriesOf(values.addresses),
    allowedOrigins: entriesOf(values.origins),
    workspaceIds: values.allWorkspaces ? null : values.workspaceIds,
    credentialIds: credentials === 'all' ? null : credentials === 'none' ? [] : values.credentialIds,
    ...(family.id === 'mcp' ? { tools: values.allTools ? null : values.tools, readOnly: values.readOnly } : {}),
  };
}

export function createBody(family: Family, values: KeyValues, organizationId: string): CreateMcpToken {
  return {
    name: values.name,
    organizationId,
    ...(family.id === 'api' ? { type: values.type } : {}),
    ...(values.environment === '' ? {} : { environment: values.environment }),
    ...boundsOf(family, values),
  };
}

export const updateBody = (family: Family, values: KeyValues): UpdateMcpToken => ({
  name: values.name,
  ...boundsOf(family, values),
});
