import type { PageOf } from '../../contract/fields.js';
import { OrganizationId } from '../../contract/fields.js';
import type { MemberView, OrganizationView } from '../../contract/organizations.js';
import type { Api } from '../api.js';
import { CommandError, EXIT } from '../exit-codes.js';

/** Every page of a list. */
export async function allPages<T>(read: (cursor: string | undefined) => Promise<PageOf<T>>): Promise<T[]> {
  const all: T[] = [];
  for (let cursor: string | undefined; ; ) {
    const page = await read(cursor);
    all.push(...page.data);
    if (page.nextCursor === null) return all;
    cursor = page.nextCursor;
  }
}

export function listOrganizations(api: Api): Promise<OrganizationView[]> {
  return allPages((cursor) => api.call('listOrganizations', { query: { limit: 200, cursor } }));
}

export function listMembers(api: Api, organizationId: string): Promise<MemberView[]> {
  return allPages((cursor) => api.call('listMembers', { params: { organizationId }, query: { limit: 200, cursor } }));
}

/** People know organizations by name; a name that several have is refused with the ids to choose from. */
export async function organizationIdOf(api: Api, idOrName: string): Promise<string> {
  if (OrganizationId.safeParse(idOrName).success) return idOrName;
  const named = (await listOrganizations(api)).filter(({ name }) => name === idOrName);
  return onlyOne(named, idOrName, 'organization', 'orgs list').id;
}

/** The same where it may be left out. */
export async function organizationOption(api: Api, org: string | undefined): Promise<string | undefined> {
  return org === undefined ? undefined : organizationIdOf(api, org);
}

/** A member by user id or address. */
export async function memberOf(api: Api, organizationId: string, idOrEmail: string): Promise<MemberView> {
  const wanted = idOrEmail.toLowerCase();
  const found = (await listMembers(api, organizationId)).filter(
    ({ userId, email }) => userId === idOrEmail || email.toLowerCase() === wanted,
  );
  return onlyOne(found, idOrEmail, 'member', 'orgs members');
}

function onlyOne<T extends { readonly id: string } | { readonly userId: string }>(
  found: readonly T[],
  asked: string,
  noun: string,
  command: string,
): T {
  const [one, ...more] = found;
  if (one === undefined)
    throw new CommandError(EXIT.notFound, `No ${noun} is called ${asked}. \`${command}\` shows them.`);
  if (more.length > 0) {
    const ids = found.map((each) => ('id' in each ? each.id : each.userId)).join(', ');
    throw new CommandError(EXIT.conflict, `Several are called ${asked}: ${ids}. Use the id.`);
  }
  return one;
}
