import { createContext, type ReactNode, useContext, useMemo, useState } from 'react';
import type { Profile } from '../../contract/auth.js';
import type { Role } from '../../contract/roles.js';
import { CONTRACT } from './contract.js';
import { queries } from './use-route.js';

/** Who is signed in, where they act, and what they may do there. */
export interface Session {
  readonly user: Profile;
  /** The organization that everything on the page is about. */
  readonly organizationId: string;
  readonly organizationName: string;
  readonly role: Role;
  /** Rules the instance: network, routes, people of all organizations. */
  readonly isOperator: boolean;
  /** Whether a scope is held in this organization, so that nothing is offered that would be refused. */
  may(scope: string): boolean;
  act(organizationId: string): void;
}

const Context = createContext<Session | null>(null);
const KEPT = 'gatehouse.organization';

export function SessionProvider({ user, children }: { user: Profile; children: ReactNode }) {
  const [chosen, setChosen] = useState(() => kept());
  const session = useMemo<Session | null>(() => {
    const membership = user.memberships.find(({ organizationId }) => organizationId === chosen) ?? user.memberships[0];
    if (membership === undefined) return null;
    const held = CONTRACT.roleScopes[membership.role];
    return {
      user,
      organizationId: membership.organizationId,
      organizationName: membership.organizationName,
      role: membership.role,
      isOperator: user.instanceOperator,
      may: (scope) =>
        scope.startsWith('settings:') ? user.instanceOperator : held.includes('*') || held.includes(scope),
      act(organizationId) {
        keep(organizationId);
        setChosen(organizationId);
        void queries.invalidateQueries();
      },
    };
  }, [user, chosen]);
  return session === null ? null : <Context value={session}>{children}</Context>;
}

export function useSession(): Session {
  const session = useContext(Context);
  if (session === null) throw new Error('nobody is signed in here');
  return session;
}

function kept(): string | null {
  try {
    return localStorage.getItem(KEPT);
  } catch {
    return null;
  }
}

function keep(organizationId: string): void {
  try {
    localStorage.setItem(KEPT, organizationId);
  } catch {
    // Then the choice lasts as long as the page.
  }
}
