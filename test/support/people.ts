import type { RunningGatehouse } from './gatehouse.js';

/** Passwords of tests: long, and on nobody's list. */
export const PASSWORD = 'plum turnip lantern quarry';
export const OTHER_PASSWORD = 'violet anvil harbour thistle';

export const ADMIN_EMAIL = 'ada@example.com';

/** Somebody signed in, with ways to call as them. */
export interface SignedInPerson {
  readonly id: string;
  /** As `Cookie` sends it. */
  readonly cookie: string;
  readonly headers: { readonly cookie: string; readonly origin: string };
}

/** The secret behind the `#` of a link. */
export const secretOf = (link: { path: string }): string => link.path.slice(link.path.indexOf('#') + 1);

/** Makes the first administrator by the one-time link. */
export async function setUp(
  gate: RunningGatehouse,
  { email = ADMIN_EMAIL, password = PASSWORD } = {},
): Promise<string> {
  const token = secretOf(await gate.gatehouse.firstRun.makeLink(null));
  const answer = await gate.call('/api/auth/setup', { body: { token, email, password, name: 'Ada' } });
  if (answer.status !== 200) throw new Error(`setUp: ${answer.status} ${answer.text}`);
  return answer.json.user.id;
}

/** Makes an account as `local`. */
export async function createUser(gate: RunningGatehouse, email: string, fields: object = {}): Promise<string> {
  const answer = await gate.local('/api/users', { body: { email, password: PASSWORD, ...fields } });
  if (answer.status !== 201) throw new Error(`createUser: ${answer.status} ${answer.text}`);
  return answer.json.user.id;
}

/** Signs in with a cookie, as a page of this instance does. */
export async function signIn(
  gate: RunningGatehouse,
  email = ADMIN_EMAIL,
  password = PASSWORD,
): Promise<SignedInPerson> {
  const origin = new URL(gate.url).origin;
  const answer = await gate.call('/api/auth/login', {
    body: { email, password, use: 'cookie' },
    headers: { origin },
  });
  if (answer.status !== 200) throw new Error(`signIn: ${answer.status} ${answer.text}`);
  const [cookie = ''] = (answer.headers.getSetCookie()[0] ?? '').split(';');
  return { id: answer.json.user.id, cookie, headers: { cookie, origin } };
}

/** Proves anew who is signed in, so that the session may do what is dangerous for ten minutes. */
export async function confirmIdentity(
  gate: RunningGatehouse,
  headers: Record<string, string>,
  proof: object = { password: PASSWORD },
): Promise<{ provenAt: string; freshUntil: string }> {
  const answer = await gate.call('/api/auth/confirm', { body: proof, headers });
  if (answer.status !== 200) throw new Error(`confirmIdentity: ${answer.status} ${answer.text}`);
  return answer.json;
}

/** Signs in with tokens, as an app does. */
export async function tokensOf(
  gate: RunningGatehouse,
  email = ADMIN_EMAIL,
  password = PASSWORD,
): Promise<{ access_token: string; refresh_token: string; user: { id: string } }> {
  const answer = await gate.call('/api/auth/login', { body: { email, password, use: 'token' } });
  if (answer.status !== 200) throw new Error(`tokensOf: ${answer.status} ${answer.text}`);
  return answer.json;
}
