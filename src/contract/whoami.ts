import * as z from 'zod';
import { Membership } from './auth.js';
import { Environment, Timestamp } from './fields.js';

export const PRINCIPAL_KINDS = [
  'user',
  'api_key',
  'service_key',
  'mcp_token',
  'env_admin',
  'env_client',
  'local',
  'anonymous',
] as const;
export type PrincipalKind = (typeof PRINCIPAL_KINDS)[number];

export const Whoami = z.strictObject({
  principal: z.strictObject({
    kind: z.enum(PRINCIPAL_KINDS),
    id: z.string(),
    /** `null`: every organization. */
    organizationId: z.string().nullable(),
    scopes: z.array(z.string()),
    role: z.string().optional(),
    keyId: z.string().optional(),
    /** Users: every organization they may act in. */
    organizations: z.array(Membership).optional(),
    environment: Environment.optional(),
    /** Users: until when this session may do what needs a fresh proof. It may be over. */
    freshUntil: Timestamp.optional(),
  }),
});
export type Whoami = z.infer<typeof Whoami>;
