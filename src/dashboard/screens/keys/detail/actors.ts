import { useSession } from '../../../api/session.js';
import { useRoute } from '../../../api/use-route.js';
import { td } from './words.js';

/** Who an id of a line stands for, in words where that is known. */
export function useActors(): (id: string) => string {
  const { user, organizationId, may } = useSession();
  const members = useRoute(
    'listMembers',
    { params: { organizationId }, query: { limit: 200 } },
    { enabled: may('members:read') },
  );
  return (id) => {
    if (id === user.id) return td('you');
    if (id === 'local') return td('local');
    const member = members.data?.data.find(({ userId }) => userId === id);
    return member === undefined ? id : member.name || member.email;
  };
}
