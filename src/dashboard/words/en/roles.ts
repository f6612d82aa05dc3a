/** Roles and what they mean. */
export default {
  owner: 'Owner',
  admin: 'Admin',
  member: 'Member',
  viewer: 'Viewer',
  guest: 'Guest',
  ownerMeans: 'Everything in this organization, other owners included.',
  adminMeans: 'Everything but owners: keys, credentials, people, workspaces.',
  memberMeans: 'Sees workspaces, asks, runs jobs and uses credentials.',
  viewerMeans: 'Sees workspaces and jobs.',
  guestMeans: 'Own profile and sessions only.',
} as const;
