import * as z from 'zod';

/** Fields that more than one shape uses. Each bound here is the bound everywhere. */

/** Names a folder directly under `workspaces/`. */
export const WORKSPACE_ID = /^[a-z0-9][a-z0-9._-]{0,63}$/;
export const WorkspaceId = z.string().regex(WORKSPACE_ID, {
  error: 'a workspace id is 1 to 64 characters of a-z 0-9 . _ - and starts with a letter or digit',
});

export const OrganizationId = z
  .string()
  .regex(/^org_[A-Za-z0-9]{1,32}$/, { error: 'an organization id looks like org_default' });

export const ENVIRONMENTS = ['development', 'staging', 'production'] as const;
export const Environment = z.enum(ENVIRONMENTS);
export type Environment = z.infer<typeof Environment>;

/** ISO 8601 with `Z` or an offset; kept as UTC with milliseconds. */
export const Timestamp = z.iso.datetime({ offset: true, error: 'a time looks like 2027-01-31T12:00:00Z' });

/**
 * One line of text for people: no control characters, so it cannot forge a log line or a terminal escape, and none
 * that are invisible or turn the writing direction, so two names never look the same.
 */
export const oneLine = (maxLength: number) =>
  z
    .string()
    .trim()
    .max(maxLength, { error: `at most ${maxLength} characters` })
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is refused
    .regex(/^[^\u0000-\u001f\u007f-\u009f\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff]*$/, {
      error: 'control characters, line breaks and invisible characters are not allowed',
    });

export const Page = z.strictObject({
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: z.string().max(200).optional(),
});
export type Page = z.infer<typeof Page>;

/** A page of a list, as every list route answers it. */
export const pageOf = <T extends z.ZodType>(item: T) =>
  z.strictObject({ data: z.array(item), nextCursor: z.string().nullable() });

export interface PageOf<T> {
  data: T[];
  nextCursor: string | null;
}

/** So many requests in a fixed window of so many seconds. */
export const RateLimit = z.strictObject({
  requests: z.int().min(1).max(1_000_000_000),
  windowSeconds: z
    .int()
    .min(1)
    .max(31 * 86_400),
});
export type RateLimit = z.infer<typeof RateLimit>;
