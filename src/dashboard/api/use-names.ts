import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { call, type GatehouseError } from './call.js';
import { useSession } from './session.js';

const NAMED = /^(?:key|usr|org|cred|prm)_/;
/** As many as one request may ask about. */
const AT_ONCE = 200;

/**
 * What ids of keys, people, organizations, credentials and prompts are called.
 * @returns the name of an id; `undefined` for one that is gone, not the reader's to know, or not answered yet
 */
export function useNames(ids: readonly (string | null | undefined)[]): (id: string) => string | undefined {
  const { organizationId, isOperator } = useSession();
  const asked = [...new Set(ids)].filter((id) => id != null && NAMED.test(id)).sort() as string[];
  const where = isOperator ? {} : { organizationId };
  const names = useQuery<Readonly<Record<string, string>>, GatehouseError>({
    queryKey: ['listNames', asked, where],
    async queryFn({ signal }) {
      const found: Record<string, string> = {};
      for (let at = 0; at < asked.length; at += AT_ONCE) {
        const query = { ids: asked.slice(at, at + AT_ONCE).join(','), ...where };
        Object.assign(found, (await call('listNames', { query, signal })).names);
      }
      return found;
    },
    enabled: asked.length > 0,
    // What is named already keeps its name while more rows come.
    placeholderData: keepPreviousData,
  });
  // What was no id at all may be called like something that every object has.
  return (id) => (names.data !== undefined && Object.hasOwn(names.data, id) ? names.data[id] : undefined);
}
