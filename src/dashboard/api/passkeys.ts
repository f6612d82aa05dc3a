import type {
  CreationOptions,
  NewCredential,
  PasskeySite,
  PasskeyView,
  RequestOptions,
  ShownCredential,
} from '../../contract/passkeys.js';

// Browsers have `parseCreationOptionsFromJSON` and `toJSON` for this, some of them and lately; what password managers put
// in the place of the browser's own has them not. Two fields of bytes are soon turned by hand, and everywhere alike.

/** Why passkeys cannot be used on this page; `null`: they can. */
export function whyNoPasskeys({ origin, lacks }: PasskeySite): 'https' | 'name' | 'elsewhere' | 'browser' | null {
  if (lacks !== null) return lacks;
  if (origin !== location.origin) return 'elsewhere';
  return window.PublicKeyCredential === undefined ? 'browser' : null;
}

/** Lets the browser make a passkey. @throws DOMException `NotAllowedError`: the person did not, or not in time */
export async function makePasskey(options: CreationOptions): Promise<NewCredential> {
  const { challenge, user, excludeCredentials } = options;
  const made = (await navigator.credentials.create({
    publicKey: {
      ...options,
      challenge: toBytes(challenge),
      user: { ...user, id: toBytes(user.id) },
      excludeCredentials: excludeCredentials.map(descriptor),
    },
  })) as PublicKeyCredential;
  const response = made.response as AuthenticatorAttestationResponse;
  return {
    ...namesOf(made),
    response: {
      clientDataJSON: toText(response.clientDataJSON),
      attestationObject: toText(response.attestationObject),
      transports: (response as Partial<AuthenticatorAttestationResponse>).getTransports?.() ?? [],
    },
  };
}

export interface Showing {
  /** Offered among the suggestions of a field, and not in a window: until somebody takes it up, or `signal` ends it. */
  readonly amongSuggestions?: boolean;
  readonly signal?: AbortSignal;
}

/** Lets the person show a passkey. @throws DOMException as above; `AbortError`: `signal` ended it */
export async function showPasskey(options: RequestOptions, showing: Showing = {}): Promise<ShownCredential> {
  const { challenge, allowCredentials } = options;
  const shown = (await navigator.credentials.get({
    publicKey: { ...options, challenge: toBytes(challenge), allowCredentials: allowCredentials.map(descriptor) },
    ...(showing.amongSuggestions === true ? { mediation: 'conditional' } : {}),
    ...(showing.signal === undefined ? {} : { signal: showing.signal }),
  })) as PublicKeyCredential;
  const { clientDataJSON, authenticatorData, signature, userHandle } = shown.response as AuthenticatorAssertionResponse;
  return {
    ...namesOf(shown),
    response: {
      clientDataJSON: toText(clientDataJSON),
      authenticatorData: toText(authenticatorData),
      signature: toText(signature),
      ...(userHandle === null ? {} : { userHandle: toText(userHandle) }),
    },
  };
}

/** Whether passkeys can be offered among the suggestions of a field. */
export async function canSuggest(): Promise<boolean> {
  return (await window.PublicKeyCredential?.isConditionalMediationAvailable?.()) === true;
}

/** The person closed the browser's window, or let it wait too long: nothing is wrong. */
export function wasCancelled(failure: unknown): boolean {
  return failure instanceof DOMException && ['NotAllowedError', 'AbortError'].includes(failure.name);
}

/** What browsers that can do so are told, so that they offer no passkey that was taken away. */
interface Signals {
  signalAllAcceptedCredentials?(facts: object): Promise<void>;
  signalUnknownCredential?(facts: object): Promise<void>;
}

/** Tells the browser which passkeys are left, for those that it offers for this host. */
export function tellLeft(userId: string, passkeys: readonly PasskeyView[]): void {
  const allAcceptedCredentialIds = passkeys.map(({ credentialId }) => credentialId);
  const facts = { rpId: location.hostname, userId: btoa(userId).replace(/=+$/, ''), allAcceptedCredentialIds };
  void signals()
    ?.signalAllAcceptedCredentials?.(facts)
    .catch(() => {});
}

/** Tells the browser that the passkey it has just made was not kept. */
export function tellUnknown(credentialId: string): void {
  void signals()
    ?.signalUnknownCredential?.({ rpId: location.hostname, credentialId })
    .catch(() => {});
}

const signals = () => window.PublicKeyCredential as unknown as Signals | undefined;

const namesOf = ({ rawId }: PublicKeyCredential) =>
  ({ id: toText(rawId), rawId: toText(rawId), type: 'public-key' }) as const;

const descriptor = ({ type, id, transports }: RequestOptions['allowCredentials'][number]) => ({
  type,
  id: toBytes(id),
  ...(transports === undefined ? {} : { transports: transports as AuthenticatorTransport[] }),
});

function toBytes(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (one) => one.charCodeAt(0));
}

function toText(bytes: ArrayBuffer): string {
  const binary = Array.from(new Uint8Array(bytes), (one) => String.fromCharCode(one)).join('');
  return btoa(binary).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
}
