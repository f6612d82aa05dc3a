import {
  type AuthChange,
  type ClientErrorCode,
  createClient,
  GatehouseError,
  type Key,
  type User,
} from 'gatehouse-server/client';

// What an app writes, compiled against the packed package by `test/client/package.test.ts`; never run.

const url: string | undefined = 'https://gate.example.com';
const client = createClient(url, { refreshStorage: 'local', timeoutMs: 5000, retries: 0 });

export async function signIn(email: string, password: string): Promise<User | 'ask for a code'> {
  try {
    return await client.auth.signIn({ email, password });
  } catch (error) {
    if (error instanceof GatehouseError && error.code === 'TOTP_REQUIRED') return 'ask for a code';
    if (error instanceof GatehouseError && error.code === 'RATE_LIMITED') throw new Error(`${error.retryAfterSeconds}`);
    // @ts-expect-error: no code is spelled like this
    if (error instanceof GatehouseError && error.code === 'RATE_LIMTED') throw error;
    throw error;
  }
}

export const stop: () => void = client.auth.onChange(({ user, reason }: AuthChange) => {
  if (reason === 'expired') console.log(user?.email);
  // @ts-expect-error: nobody may be signed in
  console.log(user.email);
});

export async function keys(signal: AbortSignal): Promise<Key[]> {
  const found: Key[] = [];
  for await (const key of client.keys.listAll({ status: 'active' }, { signal, organizationId: 'org_default' }))
    found.push(key);
  const frozen = ['ask:run'] as const;
  const { token }: { token: string } = await client.keys.create({ name: 'ci', type: 'ci', scopes: frozen });
  // @ts-expect-error: `svc` is no type of an API key
  await client.keys.create({ name: token, type: 'svc' });
  // @ts-expect-error: a key has a name
  await client.keys.create({ type: 'ci' });
  // @ts-expect-error: the contract calls it graceSeconds
  await client.keys.rotate('key_1', { graceMs: 1 });
  // @ts-expect-error: a shown key has no token
  console.log(found[0]?.token);
  return found;
}

interface Order {
  id: number;
}

export async function order(): Promise<Order> {
  const made = await client.endpoints.call<Order>('shop', 'orders', { body: { item: 1 }, query: { dry: true } });
  const unknown = await client.endpoints.call('shop', 'orders');
  // @ts-expect-error: without a type it is unknown what an endpoint answers
  console.log(unknown.id);
  return made;
}

createClient(url, {
  refreshStorage: { get: async () => null, set: (token: string) => void token, remove() {} },
});
// @ts-expect-error: there is no such storage
createClient(url, { refreshStorage: 'cookie' });
// @ts-expect-error: tokens are traded for keys, and users have none
client.token.trade();

export const own: ClientErrorCode = 'NETWORK';
