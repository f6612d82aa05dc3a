import * as z from 'zod';
import { oneLine, Timestamp } from './fields.js';

/** At once, for one person: a phone, a laptop, a few security keys. */
export const MAX_PASSKEYS = 10;

export const PasskeyId = z
  .string()
  .regex(/^pky_[0-9A-Za-z]{22}$/, { error: 'a passkey id looks like pky_ and 22 letters or digits' });

/** Bytes as base64url without padding. */
const bytes = (maxCharacters: number) =>
  z
    .string()
    .max(maxCharacters, { error: `at most ${maxCharacters} characters` })
    .regex(/^[A-Za-z0-9_-]+$/, { error: 'is not base64url' });

/** Of an authenticator's own making: 1023 bytes at most (WebAuthn §5.8.3). */
export const CredentialId = bytes(1364);
/** How a browser reaches the authenticator: a hint, in words that grow with the standard. */
const Transports = z.array(z.string().regex(/^[a-z-]{1,20}$/)).max(10);

const given = { id: CredentialId, rawId: CredentialId, type: z.literal('public-key') };

/**
 * What `navigator.credentials.create()` gives, as its `toJSON()` writes it. Browsers add fields of their own, so what
 * is not named here is left aside and not refused.
 */
export const NewCredential = z.object({
  ...given,
  response: z.object({
    clientDataJSON: bytes(8192),
    attestationObject: bytes(32_768),
    transports: Transports.optional(),
  }),
});
export type NewCredential = z.infer<typeof NewCredential>;

/** The same of `navigator.credentials.get()`. */
export const ShownCredential = z.object({
  ...given,
  response: z.object({
    clientDataJSON: bytes(8192),
    authenticatorData: bytes(8192),
    signature: bytes(4096),
    userHandle: bytes(100).nullish(),
  }),
});
export type ShownCredential = z.infer<typeof ShownCredential>;

const named = oneLine(60).min(1, { error: 'must not be empty' });
export const AddPasskey = z.strictObject({
  credential: NewCredential,
  /** Left out: the browser's own name. */
  name: named.optional(),
});
export type AddPasskey = z.infer<typeof AddPasskey>;
export const RenamePasskey = z.strictObject({ name: named });
export type RenamePasskey = z.infer<typeof RenamePasskey>;
export const PasskeySignIn = z.strictObject({
  credential: ShownCredential,
  use: z.enum(['cookie', 'token']).default('token'),
});
export type PasskeySignIn = z.infer<typeof PasskeySignIn>;

const Descriptor = z.strictObject({
  type: z.literal('public-key'),
  id: CredentialId,
  transports: Transports.optional(),
});

/** For `PublicKeyCredential.parseCreationOptionsFromJSON()`. */
export const CreationOptions = z.strictObject({
  rp: z.strictObject({ id: z.string(), name: z.string() }),
  user: z.strictObject({ id: z.string(), name: z.string(), displayName: z.string() }),
  challenge: z.string(),
  pubKeyCredParams: z.array(z.strictObject({ type: z.literal('public-key'), alg: z.int() })),
  timeout: z.int(),
  excludeCredentials: z.array(Descriptor),
  authenticatorSelection: z.strictObject({
    residentKey: z.literal('required'),
    requireResidentKey: z.literal(true),
    userVerification: z.literal('required'),
  }),
  attestation: z.literal('none'),
});
export type CreationOptions = z.infer<typeof CreationOptions>;

/** For `PublicKeyCredential.parseRequestOptionsFromJSON()`. */
export const RequestOptions = z.strictObject({
  challenge: z.string(),
  rpId: z.string(),
  timeout: z.int(),
  /** Empty at sign-in: whoever has one is found by it, and nobody learns which accounts there are. */
  allowCredentials: z.array(Descriptor),
  userVerification: z.literal('required'),
});
export type RequestOptions = z.infer<typeof RequestOptions>;

/** A passkey as its owner sees it. */
export const PasskeyView = z.strictObject({
  id: PasskeyId,
  name: z.string(),
  createdAt: Timestamp,
  lastUsedAt: Timestamp.nullable(),
  /** Kept by a password manager or an account elsewhere, and not in one device alone. */
  backedUp: z.boolean(),
  /** The host it was made at, and works at. */
  rpId: z.string(),
  /** What the browser knows it by. */
  credentialId: CredentialId,
});
export type PasskeyView = z.infer<typeof PasskeyView>;
/** All of them: there are never more than a page holds. */
export const PasskeyList = z.strictObject({ data: z.array(PasskeyView), nextCursor: z.null() });
export const PasskeyOnly = z.strictObject({ passkey: PasskeyView });

/**
 * Where passkeys work. Browsers bind them to one host name, and want https there or `localhost`.
 */
export const PasskeySite = z.strictObject({
  /** `https://gate.example.com`: the one of `PUBLIC_URL`; without it, what was called. */
  origin: z.string(),
  /** `null`: they work there. Else what is missing: https, or a name in the place of an IP address. */
  lacks: z.enum(['https', 'name']).nullable(),
});
export type PasskeySite = z.infer<typeof PasskeySite>;
