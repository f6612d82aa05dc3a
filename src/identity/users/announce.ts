import type { Announce } from '../../kernel/happening.js';
import type { Collection } from '../../store/collection.js';
import type { SessionRecord } from '../sessions/record.js';
import type { Invite, UserRecord } from './record.js';

/** Tells of every change of people, their places in organizations, their invites and their sessions. */
export function announcePeople(
  users: Collection<UserRecord>,
  sessions: Collection<SessionRecord>,
  announce: Announce,
): void {
  users.subscribe((changes) => {
    for (const { id, before, after } of changes) {
      announce({ event: { type: 'user.changed', id, organizationId: null }, userId: id });
      const places = [before, after].flatMap((record) => record?.memberships ?? []);
      for (const organizationId of new Set(places.map((place) => place.organizationId)))
        announce({ event: { type: 'member.changed', id, organizationId }, userId: id });
      for (const { id: inviteId, organizationId } of changedInvites(before?.invites ?? [], after?.invites ?? []))
        announce({ event: { type: 'invite.changed', id: inviteId, organizationId } });
    }
  });
  sessions.subscribe((changes) => {
    for (const { id, before, after } of changes) {
      // That it was used is written every few minutes, and is no news.
      if (before !== undefined && after !== undefined) continue;
      const userId = (after ?? before)?.userId ?? '';
      announce({ event: { type: 'session.changed', id, organizationId: null }, userId });
    }
  });
}

/** An invite is made and taken away, never changed. */
function changedInvites(before: readonly Invite[], after: readonly Invite[]): Invite[] {
  const without = (some: readonly Invite[], others: readonly Invite[]) =>
    some.filter(({ id }) => !others.some((other) => other.id === id));
  return [...without(before, after), ...without(after, before)];
}
