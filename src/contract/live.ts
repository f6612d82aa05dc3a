import * as z from 'zod';
import { OrganizationId } from './fields.js';
import { JOB_KINDS, JOB_STATUSES } from './jobs.js';
import { RecentRequest } from './requests.js';
import { IndexView } from './workspaces.js';

/** Things whose change is told, each to those who may read them. */
export const CHANGE_TYPES = [
  'key.changed',
  'workspace.changed',
  'credential.changed',
  'secret.changed',
  'variable.changed',
  'settings.changed',
  'organization.changed',
  'member.changed',
  'invite.changed',
  'user.changed',
  'session.changed',
  'audit.appended',
] as const;

export const LIVE_TYPES = [
  'hello',
  'many',
  ...CHANGE_TYPES,
  'key.first-used',
  'request',
  'job.changed',
  'index.progress',
] as const;
export type LiveType = (typeof LIVE_TYPES)[number];

/** What it is about: the id of a key, job, workspace, user …; `null` where it is about no single one. */
const about = { id: z.string().nullable(), organizationId: z.string().nullable() };

/**
 * What `GET /api/events` sends, as the data of events named `message`. It says what to read again and never holds what
 * was written; the request of `key.first-used` and `request` is the same as in `GET /api/requests`.
 */
export const LiveEvent = z.discriminatedUnion('type', [
  /** The first one of every stream. `missed`: events between `Last-Event-ID` and now are not kept, so read all again. */
  z.strictObject({ type: z.literal('hello'), data: z.strictObject({ missed: z.boolean() }) }),
  /** More came in a second than are told one by one: everything of these types is to be read again. */
  z.strictObject({ type: z.literal('many'), data: z.strictObject({ types: z.array(z.enum(LIVE_TYPES)) }) }),
  z.strictObject({ type: z.enum(CHANGE_TYPES), ...about }),
  /** A secret of this key was used for the first time. */
  z.strictObject({ type: z.literal('key.first-used'), ...about, data: RecentRequest }),
  /** Of keys that this stream watches. */
  z.strictObject({ type: z.literal('request'), ...about, data: RecentRequest }),
  z.strictObject({
    type: z.literal('job.changed'),
    ...about,
    data: z.strictObject({ kind: z.enum(JOB_KINDS), status: z.enum(JOB_STATUSES), workspaceId: z.string().nullable() }),
  }),
  /** `id` is the workspace. */
  z.strictObject({ type: z.literal('index.progress'), ...about, data: IndexView }),
]);
export type LiveEvent = z.infer<typeof LiveEvent>;

export const MAX_WATCHED_KEYS = 10;

export const ListenEvents = z.strictObject({
  /** For users of several organizations. */
  organizationId: OrganizationId.optional(),
  /** Ids of keys, separated by commas, whose requests are told one by one. */
  watch: z
    .string()
    .max(1000)
    .transform((list) => list.split(',').filter((id) => id !== ''))
    .pipe(z.array(z.string().max(100)).max(MAX_WATCHED_KEYS))
    .optional(),
});
export type ListenEvents = z.infer<typeof ListenEvents>;
