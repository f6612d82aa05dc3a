/** Proves anew who is signed in: one of the three. */
export interface ConfirmIdentity {
  password?: string | undefined;
  /** Six digits of the authenticator app; recovery codes do not do here. */
  code?: string | undefined;
  /** What `navigator.credentials.get()` gave for the options of `POST /api/auth/confirm/options`. */
  passkey?: ShownPasskey | undefined;
}

/** A passkey that was shown, as its `toJSON()` writes it. */
export interface ShownPasskey {
  id: string;
  rawId: string;
  type: 'public-key';
  response: {
    clientDataJSON: string;
    authenticatorData: string;
    signature: string;
    userHandle?: string | null | undefined;
  };
}

export interface IdentityConfirmed {
  provenAt: string;
  /** Until then this session may do what needs a fresh proof. */
  freshUntil: string;
}
