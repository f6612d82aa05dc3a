import * as z from 'zod';

/** What `catalogue.json` may hold. A type that does not fit stops the start and is named: adding one is editing that file. */

const identifier = z.string().regex(/^[A-Za-z][A-Za-z0-9]{0,63}$/);
/** Text with `{field}` places, see the notes in `catalogue.json`. */
const template = z.string().min(1).max(500);
/** All named fields have these values. */
const When = z.record(identifier, z.string());
const regularExpression = z.string().refine(isRegularExpression, { error: 'is no regular expression' });
const HttpsUrl = z.url({ protocol: /^https$/ });

export const FIELD_KINDS = ['secret', 'text', 'select', 'number', 'boolean', 'json', 'url', 'keyvalue'] as const;

const FieldSpec = z.strictObject({
  name: identifier,
  label: z.string().min(1).max(60),
  kind: z.enum(FIELD_KINDS),
  /** Several lines of text, kept as a list. */
  list: z.literal(true).optional(),
  /** Sealed and never returned; else it may be shown. */
  secret: z.boolean(),
  required: z.boolean(),
  requiredIf: When.optional(),
  /** It belongs to the type only then; given otherwise, it is refused. */
  showIf: When.optional(),
  default: z.union([z.string(), z.number(), z.boolean()]).optional(),
  options: z.array(z.strictObject({ value: z.string(), label: z.string() })).optional(),
  pattern: regularExpression.optional(),
  /** Of the names in a `keyvalue` field. */
  keyPattern: regularExpression.optional(),
  /** Members a `json` field must have. */
  requiredKeys: z.array(z.string()).optional(),
  help: z.string().min(1).max(300),
});
export type FieldSpec = z.infer<typeof FieldSpec>;

const Slot = z.strictObject({
  in: z.enum(['header', 'basic', 'query', 'path']),
  name: template,
  template,
  when: When.optional(),
});

const JsonMatch = {
  path: z.string(),
  equals: z.union([z.string(), z.boolean()]).optional(),
  exists: z.literal(true).optional(),
};
const Status = z.int().min(100).max(599);

const BodyMatch = z.strictObject({ status: Status, jsonPath: z.string(), equals: z.string() });

const HttpTest = z.strictObject({
  method: z.enum(['GET', 'POST']),
  /** Left out: the type's own. */
  baseUrl: HttpsUrl.optional(),
  path: template,
  body: z.record(z.string(), z.string()).optional(),
  expectStatus: z.union([Status, z.string().regex(/^\d{3}-\d{3}$/)]),
  /** Has to hold as well as the status. */
  expectJson: z.strictObject(JsonMatch).optional(),
  /** The key is good and may not do this. */
  alsoValid: z.array(Status).optional(),
  /** Good and not permitted, by status and body. */
  validIf: z.array(BodyMatch).optional(),
  /** Refused, by status and body: vendors that answer 200 to everything. */
  invalidIf: z.array(BodyMatch).optional(),
  invalidStatus: z.array(Status).optional(),
  note: z.string().optional(),
});
export type HttpTest = z.infer<typeof HttpTest>;

const exchangeFacts = {
  when: When.optional(),
  tokenUrl: template,
  /** The address is ours or made of checked fields; one inside a pasted key file is never called. */
  tokenUrlPinned: z.literal(true),
  method: z.literal('POST'),
  grantType: z.string(),
  response: z.strictObject({ token: z.string(), expiresIn: z.string() }),
  cacheSeconds: z.int().min(1),
  note: z.string().optional(),
};

const Exchange = z.discriminatedUnion('type', [
  z.strictObject({
    ...exchangeFacts,
    type: z.literal('jwt-bearer'),
    contentType: z.literal('application/x-www-form-urlencoded'),
    assertionParam: z.string(),
    alg: z.literal('RS256'),
    header: z.record(z.string(), template),
    /** `now` and `now+3600` are times; a template that comes out empty is left out. */
    claims: z.record(z.string(), template),
  }),
  z.strictObject({
    ...exchangeFacts,
    type: z.literal('client_credentials'),
    contentType: z.literal('application/json'),
    params: z.record(z.string(), template),
  }),
]);
export type Exchange = z.infer<typeof Exchange>;

/** How deliveries are signed. Only what has no alternative in its scheme is left to words. */
const WebhookSignature = z.looseObject({
  scheme: z.enum(['stripe-v1', 'standard-webhooks-v1']),
  signatureHeader: z.string(),
  headers: z.array(z.string()).min(1),
  toleranceSeconds: z.int().min(1),
  keyDerivations: z.array(z.looseObject({ id: z.enum(['standard', 'polar-legacy']) })).optional(),
});
export type WebhookSignature = z.infer<typeof WebhookSignature>;

const Method = z.enum(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE']);

/** Requests that change nothing at the vendor. */
const ReadRule = z.strictObject({
  methods: z.array(Method).min(1),
  /** A regular expression for the vendor's path, the key taken out of it; left out: every path. */
  path: regularExpression.optional(),
  /** Parameters that turn it into something else. */
  withoutQuery: z.array(z.string()).optional(),
  /** And only while the body holds GraphQL queries, no mutation and no subscription. */
  graphql: z.literal(true).optional(),
});
export type ReadRule = z.infer<typeof ReadRule>;

/** Where a vendor's own libraries put the key, and the word before it; the proxy reads ours from there. */
const AcceptScheme = z.strictObject({
  in: z.enum(['header', 'basic', 'query', 'path']),
  /** `{field}` is one that is no secret. `basic`: `user` or `password`. `path`: what stands before the key in the path. */
  name: template,
  /** Left out: the whole value is the key. */
  scheme: z.string().optional(),
});
export type AcceptScheme = z.infer<typeof AcceptScheme>;

const Sdk = z.strictObject({
  package: z.string(),
  language: z.enum(['js', 'sh']),
  /** `{proxy}` and `{proxyHost}` are filled in. */
  lines: z.array(z.string()).min(1),
});

const MailTest = z.strictObject({
  steps: z.array(z.string()),
  success: z.string(),
  failure: z.string(),
  timeoutMs: z.int().min(100),
  note: z.string().optional(),
});

const CredentialType = z.strictObject({
  id: z.string().regex(/^[a-z][a-z0-9_]{0,31}$/),
  label: z.string().min(1).max(60),
  category: z.string(),
  /** `inbound`: it verifies what a vendor sends us, and is sent nowhere. */
  direction: z.literal('inbound').optional(),
  /** Left out: HTTP. */
  protocol: z.enum(['smtp', 'imap']).optional(),
  fields: z.array(FieldSpec).min(1),
  auth: z.array(Slot),
  authAlternatives: z.array(z.strictObject({ use: z.string(), why: z.string(), inject: z.array(Slot) })).optional(),
  acceptSchemes: z.array(AcceptScheme).optional(),
  reads: z.array(ReadRule).min(1).optional(),
  sdks: z.array(Sdk).optional(),
  forbiddenHeaderNames: z.array(z.string()).optional(),
  exchange: Exchange.optional(),
  exchangeHosts: z.array(template).optional(),
  baseUrl: template.nullable(),
  allowedHosts: z.array(template),
  optionalHosts: z.array(z.strictObject({ host: z.string(), why: z.string() })).optional(),
  extraHeaders: z.array(
    z.strictObject({
      name: z.string(),
      template,
      whenPresent: identifier.optional(),
      required: z.literal(true).optional(),
      note: z.string().optional(),
    }),
  ),
  pathVariants: z.array(z.strictObject({ prefix: template, use: z.string() })).optional(),
  test: HttpTest.nullable(),
  testReason: z.string().optional(),
  testProtocol: MailTest.optional(),
  webhookSignature: WebhookSignature.optional(),
  detect: z.array(z.string()).optional(),
  liveTest: z.strictObject({ testWhen: regularExpression, liveWhen: regularExpression }).optional(),
  note: z.string().optional(),
  docs: z.array(z.string()),
});
export type CredentialType = z.infer<typeof CredentialType>;

export const Catalogue = z.strictObject({
  schemaVersion: z.literal(1),
  verifiedOn: z.iso.date(),
  notes: z.array(z.string()),
  categories: z.array(z.string()),
  types: z.array(CredentialType),
});
export type Catalogue = z.infer<typeof Catalogue>;

function isRegularExpression(source: string): boolean {
  try {
    new RegExp(source);
    return true;
  } catch {
    return false;
  }
}
