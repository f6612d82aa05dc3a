import { createPrivateKey, type KeyObject, sign } from 'node:crypto';
import type { Clock } from '../kernel/clock.js';
import { GatehouseError } from '../kernel/errors.js';
import { applies } from './credential-types/auth.js';
import type { CredentialType, Exchange } from './credential-types/schema.js';
import { type FieldValues, fill, hostOf, pathSegment } from './credential-types/template.js';
import type { EgressCall } from './egress-call.js';

/** A token that a vendor gave for what is sealed. In memory only. */
export interface ExchangedToken {
  readonly token: string;
  readonly endsAtMs: number;
}

/** `refused`: the vendor answered, and with no token. `unusable`: what is sealed cannot even be presented. */
export type ExchangeResult =
  | { readonly kind: 'token'; readonly token: ExchangedToken }
  | { readonly kind: 'refused'; readonly host: string; readonly status: number }
  | { readonly kind: 'unusable'; readonly reason: string };

/** A token is not used in its last minute: it has to live through the call it is sent with. */
const MARGIN_MS = 60_000;

/** The exchange that applies to these fields; `null`: none does. */
export function exchangeOf(type: CredentialType, values: FieldValues): Exchange | null {
  return type.exchange !== undefined && applies(type.exchange.when, values) ? type.exchange : null;
}

/** The host that gets the exchange. */
export function exchangeHost(exchange: Exchange, values: FieldValues): string {
  return hostOf(tokenUrl(exchange, values));
}

/**
 * Trades what is sealed for a token: a signed assertion (RFC 7523) or client credentials (RFC 6749 §4.4).
 * The address is the catalogue's own; `token_uri` inside a key file is never looked at.
 * @throws GatehouseError of the call itself
 */
export async function exchangeToken(
  exchange: Exchange,
  values: FieldValues,
  call: EgressCall,
  clock: Clock,
): Promise<ExchangeResult> {
  const url = tokenUrl(exchange, values);
  const body = bodyOf(exchange, values, clock.nowMs());
  if (body === null) return { kind: 'unusable', reason: 'the private key in the key file cannot be read' };
  const headers: [string, string][] = [
    ['content-type', exchange.contentType],
    ['accept', 'application/json'],
  ];
  const { status, text } = await call({ method: exchange.method, url, headers, body });
  const found = status === 200 ? tokenIn(text, exchange) : null;
  if (found === null) return { kind: 'refused', host: hostOf(url), status };
  const lifeMs = Math.min(found.expiresInSeconds, exchange.cacheSeconds) * 1000 - MARGIN_MS;
  return { kind: 'token', token: { token: found.token, endsAtMs: clock.nowMs() + Math.max(0, lifeMs) } };
}

function tokenUrl(exchange: Exchange, values: FieldValues): string {
  const url = fill(exchange.tokenUrl, values, pathSegment);
  if (url === null)
    throw new GatehouseError('BAD_REQUEST', 'The fields of the credential make no address for a token.');
  return url;
}

function bodyOf(exchange: Exchange, values: FieldValues, nowMs: number): string | null {
  if (exchange.type === 'client_credentials') {
    const params = Object.entries(exchange.params).map(([name, template]) => [name, fill(template, values) ?? '']);
    return JSON.stringify({ grant_type: exchange.grantType, ...Object.fromEntries(params) });
  }
  const key = readKey(fill('{serviceAccountJson.private_key}', values));
  if (key === null) return null;
  const nowSeconds = Math.floor(nowMs / 1000);
  const input = [exchange.header, exchange.claims].map((part) => encode(filled(part, values, nowSeconds))).join('.');
  const assertion = `${input}.${sign('RSA-SHA256', Buffer.from(input), key).toString('base64url')}`;
  return new URLSearchParams({ grant_type: exchange.grantType, [exchange.assertionParam]: assertion }).toString();
}

/** Templates filled; `now` and `now+3600` as times; what comes out empty is left out. */
function filled(
  part: Readonly<Record<string, string>>,
  values: FieldValues,
  nowSeconds: number,
): Record<string, unknown> {
  const entries = Object.entries(part).flatMap(([name, template]): [string, unknown][] => {
    const time = /^now(?:\+(\d+))?$/.exec(template);
    if (time !== null) return [[name, nowSeconds + Number(time[1] ?? 0)]];
    const text = fill(template, values);
    return text === null || text === '' ? [] : [[name, text]];
  });
  return Object.fromEntries(entries);
}

function encode(part: unknown): string {
  return Buffer.from(JSON.stringify(part)).toString('base64url');
}

function readKey(pem: string | null): KeyObject | null {
  try {
    const key = pem === null ? null : createPrivateKey(pem);
    return key?.asymmetricKeyType === 'rsa' ? key : null;
  } catch {
    return null;
  }
}

function tokenIn(text: string, { response }: Exchange): { token: string; expiresInSeconds: number } | null {
  let answer: unknown;
  try {
    answer = JSON.parse(text);
  } catch {
    return null;
  }
  if (typeof answer !== 'object' || answer === null) return null;
  const { [response.token]: token, [response.expiresIn]: expiresIn } = answer as Record<string, unknown>;
  // What goes into a header has to be able to.
  if (typeof token !== 'string' || !/^[\x21-\x7e]{1,8192}$/.test(token)) return null;
  return { token, expiresInSeconds: typeof expiresIn === 'number' && expiresIn > 0 ? expiresIn : 3600 };
}
