import { cp, mkdir } from 'node:fs/promises';
import { createServer, request as httpRequest, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import express from 'express';
import { ERRORS, type ErrorCode } from '../../src/contract/codes.js';
import { gatehouse } from '../../src/express/index.js';
import type { AuthMode, GatehouseMiddleware } from '../../src/express/types.js';
import { listenGateway } from '../../src/gateway/server.js';
import { missing, startCaddy, startNginx } from '../deploy/proxy.js';
import { ADMIN_KEY, type RunningGatehouse } from '../support/gatehouse.js';
import { temporaryFolder } from '../support/workspace.js';
import { type Needs, ROUTES, type Row } from './table.js';

/** The Gatehouse that every door belongs to, but for the one in a process of its own. */
export const SETTINGS = {
  ENVIRONMENT: 'development',
  ADMIN_API_KEY: ADMIN_KEY,
  VALID_API_KEYS: 'c'.repeat(40),
  API_RATE_LIMIT: 'off',
  TRUST_PROXY: 'loopback',
  ALLOWED_IPS: '127.0.0.0/8, 192.0.2.0/24, 198.51.100.0/24',
} as const;

/** Who was let in: kind and id as the door tells them. */
export type Verdict = { readonly allow: string } | { readonly code: string };

/** One way in. */
export interface Door extends AsyncDisposable {
  /** What it has no notion of; rows that need it are not asked. */
  readonly lacks: readonly Needs[];
  /** It has routes of its own: it is asked about the credential alone. */
  readonly anywhere?: true;
  ask(row: Row, headers: readonly (readonly [string, string])[]): Promise<Verdict>;
}

type Opener = (house: RunningGatehouse, app: string) => Promise<Door>;

/** An app that answers with who it was told is calling. */
export async function startApp(): Promise<AsyncDisposable & { url: string }> {
  return serve(createServer((request, response) => response.end(String(request.headers['x-gatehouse-subject']))));
}

/** The doors of this program. Proxies that ask at `/api/verify` are doors like these. */
export const DOORS: Readonly<Record<string, Opener>> = {
  Express: async (house) => ({
    ...nothing,
    lacks: [],
    anywhere: true,
    async ask(_row, headers) {
      const answer = await send(house.url, 'GET', '/api/auth/whoami', headers);
      return answer.status === 200 ? { allow: JSON.parse(answer.text).principal.id } : refusal(answer);
    },
  }),

  '/api/verify': async (house) => ({
    ...nothing,
    lacks: [],
    async ask({ method, path }, headers) {
      const facts = [
        ['X-Forwarded-Method', method],
        ['X-Forwarded-Uri', path],
        ['X-Forwarded-Host', 'app.test'],
      ] as const;
      const answer = await send(house.url, 'GET', '/api/verify', [...facts, ...headers]);
      return answer.status === 204 ? { allow: String(answer.headers['x-gatehouse-subject']) } : refusal(answer);
    },
  }),

  '/api/verify/nginx': async (house) => ({
    ...nothing,
    lacks: [],
    async ask({ method, path }, headers) {
      const facts = [
        ['X-Original-Method', method],
        ['X-Original-URL', `http://app.test${path}`],
      ] as const;
      const answer = await send(house.url, 'GET', '/api/verify/nginx', [...facts, ...headers]);
      if (answer.status === 204) return { allow: String(answer.headers['x-gatehouse-subject']) };
      const code = String(answer.headers['x-gatehouse-error']);
      // Nothing but these two arrives through nginx.
      if (answer.status !== (code === 'UNAUTHORIZED' ? 401 : 403)) throw new Error(`${answer.status} for ${code}`);
      return { code };
    },
  }),

  // The real programs, on the configuration that docs/deploy prints.
  ...(missing('nginx') === null ? { nginx: behind(startNginx, ['two Authorization lines']) } : {}),
  ...(missing('caddy') === null ? { Caddy: behind(startCaddy) } : {}),

  gateway: async (house, app) => {
    const gateway = await listenGateway(house.gatehouse, new URL(app));
    return {
      lacks: [],
      ask: ({ method, path }, headers) => askApp(gateway.url, method, path, headers),
      [Symbol.asyncDispose]: () => gateway.close(0),
    };
  },

  'middleware on a folder of its own': async (house) => {
    // One process owns a folder: this door gets a copy of the keys, and of what their JWTs are checked with.
    const folder = await temporaryFolder();
    await mkdir(join(folder.path, '.gatehouse'), { mode: 0o700 });
    for (const file of [
      'api-keys.json',
      '.gatehouse/master.key',
      '.gatehouse/instance.json',
      '.gatehouse/signing-keys.json',
    ])
      await cp(join(house.folder, file), join(folder.path, file));
    const gate = await gatehouse({ folder: folder.path, settings: SETTINGS });
    return guarded(gate, ['paths'], async () => folder[Symbol.asyncDispose]());
  },

  'middleware that asks a Gatehouse': async (house) => {
    const made = await house.local('/api/service-keys', {
      method: 'POST',
      body: { name: 'app', scopes: ['keys:read'] },
    });
    const { TRUST_PROXY: trustProxy, ALLOWED_IPS: allowedIps } = SETTINGS;
    const gate = await gatehouse({ url: house.url, serviceKey: made.json.token, trustProxy, allowedIps });
    return guarded(gate, ['paths', 'environment keys', 'jwt'], async () => {});
  },
};

/**
 * Where a request came from is for the proxy to say.
 * @param refuses - what it refuses by itself, in words of its own
 */
function behind(start: typeof startNginx, refuses: readonly Needs[] = []): Opener {
  return async (house, app) => {
    const proxy = await start({ gatehouse: Number(new URL(house.url).port), app: Number(new URL(app).port) });
    return {
      lacks: ['forwarding', ...refuses],
      ask: ({ method, path }, headers) => askApp(proxy.url, method, path, headers),
      [Symbol.asyncDispose]: async () => proxy[Symbol.asyncDispose](),
    };
  };
}

const nothing = { async [Symbol.asyncDispose]() {} };

/** The routes of the table as those of an Express app. */
async function guarded(gate: GatehouseMiddleware, lacks: Door['lacks'], then: () => Promise<void>): Promise<Door> {
  const app = express();
  for (const { methods = [], path, authModes, scopes, slots, rateLimit } of ROUTES.routes) {
    const route = {
      authModes: authModes as AuthMode[],
      scopes,
      ...(slots && { slots }),
      ...(rateLimit && { rateLimit }),
    };
    const guard = gate.guard(route);
    for (const method of methods)
      app[method === 'POST' ? 'post' : 'get'](path.replace('*', '{*rest}'), guard, (request, response) => {
        response.set('x-caller', request.gatehouse?.id).end(request.gatehouse?.id);
      });
  }
  const server = await serve(createServer(app));
  return {
    lacks,
    ask: ({ method, path }, headers) => askApp(server.url, method, path, headers),
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      await gate.close();
      await then();
    },
  };
}

/** Asks an app through a door that answers for it; HEAD has no body, so the app says it in a header as well. */
export async function askApp(
  url: string,
  method: string,
  path: string,
  headers: readonly (readonly [string, string])[],
): Promise<Verdict> {
  const answer = await send(url, method, path, headers);
  if (answer.status !== 200) return refusal(answer);
  return { allow: method === 'HEAD' ? 'head' : answer.text };
}

function refusal({ status, text }: { status: number; text: string }): Verdict {
  const { code } = JSON.parse(text) as { code: ErrorCode };
  if (ERRORS[code].status !== status) throw new Error(`${status} for ${code}`);
  return { code };
}

/** Headers as they stand, repeated ones too. */
function send(
  url: string,
  method: string,
  path: string,
  headers: readonly (readonly [string, string])[],
): Promise<{ status: number; headers: IncomingMessage['headers']; text: string }> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const raw = ['Host', 'app.test', ...headers.flat(), ...(method === 'POST' ? ['Content-Length', '0'] : [])];
    const sent = httpRequest({ hostname, port, method, path, headers: raw, agent: false }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, text }));
    });
    sent.on('error', reject);
    sent.end();
  });
}

async function serve(server: ReturnType<typeof createServer>): Promise<AsyncDisposable & { url: string }> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
    },
  };
}
