import { useSession } from '../api/session.js';
import { useNames } from '../api/use-names.js';
import { t } from './words.js';

/** Who each of these ids stands for: in words where that is known, else the id. */
export function useActors(ids: readonly (string | null | undefined)[]): (id: string) => string {
  const { user } = useSession();
  const nameOf = useNames(ids);
  return (id) => {
    if (id === user.id) return t('you');
    if (id === 'local') return t('local');
    return nameOf(id) ?? id;
  };
}
