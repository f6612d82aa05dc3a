import { useSession } from '../../api/session.js';
import { useAll } from '../../api/use-all.js';
import { useRoute } from '../../api/use-route.js';
import { t } from './words.js';

export type Kind = 'secret' | 'variable';

/** What a name already stands for, so that nobody replaces a value, or takes one for another, without knowing. */
export function useClashes(workspaceId: string) {
  const { may, isOperator } = useSession();
  const secrets = useAll('listSecrets', { params: { workspaceId } }, { enabled: may('secrets:read') });
  const variables = useAll('listVariables', { params: { workspaceId } }, { enabled: may('projects:read') });
  // Names of settings stand in the documentation; that page tells operators which there are here.
  const system = useRoute('showSystem', {}, { enabled: isOperator });
  const names = (rows: readonly { readonly name: string }[] | undefined) => new Set(rows?.map(({ name }) => name));
  const taken = { secret: names(secrets.data), variable: names(variables.data) };
  const settings = names(system.data?.settings);
  return {
    isTaken: (kind: Kind, name: string) => taken[kind].has(name),
    /** In words, besides that it would be replaced. */
    clashesOf(kind: Kind, name: string): string[] {
      const other = kind === 'secret' ? 'variable' : 'secret';
      return [
        ...(taken[other].has(name) ? [t(`clash.${other}`)] : []),
        ...(settings.has(name) ? [t('clash.setting')] : []),
      ];
    },
  };
}
