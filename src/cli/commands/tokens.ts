import type { Command } from 'commander';
import type { JWTPayload } from 'jose';
import { ERRORS, type ErrorCode } from '../../contract/codes.js';
import { Problem } from '../../contract/problem.js';
import { AccessToken, type Jwks, MAX_TTL_SECONDS } from '../../contract/tokens.js';
import type { Context } from '../context.js';
import { parseDuration } from '../durations.js';
import { CommandError, EXIT, exitCodeOf } from '../exit-codes.js';
import { localUrl } from '../local-url.js';
import { oneLine } from '../terminal.js';
import { parseList, readToken } from './key-options.js';

const TIMEOUT_MS = 10_000;

export function tokenCommands(program: Command, context: () => Context): void {
  const token = program.command('token').description('short JWTs that stand for a key');
  token
    .command('mint')
    .description('trade a key on standard input for a JWT of at most 15 minutes')
    .option('--token-file <file>', 'read the key from a file')
    .option('--ttl <time>', 'how long it lives: up to 15m', '15m')
    .option('--scopes <list>', 'what it may do (default: all that the key may)', parseList)
    .option('--audience <name>', 'whom it is for, when that is not Gatehouse')
    .option('--url <url>', 'a Gatehouse elsewhere (default: the one on this machine)')
    .action(
      async (options: { tokenFile?: string; ttl: string; scopes?: string[]; audience?: string; url?: string }) => {
        const { terminal } = context();
        const ttlSeconds = parseDuration(options.ttl, '--ttl');
        if (ttlSeconds < 1 || ttlSeconds > MAX_TTL_SECONDS)
          throw new CommandError(EXIT.usage, `--ttl ${options.ttl}: from 1s to 15m.`);
        const key = await readToken(options, terminal);
        const { scopes, audience } = options;
        const body = {
          ttlSeconds,
          ...(scopes === undefined ? {} : { scopes }),
          ...(audience === undefined ? {} : { audience }),
        };
        const minted = await trade(options.url ?? localUrl(context().config()), key, body);
        terminal.result(minted, () => minted.access_token, minted.access_token);
        terminal.say(`Good for ${minted.expires_in} s, with ${minted.scope || 'no scopes'}.`);
      },
    );
  token
    .command('inspect')
    .description('show what a JWT on standard input says, and whether we signed it; exit 7 when it is not good now')
    .option('--token-file <file>', 'read the JWT from a file')
    .action((options: { tokenFile?: string }) =>
      context().withApi(async (api) => {
        const { terminal } = context();
        const jwt = await readToken(options, terminal);
        const seen = await inspect(jwt, (await api.call('jwks')).keys);
        terminal.result(seen, () => describe(seen), seen.state);
        if (seen.state !== 'good') throw new CommandError(EXIT.checkFailed, '');
      }),
    );
}

/** Over TCP and not through the command socket: there everybody is the owner of the files, and no key is looked at. */
async function trade(url: string, key: string, body: object): Promise<AccessToken> {
  const answer = await fetch(`${url.replace(/\/$/, '')}/api/auth/token`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-api-key': key },
    body: JSON.stringify(body),
    redirect: 'error',
    signal: AbortSignal.timeout(TIMEOUT_MS),
  }).catch(() => {
    throw new CommandError(EXIT.unreachable, `${url} does not answer. Is the server running?`);
  });
  const json: unknown = await answer.json().catch(() => null);
  const minted = AccessToken.safeParse(json);
  if (minted.success) return minted.data;
  const problem = Problem.safeParse(json);
  if (!problem.success)
    throw new CommandError(EXIT.failed, `${url} answered ${answer.status} in a form this version does not know.`);
  const { code, error, detail } = problem.data;
  throw new CommandError(code in ERRORS ? exitCodeOf(code as ErrorCode) : EXIT.failed, `${error}: ${detail}`);
}

interface Inspected {
  /** `over`: signed by us, past its end or before its beginning. `foreign`: not signed by a key we publish. */
  readonly state: 'good' | 'over' | 'foreign';
  readonly claims: JWTPayload;
}

async function inspect(jwt: string, keys: Jwks['keys']): Promise<Inspected> {
  // Loaded here: no other command needs it.
  const { createLocalJWKSet, decodeJwt, errors, jwtVerify } = await import('jose');
  let claims: JWTPayload;
  try {
    claims = decodeJwt(jwt);
  } catch {
    throw new CommandError(EXIT.usage, 'That is no JWT. Pipe one in, or use --token-file.');
  }
  const state = await jwtVerify(jwt, createLocalJWKSet({ keys }), { algorithms: ['ES256'] }).then(
    () => 'good' as const,
    (error: unknown) => {
      const isOver =
        error instanceof errors.JWTExpired ||
        (error instanceof errors.JWTClaimValidationFailed && error.claim === 'nbf');
      return isOver ? ('over' as const) : ('foreign' as const);
    },
  );
  return { state, claims };
}

const STATES = {
  good: 'signed by this instance, good now',
  over: 'signed by this instance, but not good at this time',
  foreign: 'NOT signed by a key of this instance',
} as const;

function describe({ state, claims }: Inspected): string {
  const rows = Object.entries(claims).map(
    ([name, value]) => [name, typeof value === 'string' ? value : JSON.stringify(value)] as const,
  );
  const width = Math.max(5, ...rows.map(([name]) => name.length));
  return [['state', STATES[state]] as const, ...rows]
    .map(([name, value]) => `${oneLine(name).padEnd(width)}  ${oneLine(value)}`)
    .join('\n');
}
