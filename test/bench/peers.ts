import type { RequestListener } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Ready } from './contender.js';

/**
 * What other servers do with a key, for scale: packages that Gatehouse does not need, looked for in a folder where
 * `npm i fastify @fastify/bearer-auth better-auth @better-auth/api-key` ran. Each answers 200 `{"ok":true}` to a good
 * key and refuses others.
 */
export const PEERS = ['fastify with its bearer plugin', "better-auth's key check"] as const;
export type PeerName = (typeof PEERS)[number];

type Listen = (handler: RequestListener) => Promise<number>;

/** @throws when its packages are not in the folder */
export function startPeer(name: PeerName, folder: string, listen: Listen): Promise<Ready> {
  return name === PEERS[0] ? fastify(loader(folder)) : betterAuth(loader(folder), listen);
}

// biome-ignore lint/suspicious/noExplicitAny: these packages are not there when this is compiled
type Load = (name: string) => Promise<any>;

function loader(folder: string): Load {
  const require = createRequire(join(folder, 'package.json'));
  return (name) => import(pathToFileURL(require.resolve(name)).href);
}

async function fastify(load: Load): Promise<Ready> {
  const token = 'gate_sdk_live_bench0bench0bench0bench0bench0';
  const { default: make } = await load('fastify');
  const { default: bearer } = await load('@fastify/bearer-auth');
  const app = make();
  await app.register(bearer, { keys: new Set([token]) });
  app.get('/thing', async () => ({ ok: true }));
  await app.listen({ port: 0, host: '127.0.0.1' });
  const { port } = app.server.address() as AddressInfo;
  return { port, path: '/thing', credential: `Authorization: Bearer ${token}` };
}

async function betterAuth(load: Load, listen: Listen): Promise<Ready> {
  const { betterAuth: make } = await load('better-auth');
  const { memoryAdapter } = await load('better-auth/adapters/memory');
  const { apiKey } = await load('@better-auth/api-key');
  const auth = make({
    secret: 'bench-bench-bench-bench-bench-bench-bench',
    baseURL: 'http://localhost',
    database: memoryAdapter({ user: [], session: [], account: [], verification: [], apikey: [] }),
    emailAndPassword: { enabled: true },
    plugins: [apiKey({ rateLimit: { enabled: false } })],
    logger: { disabled: true },
  });
  const body = { email: 'bench@example.com', password: 'bench-password-1', name: 'bench' };
  const { user } = await auth.api.signUpEmail({ body });
  const { key } = await auth.api.createApiKey({ body: { userId: user.id, name: 'bench' } });
  const port = await listen((request, response) => {
    void auth.api
      .verifyApiKey({ body: { key: request.headers['x-api-key'] } })
      .then(({ valid }: { valid: boolean }) => {
        response.statusCode = valid ? 200 : 401;
        response.end('{"ok":true}');
      });
  });
  return { port, path: '/thing', credential: `x-api-key: ${key}` };
}
