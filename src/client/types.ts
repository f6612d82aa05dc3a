/**
 * The shapes of the wire as apps see them. They are written out, and not taken from the schemas of `contract/`, so
 * that nobody who installs the client needs the schema library; `test/client/contract.test-d.ts` does not compile
 * when the two say different things.
 */

export type Role = 'owner' | 'admin' | 'member' | 'viewer' | 'guest';
export type Environment = 'development' | 'staging' | 'production';

export interface Membership {
  organizationId: string;
  organizationName: string;
  role: Role;
}

/** A signed-in user as they see themselves. Times are ISO 8601 in UTC, here and everywhere. */
export interface User {
  id: string;
  email: string;
  name: string;
  instanceOperator: boolean;
  /** Whether signing in asks for a code of an authenticator app. */
  totp: boolean;
  createdAt: string;
  memberships: Membership[];
}

export interface SignUp {
  email: string;
  /** 12 to 256 characters, none of the common ones. */
  password: string;
  name?: string | undefined;
}

/** The same whether or not there was such an account. */
export interface SignUpAccepted {
  status: 'accepted';
  /** A link was mailed that has to be opened before the first sign-in. */
  confirmByMail: boolean;
}

export interface SignIn {
  email: string;
  password: string;
  /** Six digits of the authenticator app, or a recovery code; asked for by the error `TOTP_REQUIRED`. */
  totp?: string | undefined;
}

export interface AcceptInvite {
  /** What stands behind `#` in the link. */
  token: string;
  /** A new one, or that of the account the invite is for. */
  password: string;
  name?: string | undefined;
  /** Where the account is there already and asks for one: the error `TOTP_REQUIRED`. */
  totp?: string | undefined;
}

export interface ResetPassword {
  /** What stands behind `#` in the link. */
  token: string;
  password: string;
}

/** The same whatever was found. */
export interface Accepted {
  status: 'accepted';
}

/** Who a credential is. */
export interface Principal {
  kind: 'user' | 'api_key' | 'service_key' | 'mcp_token' | 'env_admin' | 'env_client' | 'local' | 'anonymous';
  id: string;
  /** `null`: every organization. */
  organizationId: string | null;
  scopes: string[];
  role?: string | undefined;
  keyId?: string | undefined;
  /** Users: every organization they may act in. */
  organizations?: Membership[] | undefined;
  environment?: Environment | undefined;
  /** Users: until when this session may do what needs a fresh proof. It may be over. */
  freshUntil?: string | undefined;
}

export interface Ask {
  workspaceId: string;
  question: string;
  /** Left out: the default provider of the workspace, where it has one. `null`: no model, whatever the workspace has. */
  credentialId?: string | null | undefined;
  model?: string | undefined;
  promptId?: string | undefined;
  promptVariables?: Record<string, string> | undefined;
  previousJobId?: string | undefined;
}

/** A passage of a file; lines count from 1 and both ends are included. */
export interface Citation {
  /** What `[1]` in an answer means. */
  number: number;
  path: string;
  startLine: number;
  endLine: number;
  text: string;
  /** Relative to the best passage of this answer: 1 is the best. */
  score: number;
  /** Whether the answer refers to it. A model that refers to none leaves all that it was shown, with `false`. */
  cited: boolean;
}

/** What the provider says it counted. */
export interface TokenUsage {
  inputTokens: number | null;
  outputTokens: number | null;
  /** By list prices; `null`: unknown for this model. */
  costUsd: number | null;
}

export interface AskAnswer {
  jobId: string;
  status: 'completed';
  answer: string;
  citations: Citation[];
  /** `null`: answered from the files alone, without a model. */
  model: string | null;
  /** The credential that paid for the answer. */
  credentialId: string | null;
  usage: TokenUsage | null;
  /** References of the model to passages or lines that are not there: they were taken out of the answer. */
  droppedCitations: number;
  durationMs: number;
}

/** The question as a job: a `status` that is `running` begins a run, and voids pieces of an answer that came before. */
export interface AskStatus {
  id: string;
  status: 'queued' | 'running' | 'completed' | 'failed' | 'cancelled';
}

/** What an answer tells while it is made. */
export type AskEvent =
  | { event: 'status'; data: AskStatus }
  | { event: 'progress'; data: { step: string; done: number; total: number } }
  | { event: 'citations'; data: { citations: Citation[] } }
  | { event: 'delta'; data: { text: string } }
  | { event: 'done'; data: AskAnswer };

export interface TradeKey {
  /** 1 to 900, which is the default. */
  ttlSeconds?: number | undefined;
  /** Left out: all the key holds. */
  scopes?: readonly string[] | undefined;
  /** Whom the token is for, when that is not Gatehouse itself, which then does not accept it. */
  audience?: string | undefined;
}

/** The names of RFC 6749 §5.1. */
export interface AccessToken {
  access_token: string;
  token_type: 'Bearer';
  expires_in: number;
  /** Separated by blanks. */
  scope: string;
}

/** What signing in and refreshing answer. */
export interface SignedIn {
  user: User;
  access_token?: string | undefined;
  token_type?: 'Bearer' | undefined;
  expires_in?: number | undefined;
  scope?: string | undefined;
  refresh_token?: string | undefined;
}
