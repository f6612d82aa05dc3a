import * as z from 'zod';

/** One thing that was looked at. `warn`: it works and is probably not meant. */
export const SystemCheck = z.strictObject({
  name: z.string(),
  state: z.enum(['pass', 'warn', 'fail']),
  /** What was seen, and what to do about it. */
  words: z.string(),
});
export type SystemCheck = z.infer<typeof SystemCheck>;

export const SystemView = z.strictObject({
  version: z.string(),
  node: z.string(),
  checks: z.array(SystemCheck),
});
export type SystemView = z.infer<typeof SystemView>;
