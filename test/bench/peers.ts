import { createServer, type RequestListener, type Server } from 'node:http';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** What other servers do with the same key, for scale. Each answers 200 `{"ok":true}` to a good key and refuses others. */
export interface Peer {
  readonly name: string;
  readonly server: Server;
  readonly path: string;
  readonly headers: readonly string[];
}

/**
 * The peers that are installed in `folder` (`npm i fastify @fastify/bearer-auth better-auth @better-auth/api-key`,
 * none of which Gatehouse needs), and a sentence for each that is not.
 */
export async function peers(folder: string | undefined, token: string): Promise<{ peers: Peer[]; missing: string[] }> {
  const found: Peer[] = [];
  const missing: string[] = [];
  for (const [name, make] of [
    ['fastify with its bearer plugin', fastify],
    ["better-auth's key check", betterAuth],
  ] as const) {
    try {
      if (folder === undefined) throw new Error('BENCH_PEERS names no folder');
      found.push({ name, ...(await make(loader(folder), token)) });
    } catch (error) {
      missing.push(`${name}: left out (${(error as Error).message.split('\n', 1)[0]})`);
    }
  }
  return { peers: found, missing };
}

// biome-ignore lint/suspicious/noExplicitAny: these packages are not there when this is compiled
type Load = (name: string) => Promise<any>;

function loader(folder: string): Load {
  const require = createRequire(join(folder, 'package.json'));
  return (name) => import(pathToFileURL(require.resolve(name)).href);
}

async function fastify(load: Load, token: string): Promise<Omit<Peer, 'name'>> {
  const { default: make } = await load('fastify');
  const { default: bearer } = await load('@fastify/bearer-auth');
  const app = make();
  await app.register(bearer, { keys: new Set([token]) });
  app.get('/thing', async () => ({ ok: true }));
  await app.listen({ port: 0, host: '127.0.0.1' });
  return { server: app.server, path: '/thing', headers: [`Authorization: Bearer ${token}`] };
}

async function betterAuth(load: Load): Promise<Omit<Peer, 'name'>> {
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
  const server = await listen((request, response) => {
    void auth.api
      .verifyApiKey({ body: { key: request.headers['x-api-key'] } })
      .then(({ valid }: { valid: boolean }) => {
        response.statusCode = valid ? 200 : 401;
        response.end('{"ok":true}');
      });
  });
  return { server, path: '/thing', headers: [`x-api-key: ${key}`] };
}

export async function listen(handler: RequestListener): Promise<Server> {
  const server = createServer(handler);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}
