import * as z from 'zod';

/** The one error shape of every door (RFC 9457, `application/problem+json`). */
export const Problem = z.strictObject({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  code: z.string(),
  /** The short fixed sentence of the code. */
  error: z.string(),
  /** What happened here and what to do next. */
  detail: z.string(),
  requestId: z.string(),
});

export type Problem = z.infer<typeof Problem>;

export const PROBLEM_CONTENT_TYPE = 'application/problem+json';
