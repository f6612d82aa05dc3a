import type { Actor, Bounds } from '../../kernel/principal.js';

/** What may be known of a credential without opening it. */
export interface ProviderCredential {
  readonly id: string;
  readonly name: string;
  /** Its type in the catalogue: `openai`, `anthropic`, `gemini`, or one that is no provider of models. */
  readonly type: string;
  readonly workspaceId: string;
  /** Without a slash at the end; `null`: not for HTTP. */
  readonly baseUrl: string | null;
}

/** How a request carries an open credential. */
export interface ProviderAuth {
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly defaultHeaders: readonly (readonly [name: string, value: string])[];
  /** What must not come back or be logged. */
  readonly secrets: readonly string[];
}

/** Opens credentials; the vault fits it. */
export interface CredentialSource {
  /** By id or by name in a workspace; `null`: there is none. It says nothing of the caller's bounds. */
  describe(workspaceId: string, idOrName: string): ProviderCredential | null;
  /** The workspace a credential is in; `null`: there is none. */
  workspaceOf(credentialId: string): string | null;
  /**
   * Writes the audit line first, then opens.
   * @param opening.host - where the key will be sent
   * @throws GatehouseError `NOT_FOUND`, `FORBIDDEN`, `AUDIT_UNAVAILABLE`, `VAULT_LOCKED`, `CREDENTIAL_UNREADABLE`
   */
  open(
    by: Actor,
    credentialId: string,
    opening: { readonly purpose: 'ask'; readonly host: string },
  ): Promise<{ auth(): Promise<ProviderAuth> }>;
}

/** Who answers in a workspace when a request names nobody. */
export interface DefaultProvider {
  readonly credentialId: string;
  /** `null`: the usual one of the credential's type. */
  readonly model: string | null;
}

/** Saved prompts; the room `prompts` fits it. */
export interface PromptSource {
  /**
   * Its text with the variables put in.
   * @throws GatehouseError `NOT_FOUND` for an unknown and a foreign one alike; `BAD_REQUEST` for variables that do not fit
   */
  resolve(
    bounds: Bounds,
    organizationId: string,
    promptId: string,
    variables: Readonly<Record<string, string>>,
  ): Promise<{ readonly text: string; readonly version: number }>;
}

/** A question that was asked before, and what became of it. */
export interface EarlierQuestion {
  readonly workspaceId: string | null;
  readonly question: string;
  readonly previousJobId: string | null;
  /** `null`: it has none (yet). */
  readonly result: { readonly answer: string; readonly model: string | null } | null;
}

/** Questions that were asked before; the queue fits it. */
export interface EarlierQuestions {
  /** @throws GatehouseError `NOT_FOUND` for an unknown job and one that the caller may not see, alike */
  find(bounds: Bounds, jobId: string): Promise<EarlierQuestion>;
}

/** What answering needs of other rooms. */
export interface AnsweringSources {
  readonly credentials: CredentialSource;
  readonly prompts: PromptSource | null;
  readonly earlier: EarlierQuestions;
  defaultProvider(workspaceId: string): DefaultProvider | null;
}
