import * as z from 'zod';

/** Health tells anonymous callers the state and nothing else. */
export const Health = z.strictObject({ status: z.enum(['ok', 'degraded', 'unavailable']) });
export type Health = z.infer<typeof Health>;
