import { language } from '../../../words/words.js';
import type { Family } from '../family.js';
import { sayLimit } from '../say.js';
import { t, tf } from '../words.js';
import { entriesOf } from './lists.js';
import { expiryOf, type KeyValues } from './values.js';

export const day = (atMs: number) => new Intl.DateTimeFormat(language(), { dateStyle: 'medium' }).format(atMs);

const SHOWN = 6;
const list = (items: readonly string[]) =>
  items.length <= SHOWN ? items.join(', ') : `${items.slice(0, SHOWN).join(', ')} + ${items.length - SHOWN}`;

/** The key that would be made, in sentences. */
export function inWords(family: Family, values: KeyValues, organization: string): string[] {
  const { scopes, expiry, date, ownLimit, allWorkspaces, credentials } = values;
  const type = t(family.id === 'api' ? values.type : family.id === 'service' ? 'svc' : 'mcp');
  const environment = values.environment === '' ? tf('sayInstance') : t(values.environment);
  const ends = expiry === 'date' && date === '' ? undefined : expiryOf(values);
  const addresses = entriesOf(values.addresses);
  const origins = entriesOf(values.origins);
  return [
    tf('sayWhat', { type, environment }),
    scopes.includes('*')
      ? tf('sayMayAll')
      : scopes.length === 0
        ? tf('sayMayNothing')
        : tf('sayMay', { scopes: list(scopes) }),
    ...(ends === undefined ? [] : [ends === null ? tf('sayNever') : tf('sayUntil', { date: day(Date.parse(ends)) })]),
    ownLimit
      ? tf('sayLimit', {
          limit: sayLimit({ requests: Number(values.requests), windowSeconds: Number(values.windowSeconds) }),
        })
      : tf('sayNoLimit'),
    addresses.length === 0 ? tf('sayAnywhere') : tf('sayFrom', { addresses: list(addresses) }),
    ...(origins.length === 0 ? [] : [tf('sayOrigins', { origins: list(origins) })]),
    allWorkspaces
      ? tf('sayAllWorkspaces', { organization })
      : tf('sayWorkspaces', { workspaces: list(values.workspaceIds) }),
    credentials === 'all'
      ? tf('sayCredentialsAll')
      : credentials === 'none'
        ? tf('sayCredentialsNone')
        : tf('sayCredentials', { count: values.credentialIds.length }),
    ...(family.id === 'mcp'
      ? [
          values.allTools ? tf('sayAllTools') : tf('sayTools', { tools: list(values.tools) }),
          ...(values.readOnly ? [tf('sayReadOnly')] : []),
        ]
      : []),
  ];
}
