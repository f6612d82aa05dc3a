import type { z } from 'zod';
import type * as client from '../../src/client/index.js';
import type * as ask from '../../src/contract/ask.js';
import type { AskEvents } from '../../src/contract/ask-events.js';
import type * as auth from '../../src/contract/auth.js';
import type * as keys from '../../src/contract/keys.js';
import type * as tokens from '../../src/contract/tokens.js';
import type { Whoami } from '../../src/contract/whoami.js';

/**
 * Compiled, never run: the shapes that the client shows are those of the contract, field by field. `use` is the
 * client's own to say, and `organizationId` an option of every call.
 */

type Plain<T> = T extends readonly (infer Item)[]
  ? readonly Plain<Item>[]
  : T extends object
    ? { readonly [Field in keyof T]: Plain<T[Field]> }
    : T;
/** Exactly the same, optional fields included; whether arrays may be changed aside. */
type Same<A, B> =
  (<T>() => T extends Plain<A> ? 1 : 2) extends <T>() => T extends Plain<B> ? 1 : 2 ? true : [Plain<A>, Plain<B>];
type Sent<Schema extends z.ZodType> = z.input<Schema>;

function same<A, B>(_proof: Same<A, B>): void {}

same<client.User, auth.Profile>(true);
same<client.Membership, auth.Membership>(true);
same<client.SignedIn, auth.SignedIn>(true);
same<client.SignUp, Sent<typeof auth.Signup>>(true);
same<client.SignUpAccepted, auth.SignupAccepted>(true);
same<client.SignIn, Omit<Sent<typeof auth.Login>, 'use'>>(true);
same<client.AcceptInvite, Omit<Sent<typeof auth.AcceptInvite>, 'use'>>(true);
same<client.ResetPassword, Sent<typeof auth.ResetPassword>>(true);
same<client.Accepted, auth.Accepted>(true);
same<client.Principal, Whoami['principal']>(true);
same<client.ConfirmIdentity, Sent<typeof auth.ConfirmIdentity>>(true);
same<client.IdentityConfirmed, auth.IdentityConfirmed>(true);
same<client.Key, keys.KeyView>(true);
same<client.KeySecret, keys.KeyView['secrets'][number]>(true);
same<client.KeyWithToken, keys.KeyWithToken>(true);
same<client.CreateKey, Sent<typeof keys.CreateKey>>(true);
same<client.UpdateKey, Sent<typeof keys.UpdateKey>>(true);
same<client.Page<client.Key>, z.infer<typeof keys.KeyList>>(true);
same<client.ListKeys, Omit<keys.ListKeys, 'organizationId' | 'limit'> & { limit?: number | undefined }>(true);
same<client.VerifyKey, Sent<typeof keys.VerifyKey>>(true);
same<client.VerifyAnswer, keys.VerifyAnswer>(true);
same<client.Ask, Sent<typeof ask.Ask>>(true);
same<client.AskAnswer, ask.AskAnswer>(true);
same<client.Citation, ask.Citation>(true);
type Streamed<Name extends client.AskEvent['event']> = Extract<client.AskEvent, { event: Name }>['data'];
same<Streamed<'citations'>, AskEvents['citations']>(true);
same<Streamed<'delta'>, AskEvents['delta']>(true);
same<Streamed<'progress'>, AskEvents['progress']>(true);
same<Streamed<'done'>, AskEvents['done']>(true);
same<Streamed<'status'>, Pick<AskEvents['status'], 'id' | 'status'>>(true);
same<client.TradeKey, Sent<typeof tokens.TradeKey>>(true);
same<client.AccessToken, tokens.AccessToken>(true);

// @ts-expect-error: the comparison sees a field that is missing
same<{ a: string }, { a: string; b: number }>(true);
// @ts-expect-error: and one that may be left out
same<{ a: string; b?: number | undefined }, { a: string; b: number | undefined }>(true);
