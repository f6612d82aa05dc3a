import { createHmac } from 'node:crypto';
import { equalDigests } from '../../kernel/digest.js';
import type { CredentialType, WebhookSignature } from '../credential-types/schema.js';
import type { FieldValues } from '../credential-types/template.js';

/** What a delivery proved to be. */
export type WebhookVerdict =
  | {
      readonly valid: true;
      /** The vendor's own id of the event: the same when it is sent again, so what handles it may skip it. */
      readonly eventId: string | null;
      /** Names this very delivery; see `ReplayMemory`. */
      readonly deliveryKey: string;
      /** Until when the same delivery would be accepted again. */
      readonly acceptableUntilMs: number;
    }
  | { readonly valid: false; readonly reason: WebhookFault; readonly detail: string };

export type WebhookFault = 'missing' | 'malformed' | 'too_old' | 'from_the_future' | 'wrong_signature';

/** A signature read off the headers, whatever its scheme. */
interface Claim {
  readonly timestampSeconds: number;
  /** What was signed. */
  readonly signed: readonly (string | Buffer)[];
  readonly signatures: readonly Buffer[];
  readonly eventId: string | null;
}

interface Fault {
  readonly reason: WebhookFault;
  readonly detail: string;
}

/**
 * Checks the signature of a delivery over its raw body.
 * @param fields - of an open credential: `signingSecret`, and `toleranceSeconds` for how far the vendor's clock may be
 *   off, in both directions; default: the type's, 300
 * @param rawHeaders - name, value, name, value …
 * @param rawBody - the bytes as they came: parsed and written again they would be others
 * @throws Error for a type without webhook signatures: a mistake of ours
 */
export function verifyWebhook(
  type: CredentialType,
  fields: FieldValues,
  rawHeaders: readonly string[],
  rawBody: Buffer,
  nowMs: number,
): WebhookVerdict {
  const rule = type.webhookSignature;
  if (rule === undefined) throw new Error(`${type.id} signs no webhooks`);
  const headers = readHeaders(rule, rawHeaders);
  if (headers instanceof Map === false) return fault(headers);
  const claim = rule.scheme === 'stripe-v1' ? readStripe(headers, rawBody) : readStandard(headers, rawBody);
  if ('reason' in claim) return fault(claim);
  const tolerance = Number(fields['toleranceSeconds'] ?? rule.toleranceSeconds);
  const ageSeconds = Math.floor(nowMs / 1000) - claim.timestampSeconds;
  // The signature first: what nobody signed deserves no word about the clock.
  const keys = keysOf(rule, String(fields['signingSecret'] ?? ''));
  const matches = keys.map((key) => hmac(key, claim.signed)).find((mac) => holds(claim.signatures, mac));
  if (matches === undefined)
    return fault({ reason: 'wrong_signature', detail: 'No signature fits the body and the secret.' });
  if (!(ageSeconds <= tolerance)) return fault({ reason: 'too_old', detail: `It was signed ${ageSeconds} s ago.` });
  if (!(ageSeconds >= -tolerance))
    return fault({ reason: 'from_the_future', detail: `It was signed ${-ageSeconds} s from now. Is a clock wrong?` });
  return {
    valid: true,
    eventId: claim.eventId,
    deliveryKey: matches.toString('base64url'),
    acceptableUntilMs: (claim.timestampSeconds + tolerance + 1) * 1000,
  };
}

function fault({ reason, detail }: Fault): WebhookVerdict {
  return { valid: false, reason, detail };
}

/** The headers that the scheme needs, by lower-case name, each there once. */
function readHeaders({ headers }: WebhookSignature, raw: readonly string[]): Map<string, string> | Fault {
  const found = new Map<string, string>();
  for (let index = 0; index + 1 < raw.length; index += 2) {
    const name = (raw[index] as string).toLowerCase();
    if (!headers.some((wanted) => wanted.toLowerCase() === name)) continue;
    if (found.has(name)) return { reason: 'malformed', detail: `${name} was sent twice.` };
    found.set(name, raw[index + 1] as string);
  }
  const missing = headers.find((name) => !found.has(name.toLowerCase()));
  return missing === undefined ? found : { reason: 'missing', detail: `The header ${missing} is missing.` };
}

/** `t=<seconds>,v1=<hex>[,v1=<hex>]`; entries of other schemes are not ours. Signed is `<t>.<body>`. */
function readStripe(headers: ReadonlyMap<string, string>, body: Buffer): Claim | Fault {
  const entries = (headers.get('stripe-signature') ?? '').split(',').map((entry) => entry.split(/=(.*)/s));
  const valuesOf = (wanted: string) => entries.flatMap(([name, value = '']) => (name === wanted ? [value] : []));
  const [seconds, second] = valuesOf('t');
  const signatures = valuesOf('v1').filter((value) => /^[0-9a-f]{64}$/.test(value));
  if (!isSeconds(seconds) || second !== undefined || signatures.length === 0)
    return { reason: 'malformed', detail: 'Stripe-Signature is not t=<seconds>,v1=<64 hex digits>.' };
  return {
    timestampSeconds: Number(seconds),
    signed: [`${seconds}.`, body],
    signatures: signatures.map((value) => Buffer.from(value, 'hex')),
    eventId: idIn(body),
  };
}

/** Standard Webhooks: `v1,<base64>` entries with blanks between. Signed is `<id>.<timestamp>.<body>`. */
function readStandard(headers: ReadonlyMap<string, string>, body: Buffer): Claim | Fault {
  const id = headers.get('webhook-id') ?? '';
  const seconds = headers.get('webhook-timestamp');
  const signatures = (headers.get('webhook-signature') ?? '').split(' ').flatMap((entry) => {
    const [version, value = ''] = entry.split(/,(.*)/s);
    return version === 'v1' && /^[A-Za-z0-9+/]{43}=$/.test(value) ? [Buffer.from(value, 'base64')] : [];
  });
  // With a dot in the id, what was signed could be cut in another place: another id and time for a shorter body.
  if (!/^[\x21-\x2d\x2f-\x7e]{1,256}$/.test(id) || !isSeconds(seconds) || signatures.length === 0)
    return {
      reason: 'malformed',
      detail: 'webhook-id, webhook-timestamp or webhook-signature is not as it should be.',
    };
  return { timestampSeconds: Number(seconds), signed: [`${id}.${seconds}.`, body], signatures, eventId: id };
}

function isSeconds(text: string | undefined): text is string {
  return text !== undefined && /^[1-9]\d{0,11}$/.test(text);
}

/** Keys that the secret may stand for. Vendors differ, and some changed their minds; any of them proves the sender. */
function keysOf({ scheme, keyDerivations }: WebhookSignature, secret: string): Buffer[] {
  const whole = Buffer.from(secret, 'utf8');
  if (scheme === 'stripe-v1') return strong([whole], 16);
  const ways = keyDerivations?.map(({ id }) => id) ?? ['standard'];
  return ways.flatMap((way) => (way === 'standard' ? strong(decodedKey(secret), 16) : strong([whole], 8)));
}

/** A key that is short or empty can be guessed, and with it every signature. */
function strong(keys: readonly Buffer[], leastBytes: number): Buffer[] {
  return keys.filter((key) => key.length >= leastBytes);
}

/** Strict: Node's decoder skips what it does not know, and a mangled secret would be another key. */
function decodedKey(secret: string): Buffer[] {
  const text = secret.replace(/^whsec_/, '').replace(/={1,2}$/, '');
  const key = Buffer.from(text, 'base64');
  return key.toString('base64').replaceAll('=', '') === text ? [key] : [];
}

function hmac(key: Buffer, parts: readonly (string | Buffer)[]): Buffer {
  const mac = createHmac('sha256', key);
  for (const part of parts) mac.update(part);
  return mac.digest();
}

/** Compares with all of them, so that the time tells nothing. */
function holds(signatures: readonly Buffer[], mac: Buffer): boolean {
  return signatures.map((signature) => equalDigests(signature, mac)).includes(true);
}

function idIn(body: Buffer): string | null {
  try {
    const { id } = JSON.parse(body.toString('utf8')) as { id?: unknown };
    return typeof id === 'string' && id !== '' && id.length <= 256 ? id : null;
  } catch {
    return null;
  }
}
