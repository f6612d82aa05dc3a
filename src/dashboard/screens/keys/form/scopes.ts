import { CONTRACT } from '../../../api/contract.js';
import type { Family } from '../family.js';

export type Preset = 'ask' | 'mcp' | 'admin' | 'read' | 'all' | 'choose';

interface Row {
  readonly resource: string;
  readonly read: string | null;
  readonly write: string | null;
  readonly more: readonly string[];
}

/** Settings are for operators and cannot be given to a key. */
const GRANTABLE = CONTRACT.scopes.filter((scope) => !scope.startsWith('settings:'));

/** Every permission there is, by what it is about. */
export const RESOURCES: readonly Row[] = [...new Set(GRANTABLE.map((scope) => scope.split(':')[0] ?? ''))].map(
  (resource) => {
    const one = (action: string) => GRANTABLE.find((scope) => scope === `${resource}:${action}`) ?? null;
    const [read, write] = [one('read'), one('write')];
    return {
      resource,
      read,
      write,
      more: GRANTABLE.filter((scope) => scope.startsWith(`${resource}:`) && scope !== read && scope !== write),
    };
  },
);

/** Whether a list of scopes lets somebody do this. */
export function covers(scopes: readonly string[], scope: string): boolean {
  const resource = scope.slice(0, scope.indexOf(':'));
  return (
    scopes.includes(scope) || scopes.includes(`${resource}:*`) || (scopes.includes('*') && GRANTABLE.includes(scope))
  );
}

/** The list with one permission given or taken; what covered it with others is then said one by one. */
export function toggled(scopes: readonly string[], scope: string): string[] {
  if (!covers(scopes, scope)) return [...scopes, scope];
  const spelled = scopes.flatMap((one) =>
    one === '*'
      ? GRANTABLE
      : one.endsWith(':*')
        ? GRANTABLE.filter((other) => other.startsWith(one.slice(0, -1)))
        : [one],
  );
  return [...new Set(spelled)].filter((one) => one !== scope);
}

interface PresetScopes {
  readonly id: Exclude<Preset, 'choose'>;
  readonly scopes: readonly string[];
}

export function presetsOf(family: Family): readonly PresetScopes[] {
  const usual = { api: 'ask', service: 'admin', mcp: 'mcp' } as const;
  return [
    { id: usual[family.id], scopes: family.preset },
    { id: 'read', scopes: GRANTABLE.filter((scope) => scope.endsWith(':read')) },
    { id: 'all', scopes: ['*'] },
  ];
}

/** Which of them this is, in whatever order it is written. */
export function presetOf(presets: readonly PresetScopes[], scopes: readonly string[]): Preset {
  const key = (list: readonly string[]) => [...list].sort().join(' ');
  return presets.find((one) => key(one.scopes) === key(scopes))?.id ?? 'choose';
}
