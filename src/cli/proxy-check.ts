import { createServer, request as httpRequest, type Server } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { SystemCheck } from '../contract/system.js';
import type { Api } from './api.js';
import { CommandError, EXIT } from './exit-codes.js';

const TIMEOUT_MS = 10_000;
const BURST = 4;
/** Documentation addresses (RFC 5737): nobody calls from there. */
const FORGED_ADDRESS = '203.0.113.77';
const SPELLINGS = [
  'X-Gatehouse-Subject',
  'x-gatehouse-scopes',
  'X_Gatehouse_Subject',
  'X-Gatehouse_Subject',
  'X.Gatehouse.Subject',
];

export interface ProxyCheckOptions {
  /** Where callers reach the app, through the proxy. */
  readonly url: string;
  /** Given to the key, since the route may ask for some. */
  readonly scopes: readonly string[];
  /** Stand in for the app on this port, to see what reaches it; `null`: the app at the URL tells, or nobody does. */
  readonly echoPort: number | null;
}

interface Seen {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

/**
 * Calls an app through its proxy as strangers do, with what they forge, and says what came of it. It makes a key for
 * that, good for ten minutes and a few requests, and ends it again.
 * @throws CommandError when the proxy cannot be reached
 */
export async function checkProxy(api: Api, { url, scopes, echoPort }: ProxyCheckOptions): Promise<SystemCheck[]> {
  const canary = `forged-${Math.random().toString(36).slice(2)}`;
  const forged: Record<string, string> = Object.fromEntries(SPELLINGS.map((name) => [name, canary]));
  const expiresAt = new Date(Date.now() + 600_000).toISOString();
  const made = await api.call('createKey', {
    body: {
      name: 'doctor',
      scopes,
      expiresAt,
      rateLimit: { requests: BURST + 2, windowSeconds: 600 },
      note: 'made by doctor --proxy',
    },
  });
  const { key, token } = made;
  const echo = echoPort === null ? null : await listenAsApp(echoPort);
  try {
    const without = await send(url, {});
    const wrong = await send(url, { 'x-api-key': 'gate_sdk_test_not_a_key' });
    const allowed = await send(url, {
      ...forged,
      'x-api-key': token,
      'X-Forwarded-For': FORGED_ADDRESS,
      'X-Real-IP': FORGED_ADDRESS,
      Forwarded: `for=${FORGED_ADDRESS};note=${canary}`,
    });
    const lastUsedIp = (await api.call('showKey', { params: { id: key.id } })).key.lastUsedIp;
    const moved = await send(url, {
      'X-Original-URL': 'http://other.example/',
      'X-Forwarded-Uri': '/',
      'X-Forwarded-Method': 'OPTIONS',
    });
    const burst: Seen[] = [];
    for (let time = 0; time < BURST + 3; time += 1) burst.push(await send(url, { 'x-api-key': token }));
    return [
      refused('no key', without, 401),
      refused('a bad key', wrong, 401),
      challenge(without),
      passes(allowed, lastUsedIp, scopes),
      address(lastUsedIp),
      spelling(allowed, canary, key.id),
      credential(allowed, token, key.id),
      refused('forged facts of the request', moved, 401),
      limit(burst),
    ];
  } finally {
    await api.call('revokeKey', { params: { id: key.id }, body: { reason: 'the check is over' } });
    echo?.close();
    echo?.closeAllConnections();
  }
}

const pass = (name: string, words: string): SystemCheck => ({ name, state: 'pass', words });
const fail = (name: string, words: string): SystemCheck => ({ name, state: 'fail', words });
const unseen = (name: string): SystemCheck => ({
  name,
  state: 'warn',
  words:
    'Not seen: the app does not show what reaches it. Let the proxy lead to this machine for a moment and add --echo PORT.',
});

function refused(name: string, { status, headers }: Seen, wanted: number): SystemCheck {
  if (status === wanted) return pass(name, `is refused with ${wanted}.`);
  if (status >= 300 && status < 400)
    return fail(name, `is redirected to ${String(headers['location'])}; ${wanted} was to be expected.`);
  if (status < 300)
    return fail(
      name,
      `PASSES with ${status}: the proxy does not ask Gatehouse about this address, or the route is public.`,
    );
  const why =
    status === 403 ? ' Is the proxy in TRUST_PROXY?' : status >= 500 ? ' Does the proxy reach Gatehouse?' : '';
  return fail(name, `is answered ${status}; ${wanted} was to be expected.${why}`);
}

function challenge({ headers }: Seen): SystemCheck {
  const name = 'WWW-Authenticate';
  return String(headers['www-authenticate'] ?? '').startsWith('Bearer')
    ? pass(name, 'arrives with the 401.')
    : fail(name, 'does not arrive with the 401: the proxy takes it away.');
}

function passes({ status }: Seen, lastUsedIp: string | null, scopes: readonly string[]): SystemCheck {
  const name = 'a good key';
  if (lastUsedIp === null) return fail(name, `never reached Gatehouse (${status}): does the proxy pass x-api-key on?`);
  if (status === 401 || status === 403 || status === 429)
    return fail(
      name,
      `is refused with ${status}. Does the route ask for more than ${scopes.join(' ') || 'no scopes'}? Add --scopes.`,
    );
  return pass(name, `passes (the app answers ${status}).`);
}

function address(lastUsedIp: string | null): SystemCheck {
  const name = 'forged X-Forwarded-For, X-Real-IP, Forwarded';
  if (lastUsedIp === null) return fail(name, 'could not be told: no key reached Gatehouse.');
  return lastUsedIp === FORGED_ADDRESS
    ? fail(
        name,
        `The caller chose its own address: Gatehouse saw ${lastUsedIp}. Let the proxy set X-Forwarded-For itself.`,
      )
    : pass(name, `mean nothing: Gatehouse saw ${lastUsedIp}.`);
}

function spelling({ body }: Seen, canary: string, keyId: string): SystemCheck {
  const name = 'forged X-Gatehouse-Subject, in five spellings';
  if (body.includes(canary)) return fail(name, 'A forged header reached the app. Compare the proxy with docs/deploy.');
  return body.includes(keyId) ? pass(name, 'did not reach the app; the real one did.') : unseen(name);
}

function credential({ body }: Seen, token: string, keyId: string): SystemCheck {
  const name = 'the key itself';
  if (body.includes(token))
    return fail(name, 'The app sees the key. Let the proxy take x-api-key and Authorization away.');
  return body.includes(keyId) ? pass(name, 'stays with the proxy.') : unseen(name);
}

function limit(burst: readonly Seen[]): SystemCheck {
  const name = 'a burst';
  const limited = burst.find(({ status }) => status === 429);
  if (limited !== undefined)
    return limited.headers['retry-after'] === undefined
      ? fail(name, 'is refused with 429, but Retry-After does not arrive.')
      : pass(name, 'is refused with 429 and Retry-After.');
  const statuses = [...new Set(burst.map(({ status }) => status))].join(', ');
  if (burst.some(({ status }) => status === 500 || status === 403))
    return fail(name, `is answered ${statuses}: the proxy makes something else of 429.`);
  return { name, state: 'warn', words: `is answered ${statuses}: has the route a limit of its own that is wider?` };
}

function send(url: string, headers: Readonly<Record<string, string>>): Promise<Seen> {
  const request = url.startsWith('https:') ? httpsRequest : httpRequest;
  return new Promise((resolve, reject) => {
    const unreachable = (why: string) => reject(new CommandError(EXIT.unreachable, `${url} does not answer (${why}).`));
    const sent = request(url, { headers, agent: false, timeout: TIMEOUT_MS }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (chunk: string) => {
        if (body.length < 1_000_000) body += chunk;
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body }));
      response.on('error', (error) => unreachable(error.message));
    });
    sent.on('timeout', () => sent.destroy(new Error('no answer in time')));
    sent.on('error', (error: NodeJS.ErrnoException) => unreachable(error.code ?? error.message));
    sent.end();
  });
}

/** Stands in for the app: answers with what reached it. */
function listenAsApp(port: number): Promise<Server> {
  const server = createServer((request, response) => {
    request.resume();
    response.end(request.rawHeaders.join('\n'));
  });
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      reject(new CommandError(EXIT.usage, `--echo ${port}: this port cannot be listened on (${error.code}).`)),
    );
    server.listen(port, () => resolve(server));
  });
}
