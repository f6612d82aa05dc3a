import * as z from 'zod';
import { OUTCOMES } from './codes.js';
import { OrganizationId, RateLimit } from './fields.js';
import { KeyId } from './keys.js';
import { AUTH_MODES } from './route-spec.js';
import { PRINCIPAL_KINDS } from './whoami.js';

const MAX_HEADERS = 100;
const HEADER_NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}$/;
/** Printable, with Latin-1: what a header can carry. */
const HEADER_VALUE = /^[\t\x20-\x7e\x80-\xff]{0,8192}$/;

/**
 * Headers as they would be sent; a list is the same header several times. Only those that the gate looks at matter.
 * Neither names nor values are repeated in a refusal: one of them may be a key.
 */
const Headers = z
  .record(z.string(), z.union([z.string(), z.array(z.string()).max(10)]))
  .refine(
    (headers) =>
      Object.keys(headers).length <= MAX_HEADERS &&
      Object.entries(headers).every(
        ([name, value]) => HEADER_NAME.test(name) && [value].flat().every((one) => HEADER_VALUE.test(one)),
      ),
    { error: `at most ${MAX_HEADERS} headers, as HTTP can carry them` },
  );

/** A request that is not sent, and what is known of who would send it. */
export const Explain = z
  .strictObject({
    method: z.string().regex(/^[A-Z][A-Z-]{0,31}$/, { error: 'a method looks like POST' }),
    /** With its query, as in the request line. */
    path: z
      .string()
      .max(8192)
      .regex(/^\/[\x21-\x7e]*$/, { error: 'a path begins with / and holds no blanks' }),
    /** `upstream`: a route of an app behind Gatehouse, which routes.json has the policy of. */
    door: z.enum(['api', 'upstream']).default('api'),
    /** The key or JWT that would be shown; `null`: none. Left out with `keyId`: what this call itself was made with. */
    token: z.string().max(8192).nullable().optional(),
    /** A key that need not be at hand: judged as if its newest secret were shown. */
    keyId: KeyId.optional(),
    organizationId: OrganizationId.optional(),
    headers: Headers.optional(),
    /** The client's address, as the gate would find it. */
    ip: z.string().max(64).optional(),
    /** For operators: the address of whoever opens the connection; the client's is then found through `headers`. */
    peer: z.string().max(64).optional(),
  })
  .refine(({ token, keyId }) => token === undefined || keyId === undefined, {
    error: 'name one of token and keyId',
  })
  .refine(({ ip, peer }) => ip === undefined || peer === undefined, { error: 'name one of ip and peer' });
export type Explain = z.infer<typeof Explain>;

export const EXPLAIN_STEPS = [
  'route',
  'address',
  'allowlist',
  'credential',
  'authenticate',
  'bounds',
  'mode',
  'rate',
  'scopes',
] as const;

const step = z.enum(EXPLAIN_STEPS);

/** What would be answered, and why. */
export const Explanation = z.strictObject({
  allow: z.boolean(),
  status: z.int(),
  code: z.enum(OUTCOMES),
  /** In their order, up to the first failure. */
  steps: z.array(z.strictObject({ step, outcome: z.enum(['pass', 'skip', 'fail']), words: z.string() })),
  firstFailure: z.strictObject({ step, words: z.string(), remedy: z.string() }).nullable(),
  /** Who the request would be taken for, as far as it came. */
  caller: z
    .strictObject({ kind: z.enum(PRINCIPAL_KINDS), id: z.string(), organizationId: z.string().nullable() })
    .nullable(),
  /** What the route asks of its callers. */
  policy: z.strictObject({
    id: z.string(),
    authModes: z.array(z.enum(AUTH_MODES)),
    scopes: z.array(z.string()),
    slots: z.array(z.string()),
    operatorOnly: z.boolean(),
    counted: z.boolean(),
    rateLimit: RateLimit.nullable(),
  }),
});
export type Explanation = z.infer<typeof Explanation>;
